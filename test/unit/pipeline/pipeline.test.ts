import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { flush } from "../../../src/delivery/index.js";
import { elapse } from "../../support/clock.js";
import { connectedSocket, events, lineSocket, outcome, told } from "../../support/line-socket.js";

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

describe("Pipeline > emit", () => {
  it.each([
    ["connect"],
    ["connect_error"],
    ["disconnect"],
    ["disconnecting"],
    ["newListener"],
    ["removeListener"],
  ])("refuses the reserved name %s (EMT-3)", (name) => {
    const { socket } = lineSocket();
    expect(() => socket.emit(name)).toThrow(
      expect.objectContaining({
        code: "reserved-event",
        message: `"${name}" is a reserved event name`,
      }),
    );
  });

  it("copies its arguments when it is called (EMT-1)", () => {
    const { line, socket } = lineSocket();
    const value = { state: "then" };
    const bytes = Uint8Array.of(1);
    socket.emit("a", value, bytes);
    value.state = "now";
    bytes[0] = 9;
    socket.connect();
    line.open().accept();
    const [, [head, attachment]] = line.told() as [string, [string, Uint8Array]];
    expect(head).toBe('51-["a",{"state":"then"},{"_placeholder":true,"num":0}]');
    expect([...attachment]).toEqual([1]);
  });

  it("throws where it is called for what can't be sent, and goes on (EMT-6)", () => {
    const { line, socket } = connectedSocket();
    const circle: unknown[] = [];
    circle.push(circle);
    expect(() => socket.emit("a", circle)).toThrow(
      expect.objectContaining({ code: "unserializable" }),
    );
    expect(() => socket.emit("a", 1n)).toThrow(expect.objectContaining({ code: "unserializable" }));
    const many = Array.from({ length: 11 }, () => new ArrayBuffer(1));
    expect(() => socket.emit("a", many)).toThrow(
      expect.objectContaining({ code: "too-many-attachments" }),
    );
    socket.emit("b");
    expect(line.told()).toEqual(['2["b"]']);
  });

  it("keeps the order when the line was busy (EMT-11)", () => {
    const { line, socket } = connectedSocket();
    line.free = false;
    socket.emit("a").emit("b");
    line.free = true;
    socket.emit("c");
    expect(line.told()).toEqual([]);
    line.drain();
    expect(line.told()).toEqual(['2["a"]', '2["b"]', '2["c"]']);
  });

  it("keeps what waits across a lost connection (EMT-12)", () => {
    const { line, socket } = connectedSocket();
    line.free = false;
    socket.emit("a");
    line.lose();
    line.free = true;
    line.open().accept();
    expect(line.told()).toEqual(["0", '2["a"]']);
  });

  it("sends large backlogs in slices, in order (EMT-11)", () => {
    const { line, socket } = lineSocket();
    for (let i = 0; i < 1000; i++) socket.emit("a", i);
    socket.connect();
    line.transmit = (encoded) => {
      elapse(1);
      return !!line.sent.push(encoded);
    };
    line.open().accept();
    expect(line.sent.length).toBeLessThan(200);
    socket.emit("last");
    vi.runAllTimers();
    expect(line.told()).toEqual([
      "0",
      ...Array.from({ length: 1000 }, (_, i) => `2["a",${i}]`),
      '2["last"]',
    ]);
  });

  it("refuses what is no name, where it is called (EMT-4)", () => {
    const { line, socket } = connectedSocket();
    for (const name of [undefined, null, {}, true])
      expect(() => socket.emit(name as never)).toThrow(
        expect.objectContaining({ code: "invalid-event" }),
      );
    expect(() => (socket.emit as unknown as () => void).call(socket)).toThrow(
      expect.objectContaining({ code: "invalid-event" }),
    );
    expect(line.told()).toEqual([]);
  });

  it("refuses what is above the limit of the server, at once where that is known (EMT-7)", async () => {
    const { line, socket } = connectedSocket();
    line.maxPayload = 50;
    expect(() => socket.emit("a", "x".repeat(50))).toThrow(
      expect.objectContaining({ code: "too-large", delivery: "not-sent" }),
    );
    expect(await outcome(socket.emitWithAck("a", new ArrayBuffer(51)))).toBe("too-large not-sent");
    socket.emit("b", "x".repeat(20));
    expect(line.told()).toHaveLength(1);
  });

  it("drops what turns out to be above the limit when it could be sent, and goes on (EMT-8)", async () => {
    const { line, socket } = lineSocket();
    socket.emit("a", "x".repeat(50));
    const asked = outcome(socket.emitWithAck("b", "x".repeat(50)));
    socket.emit("c");
    line.maxPayload = 50;
    socket.connect();
    line.open().accept();
    expect(line.told()).toEqual(["0", '2["c"]']);
    expect(line.drops).toEqual([["too-large", "a", "x".repeat(50)]]);
    expect(await asked).toBe("too-large not-sent");
  });

  it("shows what goes out to onAnyOutgoing (EMT-14)", () => {
    const { socket } = connectedSocket();
    const heard = vi.fn();
    socket.onAnyOutgoing(heard);
    expect(socket.listenersAnyOutgoing()).toEqual([heard]);
    socket.emit("a", 1, () => {});
    socket.offAnyOutgoing(heard).emit("b");
    expect(heard.mock.calls).toEqual([["a", 1]]);
  });

  it("shows to onAnyOutgoing what waited before it was added, when it is sent (EMT-15)", () => {
    const { line, socket } = lineSocket();
    const heard = vi.fn();
    socket.emit("a", 1);
    socket.onAnyOutgoing(heard).connect();
    expect(heard).not.toHaveBeenCalled();
    line.open().accept();
    expect(heard.mock.calls).toEqual([["a", 1]]);
  });

  it("sends `message` for send() (EMT-10)", () => {
    const { line, socket } = connectedSocket();
    socket.send("x", 1);
    expect(line.told()).toEqual(['2["message","x",1]']);
  });
});

describe("Pipeline > acks", () => {
  it("count from 0, also for packets that wait", () => {
    const { line, socket } = lineSocket();
    socket.emit("a", () => {});
    socket.connect();
    line.open().accept();
    socket.emit("b", () => {});
    expect(line.told()).toEqual(["0", '20["a"]', '21["b"]']);
  });

  it("hand the answer to the callback", () => {
    const { line, socket } = connectedSocket();
    const [plain, timed] = [vi.fn(), vi.fn()];
    socket.emit("a", plain);
    socket.timeout(50).emit("b", timed);
    line.say('31["two"]').say('30["one",1]').say('30["again"]').say("399[]");
    expect([plain.mock.calls, timed.mock.calls]).toEqual([[["one", 1]], [[null, "two"]]]);
  });

  it("resolve emitWithAck with the first argument of the answer (ACK-3)", async () => {
    const { line, socket } = connectedSocket();
    const asked = socket.emitWithAck("a", 1);
    line.say('30["answer","more"]');
    await expect(asked).resolves.toBe("answer");
  });

  it("fail when the time is over, and take a waiting packet back (ACK-5)", () => {
    const { line, socket } = lineSocket();
    const [waiting, sent] = [vi.fn(), vi.fn()];
    socket.timeout(50).emit("waiting", waiting);
    vi.advanceTimersByTime(50);
    expect(told(waiting.mock.calls.flat())).toEqual(["ack-timeout not-sent"]);
    expect(socket.sendBuffer).toEqual([]);
    socket.connect();
    line.open().accept();
    socket.timeout(50).emit("sent", sent);
    vi.advanceTimersByTime(50);
    expect(told(sent.mock.calls.flat())).toEqual(["ack-timeout maybe-sent"]);
    expect(waiting).toHaveBeenCalledOnce();
  });

  it("all fail after ackTimeout (ACK-8)", () => {
    const { socket } = connectedSocket({ ackTimeout: 30 });
    const done = vi.fn();
    socket.emit("a", done);
    vi.advanceTimersByTime(30);
    expect(told(done.mock.calls.flat())).toEqual(["ack-timeout maybe-sent"]);
  });

  it("settle when the socket is disconnected, each promise with what can be known (LEA-11)", async () => {
    const { line, socket } = connectedSocket();
    const sent = socket.emitWithAck("sent");
    line.free = false;
    const waiting = socket.emitWithAck("waiting");
    socket.disconnect();
    const later = socket.emitWithAck("later");
    expect(await Promise.all([sent, waiting, later].map(outcome))).toEqual([
      "disconnected maybe-sent",
      // it is still sent, before the farewell
      "disconnected maybe-sent",
      "disconnected not-sent",
    ]);
    expect(events(line.drain().told())).toEqual(['20["sent"]', '21["waiting"]']);
  });

  it("of packets that were sent fail when the connection is lost; the others go on waiting (ACK-11)", async () => {
    const { line, socket } = connectedSocket();
    const sent = vi.fn();
    const plain = vi.fn();
    socket.timeout(1000).emit("sent", sent);
    socket.emit("plain", plain);
    line.free = false;
    const waiting = socket.emitWithAck("waiting");
    line.lose();
    expect(told(sent.mock.calls.flat())).toEqual(["disconnected maybe-sent"]);
    line.free = true;
    line.open().accept().say('32["late but there"]').say('31["for nobody"]');
    expect(await waiting).toBe("late but there");
    expect(plain).not.toHaveBeenCalled();
  });

  it("are given up when the signal says so (ACK-12)", async () => {
    const { line, socket } = connectedSocket();
    const [early, waiting, sent] = [1, 2, 3].map(() => new AbortController());
    early?.abort();
    const first = socket.signal(early!.signal).emitWithAck("early");
    const second = socket.signal(sent!.signal).emitWithAck("sent");
    line.free = false;
    const third = socket.signal(waiting!.signal).emitWithAck("waiting");
    sent?.abort();
    waiting?.abort();
    expect(await Promise.all([first, second, third].map(outcome))).toEqual([
      "aborted not-sent",
      "aborted maybe-sent",
      "aborted not-sent",
    ]);
    line.drain();
    expect(line.told()).toEqual(['21["sent"]']);
  });
});

describe("Pipeline > volatile", () => {
  it("drops what can't leave now (VOL-1)", async () => {
    const { line, socket } = lineSocket();
    socket.volatile.emit("a");
    expect(socket.sendBuffer).toEqual([]);
    expect(await outcome(socket.volatile.emitWithAck("b"))).toBe("overflow not-sent");
    socket.connect();
    line.open().accept();
    line.bufferedAmount = 1e6;
    socket.volatile.emit("c");
    line.bufferedAmount = 0;
    socket.volatile.emit("d");
    expect(line.told()).toEqual(["0", '2["d"]']);
  });

  it("drops what would wait behind 64 KiB, and nothing sooner (VOL-4)", () => {
    const { line, socket } = connectedSocket();
    line.bufferedAmount = 64 * 1024;
    socket.volatile.emit("a");
    line.bufferedAmount--;
    socket.volatile.emit("b");
    expect(line.told()).toEqual(['2["b"]']);
  });
});

describe("Pipeline > its buffer", () => {
  it("refuses a packet too many (BUF-1)", async () => {
    const { socket } = lineSocket({ buffer: { maxPackets: 1 } });
    socket.emit("a");
    expect(() => socket.emit("b")).toThrow(expect.objectContaining({ code: "overflow" }));
    expect(await outcome(socket.emitWithAck("c"))).toBe("overflow not-sent");
    expect(socket.sendBuffer.map(({ data }) => data)).toEqual([["a"]]);
  });

  it("counts bytes (BUF-2)", () => {
    const { socket } = lineSocket({ buffer: { maxBytes: 20 } });
    socket.emit("a", "12345");
    expect(() => socket.emit("b", "123456789")).toThrow(
      expect.objectContaining({ code: "overflow" }),
    );
  });

  it("drops the oldest when it is told to, and says so (BUF-4)", () => {
    const { line, socket } = lineSocket({ buffer: { maxPackets: 2, overflow: "drop-oldest" } });
    for (const name of ["a", "b", "c"]) socket.emit(name, 1);
    expect(line.drops).toEqual([["overflow", "a", 1]]);
    expect(socket.sendBuffer.map(({ data }) => data)).toEqual([
      ["b", 1],
      ["c", 1],
    ]);
  });

  it("drops the newest when it is told to (BUF-5)", () => {
    const { line, socket } = lineSocket({ buffer: { maxPackets: 1, overflow: "drop-newest" } });
    socket.emit("a").emit("b");
    expect([line.drops, socket.sendBuffer.length]).toEqual([[["overflow", "b"]], 1]);
  });

  it("tells of an eviction to the ack and to the manager (BUF-6)", async () => {
    const { line, socket } = lineSocket({ buffer: { maxPackets: 1, overflow: "drop-oldest" } });
    const asked = outcome(socket.emitWithAck("a"));
    socket.emit("b");
    expect(await asked).toBe("overflow not-sent");
    expect(line.drops).toEqual([["overflow", "a"]]);
  });

  it("drops what has waited for too long (BUF-8)", async () => {
    const { line, socket } = lineSocket({ buffer: { ttl: 100 } });
    socket.emit("a", 1);
    socket.ttl(200).emit("b");
    const asked = outcome(socket.emitWithAck("c"));
    vi.advanceTimersByTime(100);
    expect(line.drops).toEqual([
      ["expired", "a", 1],
      ["expired", "c"],
    ]);
    expect(await asked).toBe("expired not-sent");
    vi.advanceTimersByTime(100);
    expect(line.drops).toHaveLength(3);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("does not send what has expired while its timer was frozen (BUF-9)", () => {
    const { line, socket } = lineSocket();
    socket.ttl(100).emit("a");
    socket.connect();
    elapse(1000);
    line.open().accept();
    expect([line.told(), line.drops]).toEqual([["0"], [["expired", "a"]]]);
  });

  it("does not drop the place of a flush, nor counts it", async () => {
    const { line, socket } = lineSocket({ buffer: { maxPackets: 1, overflow: "drop-oldest" } });
    const flushed = outcome(flush(socket));
    socket.emit("a").emit("b");
    expect(socket.sendBuffer.map(({ data }) => data)).toEqual([["b"]]);
    socket.connect();
    line.open().accept().answer();
    expect(await flushed).toEqual(["ok", undefined]);
  });

  it("drops nothing for a packet that can never fit (BUF-7)", () => {
    const { line, socket } = lineSocket({ buffer: { maxBytes: 20, overflow: "drop-oldest" } });
    socket.emit("a").emit("b", "x".repeat(30));
    expect(line.drops).toEqual([["overflow", "b", "x".repeat(30)]]);
    expect(socket.sendBuffer.map(({ data }) => data)).toEqual([["a"]]);
  });

  it("takes bounds that are undefined for the usual ones", () => {
    const { socket } = lineSocket({ buffer: { maxPackets: undefined as never, maxBytes: 8 } });
    socket.emit("a");
    expect(() => socket.emit("b")).toThrow(expect.objectContaining({ code: "overflow" }));
  });

  it("is emptied by the app, wholly or in part, and fails the acks (BUF-15)", async () => {
    const { line, socket } = lineSocket();
    const [a, b] = ["a", "b"].map((name) => outcome(socket.emitWithAck(name)));
    socket.emit("c");
    expect(socket.clearBuffer(({ data }) => (data as unknown[])[0] === "a")).toBe(1);
    expect(await a).toBe("evicted not-sent");
    expect(socket.clearBuffer()).toBe(2);
    expect([await b, socket.sendBuffer, socket.bufferedAmount]).toEqual([
      "evicted not-sent",
      [],
      0,
    ]);
    expect(line.drops).toEqual([]);
  });

  it("is read as it was emitted, binary data too (BUF-13)", () => {
    const { socket } = lineSocket();
    socket.emit("a", { bytes: Uint8Array.of(1, 2) });
    const [packet] = socket.sendBuffer;
    expect(packet?.nsp).toBe("/");
    const [name, value] = packet?.data as [string, { bytes: Uint8Array }];
    expect([name, [...new Uint8Array(value.bytes)]]).toEqual(["a", [1, 2]]);
  });

  it("keeps the newest of a key (BUF-11)", async () => {
    const { socket } = lineSocket();
    const older = outcome(socket.key("cursor").emitWithAck("move", 1));
    socket.emit("other");
    socket.key("cursor").emit("move", 2);
    expect(await older).toBe("evicted not-sent");
    expect(socket.sendBuffer.map(({ data }) => data)).toEqual([["other"], ["move", 2]]);
  });
});
