import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { TautlineError } from "../../../src/errors.js";
import { Socket, type SocketOptions } from "../../../src/socket/socket.js";
import { FakeLink } from "../../support/fake-link.js";
import { elapse } from "../../support/clock.js";

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

function setUp(options: SocketOptions = {}) {
  const link = new FakeLink();
  const socket = new Socket(undefined, link, "/", options);
  return { link, socket };
}

function connected(options: SocketOptions = {}) {
  const made = setUp(options);
  made.socket.connect();
  made.link.open().accept();
  made.link.told();
  return made;
}

/** What an error-first ack was called with, or a promise settled with, in words. */
function outcome(settled: unknown[] | Promise<unknown>): unknown {
  const words = (error: unknown) =>
    error instanceof TautlineError ? `${error.code} ${error.delivery}` : error;
  if (Array.isArray(settled)) return settled.map(words);
  return settled.then((value) => ["ok", value], words);
}

describe("Socket > emit", () => {
  it.each([
    ["connect"],
    ["connect_error"],
    ["disconnect"],
    ["disconnecting"],
    ["newListener"],
    ["removeListener"],
  ])("refuses the reserved name %s", (name) => {
    const { socket } = setUp();
    expect(() => socket.emit(name)).toThrow(
      expect.objectContaining({
        code: "reserved-event",
        message: `"${name}" is a reserved event name`,
      }),
    );
  });

  it("copies its arguments when it is called", () => {
    const { link, socket } = setUp();
    const value = { state: "then" };
    const bytes = Uint8Array.of(1);
    socket.emit("a", value, bytes);
    value.state = "now";
    bytes[0] = 9;
    socket.connect();
    link.open().accept();
    const [, [head, attachment]] = link.told() as [string, [string, Uint8Array]];
    expect(head).toBe('51-["a",{"state":"then"},{"_placeholder":true,"num":0}]');
    expect([...attachment]).toEqual([1]);
  });

  it("throws where it is called for what can't be sent, and goes on", () => {
    const { link, socket } = connected();
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
    expect(link.told()).toEqual(['2["b"]']);
  });

  it("keeps the order when the line was busy", () => {
    const { link, socket } = connected();
    link.free = false;
    socket.emit("a").emit("b");
    link.free = true;
    socket.emit("c");
    expect(link.told()).toEqual([]);
    link.drain();
    expect(link.told()).toEqual(['2["a"]', '2["b"]', '2["c"]']);
  });

  it("keeps what waits across a lost connection", () => {
    const { link, socket } = connected();
    link.free = false;
    socket.emit("a");
    link.lose();
    link.free = true;
    link.open().accept();
    expect(link.told()).toEqual(["0", '2["a"]']);
  });

  it("sends large backlogs in slices, in order", () => {
    const { link, socket } = setUp();
    for (let i = 0; i < 1000; i++) socket.emit("a", i);
    socket.connect();
    link.deliver = (_member, encoded) => {
      elapse(1);
      return !!link.sent.push(encoded);
    };
    link.open().accept();
    expect(link.sent.length).toBeLessThan(200);
    socket.emit("last");
    vi.runAllTimers();
    expect(link.told()).toEqual([
      "0",
      ...Array.from({ length: 1000 }, (_, i) => `2["a",${i}]`),
      '2["last"]',
    ]);
  });

  it("shows what goes out to onAnyOutgoing", () => {
    const { socket } = connected();
    const heard = vi.fn();
    socket.onAnyOutgoing(heard);
    expect(socket.listenersAnyOutgoing()).toEqual([heard]);
    socket.emit("a", 1, () => {});
    socket.offAnyOutgoing(heard).emit("b");
    expect(heard.mock.calls).toEqual([["a", 1]]);
  });

  it("sends `message` for send()", () => {
    const { link, socket } = connected();
    socket.send("x", 1);
    expect(link.told()).toEqual(['2["message","x",1]']);
  });
});

describe("Socket > acks", () => {
  it("count from 0, also for packets that wait", () => {
    const { link, socket } = setUp();
    socket.emit("a", () => {});
    socket.connect();
    link.open().accept();
    socket.emit("b", () => {});
    expect(link.told()).toEqual(["0", '20["a"]', '21["b"]']);
  });

  it("hand the answer to the callback", () => {
    const { link, socket } = connected();
    const [plain, timed] = [vi.fn(), vi.fn()];
    socket.emit("a", plain);
    socket.timeout(50).emit("b", timed);
    link.say('31["two"]').say('30["one",1]').say('30["again"]').say("399[]");
    expect([plain.mock.calls, timed.mock.calls]).toEqual([[["one", 1]], [[null, "two"]]]);
  });

  it("resolve emitWithAck with the first argument of the answer", async () => {
    const { link, socket } = connected();
    const asked = socket.emitWithAck("a", 1);
    link.say('30["answer","more"]');
    await expect(asked).resolves.toBe("answer");
  });

  it("fail when the time is over, and take a waiting packet back", () => {
    const { link, socket } = setUp();
    const [waiting, sent] = [vi.fn(), vi.fn()];
    socket.timeout(50).emit("waiting", waiting);
    vi.advanceTimersByTime(50);
    expect(outcome(waiting.mock.calls.flat())).toEqual(["ack-timeout not-sent"]);
    expect(socket.sendBuffer).toEqual([]);
    socket.connect();
    link.open().accept();
    socket.timeout(50).emit("sent", sent);
    vi.advanceTimersByTime(50);
    expect(outcome(sent.mock.calls.flat())).toEqual(["ack-timeout maybe-sent"]);
    expect(waiting).toHaveBeenCalledOnce();
  });

  it("all fail after ackTimeout", () => {
    const { socket } = connected({ ackTimeout: 30 });
    const done = vi.fn();
    socket.emit("a", done);
    vi.advanceTimersByTime(30);
    expect(outcome(done.mock.calls.flat())).toEqual(["ack-timeout maybe-sent"]);
  });

  it("settle when the socket is disconnected, each promise with what can be known", async () => {
    const { link, socket } = connected();
    const sent = socket.emitWithAck("sent");
    link.free = false;
    const waiting = socket.emitWithAck("waiting");
    socket.disconnect();
    const later = socket.emitWithAck("later");
    socket.connect().disconnect();
    expect(await Promise.all([sent, waiting, later].map(outcome))).toEqual([
      "disconnected maybe-sent",
      // it was handed over before the farewell
      "disconnected maybe-sent",
      "disconnected not-sent",
    ]);
  });

  it("of packets that were sent fail when the connection is lost; the others go on waiting", async () => {
    const { link, socket } = connected();
    const sent = vi.fn();
    const plain = vi.fn();
    socket.timeout(1000).emit("sent", sent);
    socket.emit("plain", plain);
    link.free = false;
    const waiting = socket.emitWithAck("waiting");
    link.lose();
    expect(outcome(sent.mock.calls.flat())).toEqual(["disconnected maybe-sent"]);
    link.free = true;
    link.open().accept().say('32["late but there"]').say('31["for nobody"]');
    expect(await waiting).toBe("late but there");
    expect(plain).not.toHaveBeenCalled();
  });

  it("are given up when the signal says so", async () => {
    const { link, socket } = connected();
    const [early, waiting, sent] = [1, 2, 3].map(() => new AbortController());
    early?.abort();
    const first = socket.signal(early!.signal).emitWithAck("early");
    const second = socket.signal(sent!.signal).emitWithAck("sent");
    link.free = false;
    const third = socket.signal(waiting!.signal).emitWithAck("waiting");
    sent?.abort();
    waiting?.abort();
    expect(await Promise.all([first, second, third].map(outcome))).toEqual([
      "aborted not-sent",
      "aborted maybe-sent",
      "aborted not-sent",
    ]);
    link.drain();
    expect(link.told()).toEqual(['21["sent"]']);
  });
});

describe("Socket > volatile", () => {
  it("drops what can't leave now", async () => {
    const { link, socket } = setUp();
    socket.volatile.emit("a");
    expect(socket.sendBuffer).toEqual([]);
    expect(await outcome(socket.volatile.emitWithAck("b"))).toBe("overflow not-sent");
    socket.connect();
    link.open().accept();
    link.bufferedAmount = 1e6;
    socket.volatile.emit("c");
    link.bufferedAmount = 0;
    socket.volatile.emit("d");
    expect(link.told()).toEqual(["0", '2["d"]']);
  });
});

describe("Socket > its buffer", () => {
  it("refuses a packet too many", async () => {
    const { socket } = setUp({ buffer: { maxPackets: 1 } });
    socket.emit("a");
    expect(() => socket.emit("b")).toThrow(expect.objectContaining({ code: "overflow" }));
    expect(await outcome(socket.emitWithAck("c"))).toBe("overflow not-sent");
    expect(socket.sendBuffer.map(({ data }) => data)).toEqual([["a"]]);
  });

  it("counts bytes", () => {
    const { socket } = setUp({ buffer: { maxBytes: 20 } });
    socket.emit("a", "12345");
    expect(() => socket.emit("b", "123456789")).toThrow(
      expect.objectContaining({ code: "overflow" }),
    );
  });

  it("drops the oldest when it is told to, and says so", () => {
    const { socket } = setUp({ buffer: { maxPackets: 2, overflow: "drop-oldest" } });
    const dropped: unknown[] = [];
    socket.on("overflow", (error, ...args) => dropped.push([error.code, ...args]));
    for (const name of ["a", "b", "c"]) socket.emit(name, 1);
    expect(dropped).toEqual([["overflow", "a", 1]]);
    expect(socket.sendBuffer.map(({ data }) => data)).toEqual([
      ["b", 1],
      ["c", 1],
    ]);
  });

  it("drops the newest when it is told to", () => {
    const { socket } = setUp({ buffer: { maxPackets: 1, overflow: "drop-newest" } });
    const dropped: unknown[] = [];
    socket.on("overflow", (_error, name) => dropped.push(name));
    socket.emit("a").emit("b");
    expect([dropped, socket.sendBuffer.length]).toEqual([["b"], 1]);
  });

  it("drops what has waited for too long", async () => {
    const { socket } = setUp({ buffer: { ttl: 100 } });
    const dropped: unknown[] = [];
    socket.on("expired", (error, ...args) => dropped.push([error.code, ...args]));
    socket.emit("a", 1);
    socket.ttl(200).emit("b");
    const asked = outcome(socket.emitWithAck("c"));
    vi.advanceTimersByTime(100);
    expect(dropped).toEqual([
      ["expired", "a", 1],
      ["expired", "c"],
    ]);
    expect(await asked).toBe("expired not-sent");
    vi.advanceTimersByTime(100);
    expect(dropped).toHaveLength(3);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("keeps the newest of a key", async () => {
    const { socket } = setUp();
    const older = outcome(socket.key("cursor").emitWithAck("move", 1));
    socket.emit("other");
    socket.key("cursor").emit("move", 2);
    expect(await older).toBe("evicted not-sent");
    expect(socket.sendBuffer.map(({ data }) => data)).toEqual([["other"], ["move", 2]]);
  });
});

describe("Socket > retries", () => {
  it("are sent one at a time, each with an id of its own, until they are answered", () => {
    const { link, socket } = connected({ retries: 2, ackTimeout: 50 });
    const done = vi.fn();
    socket.emit("a", done);
    socket.emit("b");
    vi.advanceTimersByTime(50);
    link.say('31["ok"]');
    expect(link.told()).toEqual(['20["a"]', '21["a"]', '22["b"]']);
    expect(done.mock.calls).toEqual([[null, "ok"]]);
  });

  it("are given up after the last, and the next has its turn", () => {
    const { link, socket } = connected({ retries: 1, ackTimeout: 50 });
    const done = vi.fn();
    socket.emit("a", done);
    socket.emit("b");
    vi.advanceTimersByTime(100);
    expect(link.told()).toEqual(['20["a"]', '21["a"]', '22["b"]']);
    expect(outcome(done.mock.calls.flat())).toEqual(["ack-timeout maybe-sent"]);
  });

  it("pass volatile packets by", () => {
    const { link, socket } = connected({ retries: 1, ackTimeout: 50 });
    socket.emit("a");
    socket.volatile.emit("b");
    expect(link.told()).toEqual(['20["a"]', '2["b"]']);
  });

  it("leave nothing behind when the socket is disconnected", () => {
    const { socket } = connected({ retries: 1, ackTimeout: 50 });
    const done = vi.fn();
    socket.emit("a", done);
    socket.emit("b", done);
    socket.disconnect();
    expect(done.mock.calls.map(outcome)).toEqual([
      ["disconnected maybe-sent"],
      ["disconnected not-sent"],
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("Socket > views", () => {
  it("can be kept, combined and used again, and don't change the socket", () => {
    const { link, socket } = connected();
    const hurried = socket.timeout(50);
    const done = vi.fn();
    hurried.volatile.compress(false).emit("a", done);
    expect(hurried.emit("b", done)).toBe(socket);
    socket.emit("c", done);
    link.say('30["x"]').say('31["x"]').say('32["x"]');
    expect(done.mock.calls).toEqual([[null, "x"], [null, "x"], ["x"]]);
  });
});
