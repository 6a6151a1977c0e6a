import { atLeastOnce, exactlyOnce, flush } from "../../../src/delivery/index.js";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { TautlineError } from "../../../src/errors.js";
import { Socket, type SocketOptions } from "../../../src/socket/socket.js";
import { FakeLink } from "../../support/fake-link.js";
import { elapse } from "../../support/clock.js";

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

function connected(options: SocketOptions = {}) {
  const link = new FakeLink();
  const socket = new Socket(undefined, link, "/", options);
  socket.connect();
  link.open().accept();
  link.told();
  return { link, socket };
}

const sure: SocketOptions = { delivery: atLeastOnce() };

const events = (told: unknown[]): string[] =>
  told.filter((frame): frame is string => typeof frame === "string" && frame.startsWith("2"));

function outcome(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => "ok",
    (error: unknown) =>
      error instanceof TautlineError ? `${error.code} ${error.delivery}` : String(error),
  );
}

describe("Socket > at-least-once", () => {
  it("sends again, in order and before newer packets, what no receipt covers", () => {
    const { link, socket } = connected(sure);
    socket.emit("a").emit("b");
    link.lose();
    socket.emit("c");
    link.open().accept();
    expect(link.told()).toEqual(['2["a"]', '2["b"]', "0", '2["a"]', '2["b"]', '2["c"]']);
  });

  it("asks for a receipt after 64 packets, or 500 ms", () => {
    const { link, socket } = connected(sure);
    for (let i = 0; i < 63; i++) socket.emit("a");
    expect(link.probes).toHaveLength(0);
    socket.emit("a");
    expect(link.probes).toHaveLength(1);
    link.probes[0]?.();
    socket.emit("b");
    vi.advanceTimersByTime(499);
    expect(link.probes).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(link.probes).toHaveLength(2);
    link.probes[1]?.();
    vi.advanceTimersByTime(5000);
    expect(link.probes).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("asks for no two receipts within 50 ms, unless nothing more may leave", () => {
    const { link, socket } = connected({ ...sure, buffer: { maxPackets: 200 } });
    const emit = (count: number) => {
      for (let i = 0; i < count; i++) socket.emit("a");
    };
    emit(64);
    link.probes[0]?.();
    emit(100);
    expect(link.probes).toHaveLength(1);
    vi.advanceTimersByTime(50);
    expect(link.probes).toHaveLength(2);
    link.probes[1]?.();
    emit(200);
    expect(link.probes).toHaveLength(3);
  });

  it.each<[string, (link: FakeLink) => void]>([
    ["a probe's answer", (link) => link.probes[0]?.()],
    ["an ack", (link) => link.say('30["answer"]')],
  ])("takes %s as a receipt for everything before it", (_what, arrive) => {
    const { link, socket } = connected(sure);
    socket.emit("a").emit("b", () => {});
    vi.advanceTimersByTime(500);
    socket.emit("c");
    arrive(link);
    link.lose();
    link.told();
    link.open().accept();
    expect(events(link.told())).toEqual(['2["c"]']);
  });

  it("does not take the answer to an old probe for a new receipt", () => {
    const { link, socket } = connected(sure);
    socket.emit("a");
    vi.advanceTimersByTime(500);
    link.say("1");
    socket.connect();
    link.accept();
    link.probes[0]?.();
    link.lose();
    link.told();
    link.open().accept();
    expect(events(link.told())).toEqual(['2["a"]']);
  });

  it("keeps an ack waiting for the answer to the packet sent again", async () => {
    const { link, socket } = connected(sure);
    const asked = socket.emitWithAck("a");
    link.lose();
    link.open().accept().say('30["late"]');
    expect(await asked).toBe("late");
  });

  it("does not send volatile packets again, nor lets them wait for another connection", async () => {
    const { link, socket } = connected(sure);
    socket.volatile.emit("sent");
    link.free = false;
    socket.emit("kept");
    const waiting = outcome(socket.volatile.emitWithAck("waiting"));
    link.lose();
    link.free = true;
    link.told();
    link.open().accept();
    expect(events(link.told())).toEqual(['2["kept"]']);
    expect(await waiting).toBe("disconnected not-sent");
  });

  it("holds back when as much as the buffer may hold is uncovered", () => {
    const { link, socket } = connected({ ...sure, buffer: { maxPackets: 2 } });
    socket.emit("a").emit("b").emit("c");
    expect(events(link.told())).toEqual(['2["a"]', '2["b"]']);
    vi.advanceTimersByTime(500);
    link.probes[0]?.();
    expect(events(link.told())).toEqual(['2["c"]']);
  });

  it("counts bytes too", () => {
    const { link, socket } = connected({ ...sure, buffer: { maxBytes: 20 } });
    socket.emit("a", "1234567890").emit("b", "1234567890");
    socket.emit("c");
    expect(events(link.told())).toHaveLength(2);
  });

  it("goes on when an abort makes room", () => {
    const { link, socket } = connected({ ...sure, buffer: { maxPackets: 1 } });
    const abort = new AbortController();
    socket.signal(abort.signal).emit("a");
    socket.emit("b");
    link.told();
    abort.abort();
    expect(link.told()).toEqual(['2["b"]']);
  });

  it("says of packets that went out once that they may have arrived", async () => {
    const { link, socket } = connected(sure);
    const abort = new AbortController();
    const expired = outcome(socket.ttl(100).emitWithAck("expired"));
    const aborted = outcome(socket.signal(abort.signal).emitWithAck("aborted"));
    const cleared = outcome(socket.emitWithAck("cleared"));
    const evicted = outcome(socket.key("k").emitWithAck("evicted"));
    const late = outcome(socket.timeout(200).emitWithAck("late"));
    const left = outcome(socket.emitWithAck("left"));
    link.lose();
    socket.key("k").emit("newer");
    socket.clearBuffer(({ data }) => (data as unknown[])[0] === "cleared");
    abort.abort();
    vi.advanceTimersByTime(200);
    socket.disconnect();
    expect(await Promise.all([expired, aborted, cleared, evicted, late, left])).toEqual([
      "expired maybe-sent",
      "aborted maybe-sent",
      "evicted maybe-sent",
      "evicted maybe-sent",
      "ack-timeout maybe-sent",
      "disconnected maybe-sent",
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("brings back only the newest of a key", () => {
    const { link, socket } = connected(sure);
    socket.key("k").emit("a", 1);
    socket.emit("b");
    socket.key("k").emit("a", 2);
    link.lose();
    expect(socket.sendBuffer.map(({ data }) => data)).toEqual([["b"], ["a", 2]]);
  });

  it("leaves a signal alone once the packet is covered", () => {
    const { link, socket } = connected(sure);
    const { signal } = new AbortController();
    const [added, removed] = [
      vi.spyOn(signal, "addEventListener"),
      vi.spyOn(signal, "removeEventListener"),
    ];
    socket.signal(signal).emit("a");
    link.lose();
    link.open().accept();
    expect([added.mock.calls.length, removed.mock.calls.length]).toEqual([1, 0]);
    vi.advanceTimersByTime(500);
    link.probes[0]?.();
    expect([added.mock.calls.length, removed.mock.calls.length]).toEqual([1, 1]);
  });
});

describe("Socket > flush()", () => {
  it("rejects when what was sent before it is lost with the connection", async () => {
    const { link, socket } = connected();
    socket.emit("sent");
    link.free = false;
    socket.emit("waiting");
    const flushed = outcome(flush(socket));
    link.lose();
    link.free = true;
    link.open().accept();
    expect(await flushed).toBe("disconnected maybe-sent");
  });

  it("survives a lost connection with at-least-once", async () => {
    const { link, socket } = connected(sure);
    socket.emit("a");
    const flushed = outcome(flush(socket));
    const [lost] = link.probes;
    lost?.(new TautlineError("disconnected", "gone"));
    link.lose();
    link.open().accept();
    link.probes.at(-1)?.();
    expect(await flushed).toBe("ok");
  });

  it("settles when its signal, its timeout or the app says so", async () => {
    const { link, socket } = connected();
    link.free = false;
    socket.emit("waits");
    const abort = new AbortController();
    const flushes = [
      flush(socket, { signal: abort.signal }),
      flush(socket, { timeout: 50 }),
      flush(socket, { signal: AbortSignal.abort() }),
    ].map(outcome);
    abort.abort();
    vi.advanceTimersByTime(50);
    link.lose();
    flushes.push(outcome(flush(socket)));
    socket.disconnect();
    expect(await Promise.all(flushes)).toEqual([
      "aborted undefined",
      "ack-timeout undefined",
      "aborted undefined",
      "disconnected maybe-sent",
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("Socket > a full buffer", () => {
  function offline(options: SocketOptions) {
    const link = new FakeLink();
    return { link, socket: new Socket(undefined, link, "/", options) };
  }

  it("does not drop barriers, nor counts them", async () => {
    const { link, socket } = offline({ buffer: { maxPackets: 1, overflow: "drop-oldest" } });
    const flushed = outcome(flush(socket));
    socket.emit("a").emit("b");
    expect(socket.sendBuffer.map(({ data }) => data)).toEqual([["b"]]);
    socket.connect();
    link.open().accept();
    link.probes[0]?.();
    expect(await flushed).toBe("ok");
  });

  it("drops nothing for a packet that can never fit", () => {
    const { socket } = offline({ buffer: { maxBytes: 20, overflow: "drop-oldest" } });
    const dropped: unknown[] = [];
    socket.on("overflow", (_error, name) => dropped.push(name));
    socket.emit("a").emit("b", "x".repeat(30));
    expect(dropped).toEqual(["b"]);
    expect(socket.sendBuffer.map(({ data }) => data)).toEqual([["a"]]);
  });

  it("evicts nothing of a key for a packet that it refuses", () => {
    const { link, socket } = offline({ delivery: atLeastOnce(), buffer: { maxPackets: 2 } });
    socket.connect();
    link.open().accept();
    socket.emit("a").emit("b");
    socket.key("k").emit("c", 1);
    link.lose();
    expect(() => socket.key("k").emit("c", 2)).toThrow(
      expect.objectContaining({ code: "overflow" }),
    );
    expect(socket.sendBuffer.map(({ data }) => data)).toEqual([["a"], ["b"], ["c", 1]]);
  });

  it("puts what is emitted on being told behind what it is told of", () => {
    const { socket } = offline({ buffer: { maxPackets: 2, overflow: "drop-oldest" } });
    socket.once("overflow", () => socket.emit("last"));
    socket.emit("a").emit("b").emit("c");
    expect(socket.sendBuffer.map(({ data }) => data)).toEqual([["c"], ["last"]]);
  });

  it("does not send what has expired while its timer was frozen", () => {
    const { link, socket } = offline({});
    const expired = vi.fn();
    socket.on("expired", expired);
    socket.ttl(100).emit("a");
    socket.connect();
    elapse(1000);
    link.open().accept();
    expect(link.told()).toEqual(["0"]);
    expect(expired).toHaveBeenCalledOnce();
  });
});

describe("Socket > retries with a signal", () => {
  it("are given up, and taken back while they wait", async () => {
    const { link, socket } = connected({ retries: Infinity });
    const abort = new AbortController();
    const removed = vi.spyOn(abort.signal, "removeEventListener");
    const view = socket.signal(abort.signal);
    const asked = [view.emitWithAck("a"), view.emitWithAck("b")].map(outcome);
    view.emit("c");
    socket.emit("d");
    abort.abort();
    expect(await Promise.all(asked)).toEqual(["aborted maybe-sent", "aborted not-sent"]);
    expect(link.told()).toEqual(['20["a"]', expect.stringMatching(/^2\d\["d"\]$/)]);
    expect(removed.mock.calls.length).toBeGreaterThanOrEqual(3);
  });

  it("are taken back while there is no connection", async () => {
    const { link, socket } = connected({ retries: 3 });
    const abort = new AbortController();
    const asked = outcome(socket.signal(abort.signal).emitWithAck("a"));
    link.lose();
    abort.abort();
    expect(await asked).toBe("aborted maybe-sent");
    link.told();
    link.open().accept();
    expect(link.told()).toEqual(["0"]);
  });
});

describe("Socket > exactly-once", () => {
  const once: SocketOptions = { delivery: exactlyOnce() };

  function entering() {
    const link = new FakeLink();
    const socket = new Socket(undefined, link, "/", once);
    socket.connect();
    link.open().accept();
    return { link, socket };
  }

  it("asks the server before it connects, and numbers its packets", () => {
    const { link, socket } = entering();
    expect(socket.connected).toBe(false);
    const [, question] = link.told() as string[];
    expect(question).toMatch(/^20\["\$tautline","[^"]+"\]$/);
    link.say("30[true]");
    expect(socket.connected).toBe(true);
    socket.emit("a", 1).emit("b");
    const stream = /,"([^"]+)"\]$/.exec(question ?? "")?.[1];
    expect(events(link.told())).toEqual([
      `2["a",1,{"$tautline":["${stream}",1]}]`,
      `2["b",{"$tautline":["${stream}",2]}]`,
    ]);
  });

  it("fails with dedupe-missing when only the probes are answered", () => {
    const { link, socket } = entering();
    const failed = vi.fn();
    socket.on("connect_error", failed);
    while (link.probes.length) link.probes.shift()?.();
    expect(failed.mock.calls).toEqual([[expect.objectContaining({ code: "dedupe-missing" })]]);
    expect([socket.connected, socket.active]).toEqual([false, false]);
    expect(link.told().at(-1)).toBe("1");
  });

  it("forgets what it heard before it was let in when the connection is lost", () => {
    const { link, socket } = entering();
    const heard = vi.fn();
    socket.on("n", heard);
    link.say('2["n","offset"]').lose();
    link.open().accept().say('2["n","offset"]').say("31[true]");
    expect(heard).toHaveBeenCalledExactlyOnceWith("offset");
  });

  it("shows its packets without the numbers", () => {
    const socket = new Socket(undefined, new FakeLink(), "/", once);
    socket.emit("a", 1);
    expect(socket.sendBuffer.map(({ data }) => data)).toEqual([["a", 1]]);
  });
});
