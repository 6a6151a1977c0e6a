import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { atLeastOnce, drained, flush } from "../../../src/delivery/index.js";
import { TautlineError } from "../../../src/errors.js";
import { hostTimers } from "../../../src/platform/browser.js";
import { waitFor } from "../../../src/reading/waiting.js";
import { connectedSocket, lineSocket, outcome, standing } from "../../support/line-socket.js";

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

describe("waitFor()", () => {
  it("ends once what it began, whoever settled it", async () => {
    const abort = new AbortController();
    const ends = [vi.fn(), vi.fn(), vi.fn(), vi.fn()];
    const settled = [
      waitFor(hostTimers(), {}, (settle) => (settle(undefined, 1 as never), ends[0] as () => void)),
      waitFor(hostTimers(), { timeout: 50 }, () => ends[1] as () => void),
      waitFor(hostTimers(), { signal: abort.signal }, () => ends[2] as () => void),
      waitFor(hostTimers(), { signal: AbortSignal.abort() }, () => ends[3] as () => void),
    ].map(outcome);
    vi.advanceTimersByTime(50);
    abort.abort();
    expect(await Promise.all(settled)).toEqual([["ok", 1], "ack-timeout", "aborted", "aborted"]);
    expect(ends.map((end) => end.mock.calls.length)).toEqual([1, 1, 1, 0]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("flush()", () => {
  it("rejects when what was sent before it is lost with the connection (DLV-22)", async () => {
    const { line, socket } = connectedSocket();
    socket.emit("sent");
    line.free = false;
    socket.emit("waiting");
    const flushed = outcome(flush(socket));
    line.lose();
    line.free = true;
    line.open().accept();
    expect(await flushed).toBe("disconnected maybe-sent");
  });

  it("survives a lost connection with at-least-once (DLV-23)", async () => {
    const { line, socket } = connectedSocket({ delivery: atLeastOnce() });
    socket.emit("a");
    const flushed = outcome(flush(socket));
    line.lose().open().accept();
    expect(await standing(flushed)).toBe("pending");
    line.answer();
    expect(await flushed).toEqual(["ok", undefined]);
  });

  it("settles when its signal, its timeout or the app says so (DLV-24)", async () => {
    const { line, socket } = connectedSocket();
    line.free = false;
    socket.emit("waits");
    const abort = new AbortController();
    const flushes = [
      flush(socket, { signal: abort.signal }),
      flush(socket, { timeout: 50 }),
      flush(socket, { signal: AbortSignal.abort() }),
    ].map(outcome);
    abort.abort();
    vi.advanceTimersByTime(50);
    line.lose();
    flushes.push(outcome(flush(socket)));
    socket.disconnect();
    expect(await Promise.all(flushes)).toEqual([
      "aborted",
      "ack-timeout",
      "aborted",
      "disconnected",
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("takes null for no options", async () => {
    const { socket } = connectedSocket();
    socket.disconnect();
    expect(await outcome(flush(socket, null as never))).toBe("disconnected");
    expect(await outcome(drained(socket, null as never))).toEqual(["ok", undefined]);
  });

  it("resolves when the server has received what was emitted before, not what came after (DLV-21)", async () => {
    const { line, socket } = connectedSocket();
    socket.emit("a");
    const flushed = flush(socket);
    socket.emit("b");
    expect(line.told()).toEqual(['2["a"]', "probe", '2["b"]']);
    line.answer();
    await expect(flushed).resolves.toBeUndefined();
  });

  it("stands in the order of what waits", async () => {
    const { line, socket } = lineSocket();
    socket.emit("a");
    const flushed = outcome(flush(socket));
    socket.emit("b").connect();
    line.open().accept();
    expect(line.told()).toEqual(["0", '2["a"]', "probe", '2["b"]']);
    line.answer();
    expect(await flushed).toEqual(["ok", undefined]);
  });

  it("outlives a connection that was lost before its turn, when nothing was sent before it", async () => {
    const { line, socket } = connectedSocket({ delivery: atLeastOnce() });
    line.free = false;
    socket.emit("a");
    const flushed = outcome(flush(socket));
    line.lose();
    line.free = true;
    line.open().accept().answer();
    expect(await flushed).toEqual(["ok", undefined]);
  });

  it("makes disconnect() certain (LEA-13)", async () => {
    const { line, socket } = connectedSocket();
    socket.emit("a");
    const flushed = flush(socket, { timeout: 5000 });
    line.answer();
    await flushed;
    socket.disconnect();
    line.answer();
    expect(line.told().at(-1)).toBe("1");
  });

  it("fails with the word of the connection that gave up", async () => {
    const { line, socket } = lineSocket();
    socket.connect();
    const error = new TautlineError("unreachable", "x");
    const failed = flush(socket).catch((one: unknown) => one);
    line.fail(error, true);
    expect(await failed).toMatchObject({ code: "disconnected", cause: error });
  });
});

describe("drained()", () => {
  it("resolves at once when little waits (VOL-9)", async () => {
    const { socket } = connectedSocket();
    await expect(drained(socket)).resolves.toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("takes less than 64 KiB for little (VOL-7)", async () => {
    const { line, socket } = connectedSocket();
    line.bufferedAmount = 64 * 1024;
    const waiting = drained(socket);
    await vi.advanceTimersByTimeAsync(1000);
    expect(await standing(waiting)).toBe("pending");
    line.bufferedAmount--;
    await vi.advanceTimersByTimeAsync(20);
    await expect(waiting).resolves.toBeUndefined();
  });

  it("takes fewer than 0 bytes for none", async () => {
    const { socket } = connectedSocket();
    await expect(drained(socket, { below: 0 })).resolves.toBeUndefined();
  });

  it.each([{ below: -1 }, { below: NaN }, { signal: {} }, { timeout: -1 }])(
    "refuses %j",
    async (options) => {
      const { socket } = connectedSocket();
      await expect(drained(socket, options as object)).rejects.toMatchObject({
        code: "invalid-option",
      });
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  it("looks again and again until fewer bytes wait, here and in the connection (VOL-7)", async () => {
    const { line, socket } = connectedSocket();
    line.bufferedAmount = 100;
    const [waiting, small] = [drained(socket, { below: 50 }), drained(socket, { below: 101 })];
    await small;
    await vi.advanceTimersByTimeAsync(1000);
    expect(await standing(waiting)).toBe("pending");
    line.bufferedAmount = 49;
    await vi.advanceTimersByTimeAsync(20);
    await waiting;
    expect(vi.getTimerCount()).toBe(0);
  });

  it("settles with its timeout, its signal, and with the socket (VOL-8)", async () => {
    const { line, socket } = connectedSocket();
    line.bufferedAmount = 1e6;
    const abort = new AbortController();
    const settled = [
      drained(socket, { timeout: 50 }),
      drained(socket, { signal: abort.signal }),
      drained(socket),
    ].map(outcome);
    abort.abort();
    vi.advanceTimersByTime(60);
    socket.disconnect();
    expect(await Promise.all(settled)).toEqual(["ack-timeout", "aborted", "disconnected"]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
