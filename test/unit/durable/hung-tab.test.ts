import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { memoryStore, type NewPacket, type OpenStore } from "../../../src/durable/index.js";
import { type Got, never, Session, settle } from "./harness.js";

/** Web Locks as far as they are used, of one name. */
class FakeLocks {
  private _rob: (() => void) | undefined;
  private readonly _waiting: (() => void)[] = [];

  request(_name: string, options: LockOptions, hold: (lock: unknown) => unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const grant = (): void => {
        const free = (): void => {
          if (this._rob !== rob) return;
          this._rob = undefined;
          this._waiting.shift()?.();
        };
        const rob = (): void => reject(new DOMException("stolen", "AbortError"));
        this._rob = rob;
        void Promise.resolve(hold({})).then(resolve).then(free);
      };
      if (options.steal) {
        this._rob?.();
        grant();
      } else if (!this._rob) grant();
      else if (options.ifAvailable) resolve(hold(null));
      else {
        this._waiting.push(grant);
        options.signal?.addEventListener("abort", () => {
          const at = this._waiting.indexOf(grant);
          if (at < 0) return;
          this._waiting.splice(at, 1);
          reject(new DOMException("aborted", "AbortError"));
        });
      }
    });
  }
}

/** The tab that opens channels now; those that hang hear nothing. */
let tab = "";
const hung = new Set<string>();
const channels = new Set<FakeChannel>();
class FakeChannel {
  onmessage: ((event: { data: unknown }) => void) | null = null;
  readonly tab = tab;
  constructor(readonly name: string) {
    channels.add(this);
  }
  postMessage(data: unknown): void {
    for (const other of channels)
      if (other !== this && other.name === this.name && !hung.has(other.tab))
        queueMicrotask(() => other.onmessage?.({ data }));
  }
  close(): void {
    channels.delete(this);
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("navigator", { locks: new FakeLocks() });
  vi.stubGlobal("BroadcastChannel", FakeChannel);
  hung.clear();
  channels.clear();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const numbers = (got: readonly Got[]): unknown[] => got.map(({ args }) => args[1]);

/** Two tabs over one store: the first has its turn. */
async function tabs(): Promise<[Session, Session]> {
  const store = memoryStore();
  tab = "one";
  const one = await new Session({ store }).open();
  tab = "two";
  const two = await new Session({ store }).open();
  return [one, two];
}

describe("A tab that hangs while it is its turn", () => {
  it("loses the turn: what another one stores goes out there (DUR-27)", async () => {
    const [one, two] = await tabs();
    await one.socket.durable.emit("n", 1);
    expect(numbers(one.got())).toEqual([1]);
    hung.add("one");
    expect(await two.socket.durable.emit("n", 2)).toBe(2);
    expect(two.got()).toEqual([]);
    await vi.advanceTimersByTimeAsync(12_000);
    await settle();
    const sent = two.got();
    expect(numbers(sent)).toEqual([1, 2]);
    for (const got of sent) await two.ack(got);
    // it runs again, and sends nothing of what another one sends
    hung.clear();
    expect(await one.socket.durable.emit("n", 3)).toBe(3);
    await settle();
    expect(one.got()).toEqual([]);
    expect(numbers(two.got())).toEqual([3]);
    // and it goes on when the other one is gone
    await two.die();
    await one.answer();
    expect(numbers(one.got())).toEqual([3]);
  });

  it("loses the turn though the other one stores nothing (DUR-58)", async () => {
    const [one, two] = await tabs();
    await vi.advanceTimersByTimeAsync(60_000);
    await one.socket.durable.emit("n", 1);
    hung.add("one");
    await vi.advanceTimersByTimeAsync(40_000);
    await settle();
    expect(numbers(two.got())).toEqual([1]);
  });

  it("keeps the turn while it answers (DUR-57)", async () => {
    const [one, two] = await tabs();
    for (let n = 0; n < 20; n++) {
      await two.socket.durable.emit("n", n);
      await vi.advanceTimersByTimeAsync(7000);
      for (const got of one.got()) await one.ack(got);
    }
    expect(two.got()).toEqual([]);
    expect(await two.socket.durable.list()).toEqual([]);
  });
});

describe("Tabs over one store", () => {
  it("each hear what became of a packet, while they are connected (DUR-66)", async () => {
    const [one, two] = await tabs();
    const id = await two.socket.durable.emit("n", 1);
    await settle();
    await one.ack(one.got()[0] as Got, "ok");
    await vi.advanceTimersByTimeAsync(50);
    await settle();
    for (const { settled } of [one, two])
      expect(settled).toEqual([expect.objectContaining({ id, status: "delivered", args: [1] })]);
  });

  it("take turns when the connection of the one that sends is lost (DUR-67)", async () => {
    const [one, two] = await tabs();
    await one.socket.durable.emit("n", 1);
    expect(numbers(one.got())).toEqual([1]);
    expect(two.got()).toEqual([]);
    await one.die();
    await two.answer();
    expect(numbers(two.got())).toEqual([1]);
    await one.open();
    expect(one.got()).toEqual([]);
  });

  it("send what others have stored with their next connect, where there is no BroadcastChannel (DUR-68)", async () => {
    vi.stubGlobal("BroadcastChannel", undefined);
    const [one, two] = await tabs();
    await two.socket.durable.emit("n", 1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([one.got(), two.got()]).toEqual([[], []]);
    await two.die();
    await one.die();
    await one.open();
    expect(numbers(one.got())).toEqual([1]);
  });
});

describe("A tab that dies in the moment in which it has stored something", () => {
  /** It keeps packets, and the tab does not live to hear that. */
  const mute =
    (memory: OpenStore, before = Promise.resolve()): OpenStore =>
    (scope) => {
      const store = memory(scope);
      const add = (packets: readonly NewPacket[]) =>
        before.then(() => store.add(packets)).then<never>(never);
      return { ...store, add };
    };

  it("has it sent by the tab whose turn it is: as it is left (DUR-59)", async () => {
    const memory = memoryStore();
    tab = "one";
    const one = await new Session({ store: memory }).open();
    tab = "two";
    let write = (): void => {};
    const written = new Promise<void>((resolve) => (write = resolve));
    const two = new Session({ store: mute(memory, written) });
    void two.socket.durable.emit("n", 1);
    await settle();
    // it is written while the other tab has been told already, and nobody says that it is
    write();
    await settle();
    expect(one.got()).toEqual([]);
    await vi.advanceTimersByTimeAsync(300);
    await settle();
    expect(numbers(one.got())).toEqual([1]);
  });

  it("has it sent by the tab whose turn it is: when it is back (DUR-59)", async () => {
    const memory = memoryStore();
    tab = "one";
    const one = await new Session({ store: memory }).open();
    tab = "two";
    let write = (): void => {};
    const written = new Promise<void>((resolve) => (write = resolve));
    const two = await new Session({ store: mute(memory, written) }).open();
    void two.socket.durable.emit("n", 1);
    await settle();
    await two.die();
    write();
    await settle();
    expect(one.got()).toEqual([]);
    await new Session({ store: memory }).open();
    expect(numbers(one.got())).toEqual([1]);
  });
});
