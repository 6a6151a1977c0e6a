import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { atLeastOnce, exactlyOnce, flush } from "../../../src/delivery/index.js";
import { connectedSocket, events, lineSocket, outcome, told } from "../../support/line-socket.js";

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

describe("Retries", () => {
  it("send one packet at a time, in order, each with an id (RTY-1)", () => {
    const { line, socket } = connectedSocket({ retries: 1 });
    const done = vi.fn();
    socket.emit("a", done).emit("b");
    expect(line.told()).toEqual(['20["a"]']);
    line.say("30[1,2]");
    expect(done.mock.calls).toEqual([[null, 1, 2]]);
    expect(line.told()).toEqual(['21["b"]']);
    line.say("31[]").say("31[]");
    expect([line.told(), socket.sendBuffer, vi.getTimerCount()]).toEqual([[], [], 0]);
  });

  it("use one ack id for all tries: whichever answer comes counts (RTY-2)", () => {
    const { line, socket } = connectedSocket({ retries: 2, ackTimeout: 50 });
    const done = vi.fn();
    socket.emit("a", done).emit("b");
    vi.advanceTimersByTime(50);
    line.say('30["to the first"]').say('30["to the second"]');
    expect(line.told()).toEqual(['20["a"]', '20["a"]', '21["b"]']);
    expect(done.mock.calls).toEqual([[null, "to the first"]]);
  });

  it("try as often as they were told to, then say why and go on (RTY-3)", () => {
    const { line, socket } = connectedSocket({ retries: 2, ackTimeout: 50 });
    const done = vi.fn();
    socket.emit("a", done).emit("b");
    vi.advanceTimersByTime(149);
    expect(done).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(line.told()).toEqual(['20["a"]', '20["a"]', '20["a"]', '21["b"]']);
    expect(told(done.mock.calls.flat())).toEqual(["ack-timeout maybe-sent"]);
    expect(line.drops).toEqual([]);
  });

  it("try each packet as often, whatever the one before took (RTY-3)", () => {
    const { line, socket } = connectedSocket({ retries: 2, ackTimeout: 50 });
    for (const name of ["a", "b"]) socket.emit(name);
    vi.advanceTimersByTime(300);
    expect(line.told()).toEqual([...Array(3).fill('20["a"]'), ...Array(3).fill('21["b"]')]);
    expect(line.drops).toEqual([
      ["ack-timeout", "a"],
      ["ack-timeout", "b"],
    ]);
  });

  it("wait for ever with a timeout of Infinity", () => {
    const { line, socket } = connectedSocket({ retries: 1 });
    socket.timeout(Infinity).emit("a", () => {});
    expect([vi.getTimerCount(), line.told()]).toEqual([0, ['20["a"]']]);
  });

  it("work beside at-least-once", () => {
    const { line, socket } = connectedSocket({ retries: 1, delivery: atLeastOnce() });
    socket.emit("a").emit("b");
    line.lose();
    line.told();
    line.open().accept().say("30[]");
    expect(line.told()).toEqual(["0", '20["a"]', '21["b"]']);
  });

  it("tell the manager of a packet whose connections were all lost (RTY-8)", () => {
    const { line, socket } = connectedSocket({ retries: 1 });
    socket.emit("a", 1);
    line.lose().open().accept();
    line.lose();
    expect(line.drops).toEqual([["disconnected", "a", 1]]);
  });

  it("tell the manager of a packet without an ack that they gave up (RTY-4)", () => {
    const { line, socket } = connectedSocket({ retries: 1, ackTimeout: 50 });
    socket.emit("a", 1);
    vi.advanceTimersByTime(100);
    expect(line.drops).toEqual([["ack-timeout", "a", 1]]);
    expect([vi.getTimerCount(), line.probes]).toEqual([0, []]);
  });

  it("take the timeout of the packet before that of the socket (RTY-5)", () => {
    const { line, socket } = connectedSocket({ retries: 1, ackTimeout: 50 });
    socket.timeout(200).emit("a", () => {});
    vi.advanceTimersByTime(199);
    expect(line.told()).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(line.told()).toHaveLength(1);
  });

  it("without a timeout wait for as long as the connection lasts (RTY-6)", () => {
    const { line, socket } = connectedSocket({ retries: 1 });
    socket.emit("a");
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(3_600_000);
    expect(line.told()).toEqual(['20["a"]']);
  });

  it("wait for a connection", () => {
    const { line, socket } = lineSocket({ retries: 1 });
    socket.emit("a").emit("b");
    socket.connect();
    line.open();
    expect(line.told()).toEqual(["0"]);
    line.accept();
    expect(line.told()).toEqual(['20["a"]']);
  });

  it("send the head again on a new connection, once, and nothing behind it (RTY-7)", () => {
    const { line, socket } = connectedSocket({ retries: 5 });
    socket.emit("a").emit("b");
    line.lose();
    expect(socket.sendBuffer.map(({ data }) => data)).toEqual([["a"], ["b"]]);
    line.told();
    line.open().accept();
    expect(line.told()).toEqual(["0", '20["a"]']);
    line.say("30[]");
    expect(line.told()).toEqual(['21["b"]']);
  });

  it("count a connection that was lost as a try that failed (RTY-8)", () => {
    const { line, socket } = connectedSocket({ retries: 1 });
    const done = vi.fn();
    socket.emit("a", done);
    line.lose().open().accept();
    line.lose();
    expect(told(done.mock.calls.flat())).toEqual(["disconnected maybe-sent"]);
    line.told();
    line.open().accept();
    expect(line.told()).toEqual(["0"]);
  });

  it("don't send again what was answered while it waited for a busy line", () => {
    const { line, socket } = connectedSocket({ retries: 5, ackTimeout: 50 });
    const done = vi.fn();
    socket.emit("a", done);
    line.free = false;
    vi.advanceTimersByTime(50);
    line.say('30["late"]').drain();
    expect(done.mock.calls).toEqual([[null, "late"]]);
    expect([line.told(), socket.sendBuffer]).toEqual([['20["a"]'], []]);
  });

  it("go on after a packet that was aborted under way", async () => {
    const { line, socket } = connectedSocket({ retries: Infinity });
    const abort = new AbortController();
    const removed = vi.spyOn(abort.signal, "removeEventListener");
    const view = socket.signal(abort.signal);
    const asked = [view.emitWithAck("a"), view.emitWithAck("b")].map(outcome);
    view.emit("c");
    socket.emit("d");
    abort.abort();
    expect(await Promise.all(asked)).toEqual(["aborted maybe-sent", "aborted not-sent"]);
    expect(line.told()).toEqual(['20["a"]', '23["d"]']);
    expect(removed.mock.calls.length).toBeGreaterThanOrEqual(3);
  });

  it("leave a signal alone once the packet is answered", () => {
    const { line, socket } = connectedSocket({ retries: 3 });
    const { signal } = new AbortController();
    const removed = vi.spyOn(signal, "removeEventListener");
    socket.signal(signal).emit("a");
    expect(removed).not.toHaveBeenCalled();
    line.say("30[]");
    expect(removed).toHaveBeenCalled();
  });

  it("take back what is aborted while there is no connection (RTY-9)", async () => {
    const { line, socket } = connectedSocket({ retries: 3 });
    const abort = new AbortController();
    const asked = outcome(socket.signal(abort.signal).emitWithAck("a"));
    line.lose();
    abort.abort();
    expect(await asked).toBe("aborted maybe-sent");
    line.told();
    line.open().accept();
    expect(line.told()).toEqual(["0"]);
  });

  it("let volatile packets pass by (RTY-10)", () => {
    const { line, socket } = connectedSocket({ retries: 1, ackTimeout: 50 });
    socket.emit("a");
    socket.volatile.emit("b");
    expect(line.told()).toEqual(['20["a"]', '2["b"]']);
  });

  it("leave nothing pending when the socket is disconnected", () => {
    const { line, socket } = connectedSocket({ retries: 1, ackTimeout: 50 });
    const [a, b] = [vi.fn(), vi.fn()];
    socket.emit("a", a).emit("b", b).emit("c");
    socket.disconnect();
    expect([a, b].map((done) => told(done.mock.calls.flat()))).toEqual([
      ["disconnected maybe-sent"],
      ["disconnected not-sent"],
    ]);
    line.answer();
    expect([line.told(), vi.getTimerCount()]).toEqual([['20["a"]', "probe", "1"], 0]);
    // one packet waits for the ack of the one before: the rest stays for the next connection
    expect(socket.sendBuffer.map(({ data }) => data)).toEqual([["c"]]);
  });

  it("live within the bounds of the one buffer (RTY-11)", () => {
    const { line, socket } = connectedSocket({
      retries: 1,
      buffer: { maxPackets: 2, overflow: "drop-oldest" },
    });
    for (const name of ["a", "b", "c", "d"]) socket.emit(name);
    socket.ttl(100).key("k").emit("e");
    expect(line.drops).toEqual([
      ["overflow", "b"],
      ["overflow", "c"],
    ]);
    expect(socket.sendBuffer.map(({ data }) => data)).toEqual([["d"], ["e"]]);
    expect(socket.bufferedAmount).toBe('23["d"]24["e"]'.length);
    vi.advanceTimersByTime(100);
    expect(line.drops.at(-1)).toEqual(["expired", "e"]);
  });

  it("are flushed when the server has the last of them (RTY-12)", async () => {
    const { line, socket } = connectedSocket({ retries: 1 });
    const flushed = vi.fn();
    for (const name of ["a", "b", "c"]) socket.emit(name);
    void flush(socket).then(flushed);
    for (let id = 0; id < 2; id++) {
      expect(line.probes).toEqual([]);
      line.say(`3${id}[]`);
    }
    line.answer();
    await vi.advanceTimersByTimeAsync(0);
    expect(flushed).toHaveBeenCalledOnce();
    expect(line.told()).toEqual(['20["a"]', '21["b"]', '22["c"]', "probe"]);
  });

  it("with exactly-once give a packet one number, however often it is tried (RTY-13)", () => {
    const { line, socket } = connectedSocket({
      retries: 3,
      ackTimeout: 50,
      delivery: exactlyOnce(),
    });
    line.say("30[true]");
    socket.emit("a", () => {});
    vi.advanceTimersByTime(50);
    line.lose().open().accept().say("32[true]");
    const sent = events(line.told()).filter((frame) => frame.includes('"a"'));
    expect(sent).toHaveLength(3);
    expect(new Set(sent).size).toBe(1);
    expect(sent[0]).toMatch(/^21\["a",\{"\$tautline":\["\w+",1\]\}\]$/);
  });
});
