/**
 * Several tabs in one process: Web Locks and BroadcastChannels as browsers have them, for tabs that can be closed, crash,
 * freeze and be hidden. To extend: an event of the page is `fire()`; a new kind of death is a method of {@link FakeTab}.
 *
 * Differences from a browser: what is posted arrives in a task of its own (`setImmediate`, or `defer`), in the order in which it was posted.
 */
import type { TabHost } from "../../src/platform/tabs.js";
import type { TabLocks, TabPort } from "../../src/platform/platform.js";

type Mode = "exclusive" | "shared";

interface Request {
  tab: FakeTab;
  name: string;
  mode: Mode;
  granted: () => unknown;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

export type Defer = (task: () => void) => void;

/** The browser: what its tabs share. */
export class FakeBrowser {
  readonly tabs: FakeTab[] = [];
  readonly ports = new Map<string, Set<FakePort>>();
  readonly defer: Defer;
  #held: Request[] = [];
  #queue: Request[] = [];

  /** Runs a task as one of this tab. */
  readonly enter: (tab: FakeTab, task: () => void) => void;

  constructor(
    defer: Defer = (task) => void setImmediate(task),
    enter: FakeBrowser["enter"] = (_tab, task) => task(),
  ) {
    this.defer = defer;
    this.enter = enter;
  }

  /** A tab asks for a lock, or about locks: on a way of its own, as in a browser. */
  ask(_tab: FakeTab, arrive: () => void): void {
    arrive();
  }

  /** A message is on its way. */
  post(arrive: () => void): void {
    this.defer(arrive);
  }

  open(): FakeTab {
    const tab = new FakeTab(this);
    this.tabs.push(tab);
    return tab;
  }

  /** Names of the locks that are held, with the tabs that hold them. */
  get held(): { name: string; tab: FakeTab }[] {
    return this.#held;
  }

  /** How many requests wait. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** A fault: an exclusive lock may be held by two. */
  isGenerous = false;
  /** A fault: the locks of a tab that is gone are held for ever. */
  isForgetful = false;

  /** Channels that are open. */
  get channels(): number {
    return [...this.ports.values()].reduce((sum, { size }) => sum + size, 0);
  }

  request(
    tab: FakeTab,
    name: string,
    { mode = "exclusive", steal, signal }: Parameters<TabLocks["request"]>[1],
    granted: () => unknown,
  ): Promise<unknown> {
    // its timers still run here
    if (tab.isDead) return new Promise(() => {});
    if (tab.lockError) return Promise.reject(tab.lockError);
    if (steal && signal) return Promise.reject(new DOMException("", "NotSupportedError"));
    if (signal?.aborted) return Promise.reject(signal.reason as Error);
    return new Promise((resolve, reject) => {
      const request: Request = { tab, name, mode, granted, resolve, reject };
      signal?.addEventListener("abort", () => {
        if (!this.#queue.includes(request)) return;
        this.#queue = this.#queue.filter((one) => one !== request);
        reject(signal.reason as Error);
        this.#process();
      });
      this.ask(tab, () => {
        if (tab.isDead) return;
        if (signal?.aborted) reject(signal.reason as Error);
        else this.#asked(request, !!steal);
      });
    });
  }

  #asked(request: Request, steal: boolean): void {
    if (steal) {
      const robbed = this.#held.filter(({ name }) => name === request.name);
      this.#held = this.#held.filter(({ name }) => name !== request.name);
      for (const one of robbed)
        this.#tell(one.tab, () => one.reject(new DOMException("stolen", "AbortError")));
      this.#queue.unshift(request);
    } else this.#queue.push(request);
    this.#process();
  }

  /** All locks of a tab are free. */
  release(tab: FakeTab): void {
    this.#held = this.#held.filter((one) => one.tab !== tab);
    this.#queue = this.#queue.filter((one) => one.tab !== tab);
    this.#process();
  }

  #process(): void {
    for (const request of [...this.#queue]) {
      const { name, mode, tab } = request;
      const rivals = this.isGenerous ? [] : this.#held.filter((one) => one.name === name);
      const earlier = this.#queue.slice(0, this.#queue.indexOf(request));
      if (
        earlier.some(
          (one) => one.name === name && (mode === "exclusive" || one.mode === "exclusive"),
        )
      )
        continue;
      if (rivals.length && (mode === "exclusive" || rivals.some((one) => one.mode === "exclusive")))
        continue;
      this.#queue = this.#queue.filter((one) => one !== request);
      this.#held.push(request);
      this.#tell(tab, () => {
        const done = (settle: () => void) => (): void => {
          if (!this.#held.includes(request)) return;
          this.#held = this.#held.filter((one) => one !== request);
          settle();
          this.#process();
        };
        void Promise.resolve()
          .then(request.granted)
          .then(
            (value) => done(() => request.resolve(value))(),
            (error) => done(() => request.reject(error))(),
          );
      });
    }
  }

  #tell(tab: FakeTab, task: () => void): void {
    this.defer(() => tab.run(task));
  }
}

class FakePort implements TabPort {
  onmessage: TabPort["onmessage"] = null;
  readonly #browser: FakeBrowser;
  readonly #tab: FakeTab;
  readonly #name: string;

  constructor(browser: FakeBrowser, tab: FakeTab, name: string) {
    this.#browser = browser;
    this.#tab = tab;
    this.#name = name;
    const ports = browser.ports.get(name) ?? new Set();
    browser.ports.set(name, ports.add(this));
  }

  postMessage(message: unknown): void {
    if (this.#tab.isDead) return;
    if (!this.#browser.ports.get(this.#name)?.has(this))
      throw new DOMException("the channel is closed", "InvalidStateError");
    const others = [...(this.#browser.ports.get(this.#name) ?? [])].filter((one) => one !== this);
    for (const other of others) {
      const data: unknown = structuredClone(message);
      this.#tab.sent++;
      this.#browser.post(() => other.#tab.run(() => other.onmessage?.({ data })));
    }
  }

  close(): void {
    this.onmessage = null;
    const ports = this.#browser.ports.get(this.#name);
    ports?.delete(this);
    if (!ports?.size) this.#browser.ports.delete(this.#name);
  }
}

/** One tab. */
export class FakeTab implements TabHost {
  isHidden = false;
  isDead = false;
  isFrozen = false;
  /** What asking for a lock fails with. */
  lockError: Error | undefined;
  /** Messages that it has posted to others, counted by receivers. */
  sent = 0;
  readonly #browser: FakeBrowser;
  readonly #listeners = new Set<{ type: string; listener: (event: { type: string }) => void }>();
  readonly #ports = new Set<TabPort>();
  /** What waits until it is thawed. */
  #waiting: (() => void)[] = [];

  constructor(browser: FakeBrowser) {
    this.#browser = browser;
  }

  readonly locks: TabLocks = {
    request: (name, options, granted) => this.#browser.request(this, name, options, granted),
    query: () =>
      new Promise((resolve) =>
        this.#browser.ask(this, () => {
          const held = this.#browser.held.map(({ name }) => ({ name }));
          this.#browser.defer(() => this.run(() => resolve({ held })));
        }),
      ),
  };

  channel(name: string): TabPort {
    const port = new FakePort(this.#browser, this, name);
    this.#ports.add(port);
    return port;
  }

  on(type: string, listener: (event: { type: string }) => void): () => void {
    const entry = { type, listener };
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  fire(type: string): void {
    for (const one of [...this.#listeners])
      if (one.type === type) this.run(() => one.listener({ type }));
  }

  show(isShown: boolean): void {
    this.isHidden = !isShown;
    this.fire("visibilitychange");
  }

  /** Runs a task of the tab: not when it is dead, later when it is frozen. */
  run(task: () => void): void {
    if (this.isDead) return;
    // what comes while it still works through what waited goes behind that
    if (this.isFrozen || this.#waiting.length) this.#waiting.push(task);
    else this.#browser.enter(this, task);
  }

  /** It is gone without a word. */
  crash(): void {
    this.isDead = true;
    for (const port of this.#ports) port.close();
    if (!this.#browser.isForgetful) this.#browser.release(this);
  }

  /** It does nothing any more, and keeps what it has. */
  freeze(): void {
    this.isFrozen = true;
  }

  thaw(): void {
    this.isFrozen = false;
    const next = (): void => {
      const [task] = this.#waiting;
      if (!task || this.isDead || this.isFrozen) return;
      try {
        this.#browser.enter(this, task);
      } finally {
        this.#waiting.shift();
        this.#browser.defer(next);
      }
    };
    this.#browser.defer(next);
  }
}
