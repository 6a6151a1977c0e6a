import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { memoryStore } from "../../../src/durable/index.js";
import { Session, settle, wrapped } from "./harness.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Three packets that are sent, over a store that says what is removed. */
async function sent() {
  const store = wrapped(memoryStore()("scope"), () => ({}));
  const session = await new Session({ store: () => store }).open();
  for (let n = 1; n < 4; n++) await session.socket.durable.emit("n", n);
  const [one, two, three] = session.got() as [never, never, never];
  const removed = (): unknown[] => vi.mocked(store.remove).mock.calls.map(([ids]) => ids);
  return { session, removed, one, two, three };
}

describe("What is acked", () => {
  it("is removed at once; what follows soon, together (DUR-37)", async () => {
    const { session, removed, one, two, three } = await sent();
    await session.ack(one);
    expect(removed()).toEqual([[1]]);
    await session.ack(two);
    await session.ack(three);
    expect(removed()).toEqual([[1]]);
    expect(await session.socket.durable.list()).toEqual([]);
    await vi.advanceTimersByTimeAsync(50);
    expect(removed()).toEqual([[1], [2, 3]]);
  });

  it("is removed before another tab may send, when the connection is lost (DUR-38)", async () => {
    const { session, removed, one, two, three } = await sent();
    for (const got of [one, two]) await session.ack(got);
    session.line.say(`3${(three as { id: number }).id}[]`);
    await session.die();
    expect(removed()).toEqual([[1], [2, 3]]);
    await session.open();
    await settle();
    expect(session.got()).toEqual([]);
  });

  it("is removed when the app has heard of it: if the page dies before, the next one tells (DUR-36)", async () => {
    const memory = memoryStore()("scope");
    const calls: (() => void)[] = [];
    const store = wrapped(memory, () => ({
      add: (packets) => new Promise((resolve) => calls.push(() => resolve(memory.add(packets)))),
    }));
    const session = await new Session({ store: () => store }).open();
    const one = session.socket.durable.emit("n", 1);
    await settle();
    const two = session.socket.durable.emit("n", 2);
    calls.shift()?.();
    await one;
    await settle();
    await session.ack(session.got()[0] as never);
    // the second one is being stored
    expect([session.settled, await memory.count()]).toEqual([[], 1]);
    calls.shift()?.();
    await two;
    expect(await memory.count()).toBe(2);
    await vi.advanceTimersByTimeAsync(0);
    expect(session.settled).toMatchObject([{ status: "delivered", args: [1] }]);
    await settle();
    expect(await memory.count()).toBe(1);
  });
});
