import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { atLeastOnce } from "../../../src/delivery/index.js";
import { TautlineError } from "../../../src/errors.js";
import type { Packet } from "../../../src/pipeline/packet.js";
import type { PolicyHost } from "../../../src/pipeline/policy.js";
import { hostTimers } from "../../../src/platform/browser.js";
import type { SocketOptions } from "../../../src/socket/socket-options.js";
import { HOST_GONE, PAGE_LEFT, PAGE_PUT_AWAY } from "../../../src/protocol/close-reason.js";
import type { FakeLine } from "../../support/fake-line.js";
import { connectedSocket, events, lineSocket, outcome } from "../../support/line-socket.js";

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

const sure: SocketOptions = { delivery: atLeastOnce() };

const waiting = ({ sendBuffer }: { sendBuffer: { data?: unknown }[] }): unknown[] =>
  sendBuffer.map(({ data }) => data);

describe("AtLeastOnce", () => {
  it("sends again, in order and before newer packets, what is not acked (DLV-1)", () => {
    const { line, socket } = connectedSocket(sure);
    socket.emit("a").emit("b");
    line.lose();
    socket.emit("c");
    line.open().accept();
    expect(line.told()).toEqual(['2["a"]', '2["b"]', "0", '2["a"]', '2["b"]', '2["c"]']);
  });

  it("asks the server after 64 packets, or 500 ms (DLV-2)", () => {
    const { line, socket } = connectedSocket(sure);
    for (let i = 0; i < 63; i++) socket.emit("a");
    expect(line.probes).toHaveLength(0);
    socket.emit("a");
    expect(line.probes).toHaveLength(1);
    line.answer();
    socket.emit("b");
    vi.advanceTimersByTime(499);
    expect(line.probes).toHaveLength(0);
    vi.advanceTimersByTime(1);
    expect(line.probes).toHaveLength(1);
    line.answer();
    vi.advanceTimersByTime(5000);
    expect([line.probes.length, vi.getTimerCount()]).toEqual([0, 0]);
  });

  it("asks no two times within 50 ms, unless nothing more may leave (DLV-3)", () => {
    const { line, socket } = connectedSocket({ ...sure, buffer: { maxPackets: 200 } });
    const emit = (count: number) => {
      for (let i = 0; i < count; i++) socket.emit("a");
    };
    emit(64);
    line.answer();
    emit(100);
    expect(line.probes).toHaveLength(0);
    vi.advanceTimersByTime(50);
    expect(line.probes).toHaveLength(1);
    line.answer();
    emit(200);
    expect(line.probes).toHaveLength(1);
  });

  it.each<[string, (line: FakeLine) => void]>([
    ["a probe's answer", (line) => void line.answer()],
    ["an ack", (line) => void line.say('30["answer"]')],
  ])("takes %s for the ack of everything before it", (_what, arrive) => {
    const { line, socket } = connectedSocket(sure);
    socket.emit("a").emit("b", () => {});
    vi.advanceTimersByTime(500);
    socket.emit("c");
    arrive(line);
    line.lose();
    line.told();
    line.open().accept();
    expect(events(line.told())).toEqual(['2["c"]']);
  });

  it("waits no longer for a packet that the server's app answered itself (DLV-4)", () => {
    const { line, socket } = connectedSocket(sure);
    socket.emit("a", () => {});
    line.say("30[]");
    expect(vi.getTimerCount()).toBe(0);
    line.lose();
    line.told();
    line.open().accept();
    expect(line.told()).toEqual(["0"]);
  });

  it("tells an ack that is still due for a packet that is acked that the connection was lost", async () => {
    const { line, socket } = connectedSocket(sure);
    const asked = outcome(socket.emitWithAck("a"));
    vi.advanceTimersByTime(500);
    line.answer().lose();
    expect(await asked).toBe("disconnected maybe-sent");
    expect(waiting(socket)).toEqual([]);
  });

  it("keeps what it has sent when the server sends the socket away, until it is back (DLV-8)", () => {
    const { line, socket } = connectedSocket(sure);
    socket.emit("a");
    line.say("1");
    expect(waiting(socket)).toEqual([["a"]]);
    line.told();
    socket.connect();
    line.accept();
    expect(line.told()).toEqual(["0", '2["a"]']);
  });

  it("copies what it may have to send again (DLV-6)", () => {
    const { line, socket } = connectedSocket(sure);
    const bytes = Uint8Array.of(1);
    socket.emit("a", bytes);
    bytes[0] = 9;
    line.lose();
    line.told();
    line.open().accept();
    const [, [, attachment]] = line.told() as [string, [string, Uint8Array]];
    expect([...attachment]).toEqual([1]);
  });

  it("asks no two times within 50 ms late in the life of a page either (DLV-3)", () => {
    vi.advanceTimersByTime(3_600_000);
    const { line, socket } = connectedSocket({ ...sure, buffer: { maxPackets: 200 } });
    const emit = (count: number) => {
      for (let i = 0; i < count; i++) socket.emit("a");
    };
    emit(64);
    line.answer();
    vi.advanceTimersByTime(20);
    emit(64);
    vi.advanceTimersByTime(29);
    expect(line.probes).toHaveLength(0);
    vi.advanceTimersByTime(1);
    expect(line.probes).toHaveLength(1);
    line.answer();
    vi.advanceTimersByTime(50);
    emit(64);
    expect(line.probes).toHaveLength(1);
  });

  it("asks for what was sent while a probe was under way, and keeps no timer when it is known", () => {
    const { line, socket } = connectedSocket(sure);
    for (let i = 0; i < 64; i++) socket.emit("a");
    socket.emit("b");
    const [first] = line.probes.splice(0);
    first?.();
    vi.advanceTimersByTime(499);
    expect(line.probes).toHaveLength(0);
    vi.advanceTimersByTime(1);
    expect(line.probes).toHaveLength(1);
    line.answer();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("asks for what is left when an ack was answered (DLV-4)", () => {
    const { line, socket } = connectedSocket(sure);
    socket.emit("a", () => {});
    socket.emit("b");
    line.say("30[]");
    vi.advanceTimersByTime(500);
    expect(line.probes).toHaveLength(1);
  });

  it("does not take the answer to an old probe for a new one (DLV-5)", () => {
    const { line, socket } = connectedSocket(sure);
    socket.emit("a");
    vi.advanceTimersByTime(500);
    line.say("1");
    socket.connect();
    line.accept();
    line.answer();
    line.lose();
    line.told();
    line.open().accept();
    expect(events(line.told())).toEqual(['2["a"]']);
  });

  it("keeps an ack waiting for the answer to the packet sent again (DLV-7)", async () => {
    const { line, socket } = connectedSocket(sure);
    const asked = socket.emitWithAck("a");
    line.lose();
    line.open().accept().say('30["late"]');
    expect(await asked).toBe("late");
  });

  it("does not send volatile packets again, nor lets them wait for another connection (VOL-6)", async () => {
    const { line, socket } = connectedSocket(sure);
    socket.volatile.emit("sent");
    line.free = false;
    socket.emit("kept");
    const volatile = outcome(socket.volatile.emitWithAck("waiting"));
    line.lose();
    line.free = true;
    line.told();
    line.open().accept();
    expect(events(line.told())).toEqual(['2["kept"]']);
    expect(await volatile).toBe("disconnected not-sent");
  });

  it("holds back when as much as the buffer may hold is unacked (DLV-9)", () => {
    const { line, socket } = connectedSocket({ ...sure, buffer: { maxPackets: 2 } });
    socket.emit("a").emit("b").emit("c");
    expect(events(line.told())).toEqual(['2["a"]', '2["b"]']);
    vi.advanceTimersByTime(500);
    line.answer();
    expect(events(line.told())).toEqual(['2["c"]']);
  });

  it("counts bytes too (DLV-9)", () => {
    const { line, socket } = connectedSocket({ ...sure, buffer: { maxBytes: 20 } });
    socket.emit("a", "1234567890").emit("b", "1234567890");
    socket.emit("c");
    expect(events(line.told())).toHaveLength(2);
  });

  it("holds back from so many bytes on, and has room for as many again when they have arrived (DLV-9)", () => {
    const { line, socket } = connectedSocket({ ...sure, buffer: { maxBytes: '2["a"]'.length } });
    for (let round = 0; round < 3; round++) {
      socket.emit("a").emit("b");
      expect(events(line.told())).toEqual(['2["a"]']);
      line.answer();
      expect(events(line.told())).toEqual(['2["b"]']);
      line.answer();
    }
  });

  it("forgets the bytes of what has arrived (DLV-9)", () => {
    const { line, socket } = connectedSocket({
      ...sure,
      buffer: { maxBytes: '2["a"]2["b"]'.length },
    });
    for (let round = 0; round < 3; round++) {
      socket.emit("a").emit("b");
      expect(events(line.told())).toEqual(['2["a"]', '2["b"]']);
      line.answer();
    }
  });

  it("knows no ack of a packet that has arrived", () => {
    const policy = atLeastOnce().createPolicy({
      bounds: { maxPackets: 10, maxBytes: 1000 },
      timers: hostTimers(),
      probe() {},
      flush() {},
    } as Partial<PolicyHost> as PolicyHost);
    const packet = { state: "sent", encoded: "2[]", bytes: 0, id: 7, options: {} } as Packet;
    policy.sent(packet);
    const arrived = policy.mark?.();
    expect(policy.find(7)).toBe(packet);
    arrived?.();
    expect([policy.find(7), packet.state]).toEqual([undefined, "acked"]);
  });

  it("counts the bytes of attachments too (DLV-9)", () => {
    const { line, socket } = connectedSocket({ ...sure, buffer: { maxBytes: 1000 } });
    for (let i = 0; i < 3; i++) socket.emit("a", new ArrayBuffer(500));
    expect(line.told().filter(Array.isArray)).toHaveLength(2);
  });

  it("goes on when an abort makes room", () => {
    const { line, socket } = connectedSocket({ ...sure, buffer: { maxPackets: 1 } });
    const abort = new AbortController();
    socket.signal(abort.signal).emit("a");
    socket.emit("b");
    line.told();
    abort.abort();
    expect(line.told()).toEqual(['2["b"]']);
  });

  it("says of packets that went out once that they may have arrived (DLV-10)", async () => {
    const { line, socket } = connectedSocket(sure);
    const abort = new AbortController();
    const expired = outcome(socket.ttl(100).emitWithAck("expired"));
    const aborted = outcome(socket.signal(abort.signal).emitWithAck("aborted"));
    const cleared = outcome(socket.emitWithAck("cleared"));
    const evicted = outcome(socket.key("k").emitWithAck("evicted"));
    const late = outcome(socket.timeout(200).emitWithAck("late"));
    const left = outcome(socket.emitWithAck("left"));
    line.lose();
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

  it("brings back only the newest of a key (DLV-11)", () => {
    const { line, socket } = connectedSocket(sure);
    socket.key("k").emit("a", 1);
    socket.emit("b");
    socket.key("k").emit("a", 2);
    line.lose();
    expect(socket.sendBuffer.map(({ data }) => data)).toEqual([["b"], ["a", 2]]);
  });

  it("leaves a signal alone once the packet is acked", () => {
    const { line, socket } = connectedSocket(sure);
    const { signal } = new AbortController();
    const [added, removed] = [
      vi.spyOn(signal, "addEventListener"),
      vi.spyOn(signal, "removeEventListener"),
    ];
    socket.signal(signal).emit("a");
    line.lose();
    line.open().accept();
    expect([added.mock.calls.length, removed.mock.calls.length]).toEqual([1, 0]);
    vi.advanceTimersByTime(500);
    line.answer();
    expect([added.mock.calls.length, removed.mock.calls.length]).toEqual([1, 1]);
  });

  it("evicts nothing of a key for a packet that it refuses", () => {
    const { line, socket } = connectedSocket({ ...sure, buffer: { maxPackets: 2 } });
    socket.emit("a").emit("b");
    socket.key("k").emit("c", 1);
    line.lose();
    expect(() => socket.key("k").emit("c", 2)).toThrow(
      expect.objectContaining({ code: "overflow" }),
    );
    expect(waiting(socket)).toEqual([["a"], ["b"], ["c", 1]]);
  });

  it("looks at the time to live of what comes back (DLV-12)", () => {
    const { line, socket } = connectedSocket(sure);
    socket.ttl(100).emit("a");
    vi.advanceTimersByTime(100);
    expect(line.drops).toEqual([]);
    line.lose();
    expect([line.drops, waiting(socket)]).toEqual([[["expired", "a"]], []]);
  });
});

/** The connection ends, and the next one lets the socket in. */
type End = (line: FakeLine) => FakeLine;

const closedByServer: End = (line) => line.lose("transport close", undefined);
const closed = (wasClean: boolean) => ({ description: "websocket closed", context: { wasClean } });
const closedCleanly: End = (line) => line.lose("transport close", closed(true));
const died: End = (line) => line.lose("transport close", closed(false));
const failed: End = (line) => line.lose("transport error", { description: "x" });
const answeredBadly: End = (line) => line.lose("transport error", { description: 400 as never });

const unanswered: End = (line) => line.lose("transport error", { description: 0 as never });

const undeliverable = ["undeliverable", "bad"];

/** How many connections a packet may end before it is given up. */
function endsOf(end: End, socketOptions = sure): { ends: number; told: string[][] } {
  const { line, socket } = lineSocket(socketOptions);
  socket.emit("bad").emit("good").connect();
  const told: string[][] = [];
  while (!line.drops.length && told.length < 100) {
    line.open().accept();
    told.push(events(line.told()));
    end(line);
  }
  expect(line.drops).toEqual([undeliverable]);
  return { ends: told.length, told };
}

describe("AtLeastOnce > a packet behind which the connection dies again and again", () => {
  it.each<[string, End, number]>([
    ["the server closed over polling", closedByServer, 5],
    ["the server closed with a close frame", closedCleanly, 5],
    ["the server answered with an HTTP status", answeredBadly, 5],
    ["the line died", died, 9],
    ["the line failed", failed, 9],
    ["the line failed without a status", unanswered, 9],
  ])("is given up when %s (DLV-14)", (_how, end, ends) => {
    expect(endsOf(end).ends).toBe(ends);
  });

  it.each<[string, End]>([
    ["the app closes the connection", (line) => line.lose("forced close", undefined)],
    ["the page is put away", (line) => line.lose("transport close", PAGE_PUT_AWAY)],
    ["the page is about to be left", (line) => line.lose("transport close", PAGE_LEFT)],
    ["the tab that had it lets it go", (line) => line.lose("transport close", { ...HOST_GONE })],
  ])("is not suspected when %s (DLV-15)", (_how, end) => {
    const { line, socket } = lineSocket(sure);
    socket.emit("good").connect();
    for (let n = 0; n < 50; n++) end(line.open().accept());
    expect(line.drops).toEqual([]);
  });

  it("is sent alone once it is suspected, and what is behind it arrives after it was given up (DLV-13)", () => {
    expect(endsOf(closedByServer).told).toEqual([
      ['2["bad"]', '2["good"]'],
      ['2["bad"]', '2["good"]'],
      ['2["bad"]'],
      ['2["bad"]'],
      ['2["bad"]'],
    ]);
    const { line, socket } = lineSocket(sure);
    socket.emit("bad").emit("good").connect();
    for (let i = 0; i < 5; i++) closedByServer(line.open().accept());
    line.told();
    line.open().accept();
    expect(events(line.told())).toEqual(['2["good"]']);
  });

  it("fails its ack, and nothing else (DLV-16)", async () => {
    const { line, socket } = lineSocket(sure);
    const asked = [outcome(socket.emitWithAck("bad")), outcome(socket.emitWithAck("good"))];
    socket.connect();
    for (let i = 0; i < 5; i++) closedByServer(line.open().accept());
    line.open().accept().say('31["answer"]');
    expect(await Promise.all(asked)).toEqual(["undeliverable maybe-sent", ["ok", "answer"]]);
    expect(line.drops).toEqual([]);
  });

  it("is innocent when the connection lasted for three seconds (DLV-17)", () => {
    const { line, socket } = lineSocket(sure);
    socket.emit("bad").connect();
    for (let i = 0; i < 50; i++) {
      line.open().accept();
      vi.advanceTimersByTime(3000);
      closedByServer(line);
    }
    expect([line.drops, waiting(socket)]).toEqual([[], [["bad"]]]);
  });

  it("is suspected by when it was sent, not by how old the connection is (DLV-17)", () => {
    const { line, socket } = lineSocket(sure);
    socket.connect();
    line.open().accept();
    vi.advanceTimersByTime(10_000);
    socket.emit("bad");
    for (let i = 0; i < 4; i++) {
      closedByServer(line).open().accept();
      expect(line.drops).toEqual([]);
    }
    closedByServer(line);
    expect(line.drops).toEqual([undeliverable]);
  });

  it("is not suspected for what was sent behind it later (DLV-17)", () => {
    const { line, socket } = lineSocket(sure);
    socket.emit("bad").connect();
    for (let i = 0; i < 50; i++) {
      line.open().accept();
      vi.advanceTimersByTime(2900);
      socket.emit("later");
      vi.advanceTimersByTime(100);
      closedByServer(line);
    }
    expect(line.drops).toEqual([]);
    line.told();
    line.open().accept();
    // nothing is suspected: they do not go out one by one
    expect(events(line.told())).toHaveLength(51);
  });

  it("leaves nothing to the next one when it is taken back", () => {
    const { line, socket } = lineSocket(sure);
    const abort = new AbortController();
    socket.signal(abort.signal).emit("suspect");
    socket.emit("next").connect();
    // twice with both, twice alone
    for (let i = 0; i < 4; i++) closedByServer(line.open().accept());
    abort.abort();
    for (let i = 0; i < 2; i++) closedByServer(line.open().accept());
    expect(line.drops).toEqual([]);
    closedByServer(line.open().accept());
    expect(line.drops).toEqual([["undeliverable", "next"]]);
  });

  it("has packets sent one by one, then twice as many with each round that arrives, until nothing is suspected", () => {
    const { line, socket } = lineSocket({ ...sure, buffer: { maxPackets: 10_000 } });
    for (let i = 0; i < 4000; i++) socket.emit("a", i);
    socket.connect();
    for (let i = 0; i < 2; i++) closedByServer(line.open().accept());
    line.told();
    line.open().accept();
    const rounds: number[] = [];
    for (;;) {
      const { length } = events(line.told());
      rounds.push(length);
      const [probe] = line.probes.splice(0);
      if (!probe || length === 0) break;
      probe();
    }
    // what was sent behind a probe is asked for with the next: so many more leave in each round
    expect(rounds.slice(0, 11)).toEqual([1, 2, 3, 6, 11, 22, 43, 86, 171, 342, 683]);
    expect(rounds[11]).toBeGreaterThan(2 * 1024);
    vi.runAllTimers();
    line.answer();
    line.told();
    // a packet alone is asked for at once while there is a suspicion
    socket.emit("b");
    expect(line.probes).toHaveLength(0);
  });

  it("is innocent once the server has it: the next one begins with nothing against it (DLV-18)", () => {
    const { line, socket } = lineSocket(sure);
    socket.emit("a").emit("b").connect();
    for (let i = 0; i < 4; i++) closedByServer(line.open().accept());
    line.open().accept();
    line.probes.shift()?.();
    // suspicion goes on, but the next one was not sent alone yet
    for (let i = 0; i < 3; i++) {
      closedByServer(line);
      line.open().accept();
    }
    expect(line.drops).toEqual([]);
    closedByServer(line);
    expect(line.drops).toEqual([["undeliverable", "b"]]);
  });

  it("is not blamed for a namespace that was left", () => {
    const { line, socket } = connectedSocket(sure);
    for (let i = 0; i < 50; i++) {
      socket.emit("a");
      socket.clearBuffer();
      line.say("1");
      socket.connect();
      line.accept();
    }
    expect(line.drops).toEqual([]);
  });
});

describe("AtLeastOnce > a server that says that a packet is too large", () => {
  const refuse = (line: FakeLine): FakeLine =>
    line.lose("transport close", new TautlineError("too-large", "1009")).open().accept();
  const large = "x".repeat(5000);

  it("closes twice behind it alone: it fails, and the others arrive (DLV-19)", () => {
    const { line, socket } = connectedSocket(sure);
    socket.emit("a", large).emit("b");
    refuse(line);
    refuse(line);
    expect(line.drops).toEqual([]);
    line.told();
    refuse(line);
    expect(line.drops).toEqual([["too-large", "a", large]]);
    expect(events(line.told())).toEqual(['2["b"]']);
  });

  it("does not mean a packet that is small: another one of this connection was it (DLV-20)", () => {
    const { line, socket } = connectedSocket(sure);
    socket.emit("a");
    for (let i = 0; i < 50; i++) refuse(line);
    expect(line.drops).toEqual([]);
  });

  it.each([
    [1023, []],
    [1024, [["too-large", "a"]]],
  ])("begins to mean a packet of %i bytes: %j", (size, drops) => {
    const { line, socket } = connectedSocket(sure);
    socket.emit("a", "x".repeat(size - '2["a",""]'.length));
    for (let i = 0; i < 3; i++) refuse(line);
    expect(line.drops.map((drop) => drop.slice(0, 2))).toEqual(drops);
  });

  it("counts attachments", async () => {
    const { line, socket } = connectedSocket(sure);
    const asked = outcome(socket.emitWithAck("b", new ArrayBuffer(5000)));
    for (let i = 0; i < 3; i++) refuse(line);
    expect(await asked).toBe("too-large maybe-sent");
  });
});
