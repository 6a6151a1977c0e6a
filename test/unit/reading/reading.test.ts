import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { events, next } from "../../../src/reading/index.js";
import { connectedSocket, outcome, standing } from "../../support/line-socket.js";

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

describe("events()", () => {
  it("is found by loops that Babel has compiled, where there is no Symbol.asyncIterator", () => {
    const { socket } = connectedSocket();
    const reader = events(socket, "n");
    expect(reader["@@asyncIterator"]()).toBe(reader);
  });

  it("gives the events of its name, in order, those too that came before it was asked (RDG-1)", async () => {
    const { line, socket } = connectedSocket();
    const reader = events(socket, "n");
    line.say('2["n",1]').say('2["other"]').say('2["n",2,"x"]');
    expect(await reader.next()).toEqual({ value: [1], done: false });
    expect(await reader.next()).toEqual({ value: [2, "x"], done: false });
    const third = reader.next();
    line.say('2["n",3]');
    expect(await third).toEqual({ value: [3], done: false });
  });

  it("is a loop that ends when the socket is disconnected, after what has come (RDG-2)", async () => {
    const { line, socket } = connectedSocket();
    const reader = events(socket, "n");
    line.say('2["n",1]').say('2["n",2]');
    socket.disconnect();
    const read: unknown[] = [];
    for await (const [value] of reader) read.push(value);
    expect([read, socket.hasListeners("n")]).toEqual([[1, 2], false]);
  });

  it.each([{ limit: -1 }, { limit: NaN }, { limit: "x" }, { overflow: "reject" }, { signal: 5 }])(
    "refuses %j, and listens to nothing (RDG-7)",
    (options) => {
      const { socket } = connectedSocket();
      expect(() => events(socket, "n", options as object)).toThrow(/takes/);
      expect(socket.hasListeners("n")).toBe(false);
    },
  );

  it("stops listening when the loop is left (RDG-3)", async () => {
    const { line, socket } = connectedSocket();
    const reader = events(socket, "n");
    line.say('2["n",1]').say('2["n",2]');
    for await (const [value] of reader) {
      expect(value).toBe(1);
      break;
    }
    expect(socket.hasListeners("n")).toBe(false);
    expect(await reader.next()).toEqual({ value: undefined, done: true });
  });

  it("ends with an error once when its signal says so (RDG-4)", async () => {
    const { socket } = connectedSocket();
    const abort = new AbortController();
    const reader = events(socket, "n", { signal: abort.signal });
    const waiting = outcome(reader.next());
    abort.abort();
    expect(await waiting).toBe("aborted");
    expect(await reader.next()).toEqual({ value: undefined, done: true });
    const late = events(socket, "n", { signal: abort.signal });
    expect(await outcome(late.next())).toBe("aborted");
    expect(socket.hasListeners("n")).toBe(false);
  });

  it.each([
    ["error", [1, 2], "overflow"],
    ["drop-oldest", [2, 3], "pending"],
    ["drop-newest", [1, 2], "pending"],
  ] as const)("keeps no more than its limit: %s (RDG-5)", async (overflow, kept, then) => {
    const { line, socket } = connectedSocket();
    const reader = events(socket, "n", { limit: 2, overflow });
    for (let i = 1; i < 4; i++) line.say(`2["n",${i}]`);
    const read = [await reader.next(), await reader.next()].map(
      ({ value }) => (value as [number])[0],
    );
    expect([read, await standing(reader.next())]).toEqual([kept, then]);
  });

  it("goes on after a lost connection (RDG-6)", async () => {
    const { line, socket } = connectedSocket();
    const waiting = events(socket, "n").next();
    line.lose().open().accept().say('2["n",1]');
    expect(await waiting).toEqual({ value: [1], done: false });
  });
});

describe("next()", () => {
  it("resolves with the arguments of the next event, and listens no more (RDG-8)", async () => {
    const { line, socket } = connectedSocket();
    const waiting = next(socket, "n");
    line.say('2["n",1,2]').say('2["n",3]');
    expect(await waiting).toEqual([1, 2]);
    expect(socket.hasListeners("n")).toBe(false);
  });

  it("leaves nothing behind when it is given up (RDG-9)", async () => {
    const { socket } = connectedSocket();
    const abort = new AbortController();
    const settled = [
      next(socket, "n", { timeout: 50 }),
      next(socket, "n", { signal: abort.signal }),
      next(socket, "n"),
    ].map(outcome);
    vi.advanceTimersByTime(50);
    abort.abort();
    socket.disconnect();
    expect(await Promise.all(settled)).toEqual(["ack-timeout", "aborted", "disconnected"]);
    expect([socket.hasListeners("n"), vi.getTimerCount()]).toEqual([false, 0]);
  });
});
