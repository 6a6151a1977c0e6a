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
  it("is removed at once; what follows soon, together", async () => {
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

  it("is removed before another tab may send, when the connection is lost", async () => {
    const { session, removed, one, two, three } = await sent();
    for (const got of [one, two]) await session.ack(got);
    session.line.say(`3${(three as { id: number }).id}[]`);
    await session.die();
    expect(removed()).toEqual([[1], [2, 3]]);
    await session.open();
    await settle();
    expect(session.got()).toEqual([]);
  });
});
