import { describe, expect, it, vi } from "vitest";
import { RetryQueue } from "../../../src/socket/retry-queue.js";

/** A queue whose tries a test answers by hand. */
function setUp(retries: number) {
  const tries: { name: unknown; answer: (...args: unknown[]) => void }[] = [];
  const state = { connected: true };
  const queue = new RetryQueue(
    retries,
    () => state.connected,
    ([name], _options, answer) => tries.push({ name, answer }),
  );
  const names = () => tries.map(({ name }) => name);
  return { queue, tries, names, state };
}

const failure = new Error("operation has timed out");

describe("RetryQueue", () => {
  it("sends one at a time, in order", () => {
    const { queue, tries, names } = setUp(1);
    const done = vi.fn();
    queue.add(["a"], {}, done);
    queue.add(["b"], {}, undefined);
    expect(names()).toEqual(["a"]);
    tries[0]?.answer(null, 1, 2);
    expect(done.mock.calls).toEqual([[null, 1, 2]]);
    expect(names()).toEqual(["a", "b"]);
  });

  it("tries again as often as it was told to, then says why and goes on", () => {
    const { queue, tries, names } = setUp(2);
    const done = vi.fn();
    queue.add(["a"], {}, done);
    queue.add(["b"], {}, undefined);
    for (let i = 0; i < 3; i++) tries[i]?.answer(failure);
    expect(names()).toEqual(["a", "a", "a", "b"]);
    expect(done.mock.calls).toEqual([[failure]]);
  });

  it("waits for a connection", () => {
    const { queue, names, state } = setUp(1);
    state.connected = false;
    queue.add(["a"], {}, undefined);
    expect(names()).toEqual([]);
    state.connected = true;
    queue.drain(true);
    expect(names()).toEqual(["a"]);
  });

  it("sends the head again on a new connection", () => {
    const { queue, names } = setUp(5);
    queue.add(["a"], {}, undefined);
    queue.drain(false);
    expect(names()).toEqual(["a"]);
    queue.drain(true);
    expect(names()).toEqual(["a", "a"]);
  });

  it("ignores a late answer to a packet that is done", () => {
    const { queue, tries, names } = setUp(5);
    const done = vi.fn();
    queue.add(["a"], {}, done);
    queue.add(["b"], {}, done);
    queue.drain(true);
    tries[1]?.answer(null, "second try");
    tries[0]?.answer(null, "first try");
    expect(done.mock.calls).toEqual([[null, "second try"]]);
    expect(names()).toEqual(["a", "a", "b"]);
  });

  it("tells of each packet whether it was tried when it is emptied", () => {
    const { queue } = setUp(1);
    const told: unknown[] = [];
    queue.add(["a"], {}, () => {});
    queue.add(["b"], {}, () => {});
    queue.add(["c"], {}, undefined);
    queue.clear((_done, tried) => told.push(tried));
    expect(told).toEqual([true, false]);
    queue.clear(() => told.push("again"));
    expect(told).toHaveLength(2);
  });
});
