/** Tabs of one app against a real server: each has an `io` of its own, and dies with its connections. */
import { onTestFinished } from "vitest";
import { createIo, type Io, type LookupOptions, type Socket } from "../../src/index.js";
import { defaults } from "../../src/defaults.js";
import { shared } from "../../src/shared/share.js";
import type { SharedHost } from "../../src/shared/worker-host.js";
import { host as global } from "../../src/platform/browser.js";
import type { WebSocketClass } from "../../src/platform/platform.js";
import { FakeBrowser, type FakeTab } from "./tabs.js";

/** A WebSocket of a tab: the host's, until the tab is dead or frozen. */
function socketOf(tab: FakeTab, opened: Set<{ terminate(): void }>): WebSocketClass {
  const Base = global.WebSocket as unknown as new (url: string) => any;
  return class {
    constructor(url: string) {
      if (tab.isDead) throw new Error("the tab is gone");
      const socket = new Base(url);
      const terminate = socket.terminate?.bind(socket) ?? (() => socket.close());
      opened.add({ terminate });
      return new Proxy(socket, {
        get: (target, name) => {
          const value: unknown = target[name];
          return typeof value === "function" ? value.bind(target) : value;
        },
        set: (target, name, value: unknown) => {
          target[name] =
            typeof value === "function" && String(name).startsWith("on")
              ? (event: unknown) => tab.run(() => (value as (event: unknown) => void)(event))
              : value;
          return true;
        },
      });
    }
  } as unknown as WebSocketClass;
}

export class AppTab {
  readonly io: Io = createIo(defaults);
  readonly tab: FakeTab;
  readonly sockets: Socket[] = [];
  readonly #lines = new Set<{ terminate(): void }>();

  constructor(browser: FakeBrowser) {
    this.tab = browser.open();
    onTestFinished(() => {
      for (const socket of this.sockets) {
        socket.disconnect();
        socket.io._close();
      }
      this.tab.crash();
      for (const line of this.#lines) line.terminate();
    });
  }

  connect(
    url: string,
    {
      key = "user",
      name,
      place = () => this.tab,
      ...options
    }: LookupOptions & { key?: string; name?: string; place?: SharedHost } = {},
  ): Socket {
    const socket = this.io(url, {
      reconnectionDelay: 50,
      reconnectionDelayMax: 200,
      transports: ["websocket"],
      transportOptions: { websocket: { WebSocket: socketOf(this.tab, this.#lines) } },
      share: shared({ key, host: place, ...(name && { parser: name }) }),
      ...options,
    });
    this.sockets.push(socket);
    return socket;
  }

  /** It is closed, or leads to another page. */
  close(): void {
    this.tab.fire("pagehide");
    this.crash();
  }

  /** The process of the tab is killed: the system closes its connections. */
  crash(): void {
    this.tab.crash();
    for (const line of this.#lines) line.terminate();
  }
}

export function openTabs(count: number, browser = new FakeBrowser()): AppTab[] {
  return Array.from({ length: count }, () => new AppTab(browser));
}
