/** What the app's code does when it is called from inside of the pipeline: anything, at any moment. */
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { atLeastOnce } from "../../../src/delivery/index.js";
import type { Socket } from "../../../src/socket/socket.js";
import type { SocketOptions } from "../../../src/socket/socket-options.js";
import type { FakeLine } from "../../support/fake-line.js";
import { connectedSocket, events, lineSocket, outcome, told } from "../../support/line-socket.js";

const reported = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("reportError", reported);
  reported.mockReset();
  onTestFinished(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
});

const names = ({ sendBuffer }: Socket): unknown[] => sendBuffer.map(({ data }) => data as unknown);

describe("Pipeline > what an argument's toJSON emits", () => {
  it("goes first, and has an ack of its own (EMT-16)", async () => {
    const { line, socket } = connectedSocket();
    let inner: unknown;
    // it is called twice: for binary data is looked for first
    const asked = socket.emitWithAck("outer", {
      toJSON: () => {
        inner ??= outcome(socket.emitWithAck("inner"));
        return 1;
      },
    });
    expect(line.told()).toEqual(['21["inner"]', '20["outer",1]']);
    line.say('31["to inner"]').say('30["to outer"]');
    expect([await inner, await asked]).toEqual([["ok", "to inner"], "to outer"]);
  });

  it("keeps its place also when nothing can be sent yet", () => {
    const { line, socket } = lineSocket();
    socket.emit("outer", {
      toJSON: () => {
        socket.key("inner").emit("inner");
        return 1;
      },
    });
    expect(names(socket)).toEqual([["inner"], ["outer", 1]]);
    socket.connect();
    line.open().accept();
    expect(line.told()).toEqual(["0", '2["inner"]', '2["outer",1]']);
  });

  it("may disconnect: the packet is then one that came after it", async () => {
    const { line, socket, log } = connectedSocket();
    const asked = socket.emitWithAck("a", { toJSON: () => void socket.disconnect() });
    expect(await outcome(asked)).toBe("disconnected not-sent");
    expect([line.told(), log]).toEqual([["1"], ["disconnect io client disconnect"]]);
  });

  it("may throw: nothing was sent, and the numbers of acks stay apart", () => {
    const { line, socket } = connectedSocket();
    const ack = vi.fn();
    const bad = {
      toJSON() {
        throw new Error("of the app");
      },
    };
    expect(() => socket.emit("a", bad, ack)).toThrow(
      expect.objectContaining({ code: "unserializable" }),
    );
    socket.emit("b", ack);
    const [frame] = line.told() as string[];
    line.say(`3${frame?.slice(1, -'["b"]'.length)}["answer"]`);
    expect(ack.mock.calls).toEqual([["answer"]]);
  });
});

describe('Pipeline > a listener of "drop"', () => {
  const oldest: SocketOptions = { buffer: { maxPackets: 3, overflow: "drop-oldest" } };

  it("puts what it emits behind the packet for whose sake something was dropped (BUF-18)", () => {
    const { line, socket } = lineSocket({ buffer: { maxPackets: 2, overflow: "drop-oldest" } });
    socket.emit("a").emit("b");
    line.onDropped = () => {
      line.onDropped = () => {};
      socket.clearBuffer(({ data }) => (data as unknown[])[0] === "b");
      socket.emit("last");
    };
    socket.emit("c");
    expect(names(socket)).toEqual([["c"], ["last"]]);
  });

  it("that emits evicts nothing: one drop would follow another until the buffer is empty (BUF-17)", () => {
    const { line, socket } = lineSocket(oldest);
    line.onDropped = () => void socket.emit("again");
    for (let i = 0; i < 5; i++) socket.emit("a", i);
    expect(names(socket)).toEqual([
      ["a", 2],
      ["a", 3],
      ["a", 4],
    ]);
    expect(line.drops).toEqual([
      ["overflow", "a", 0],
      ["overflow", "again"],
      ["overflow", "a", 1],
      ["overflow", "again"],
    ]);
    // what it emits on being told of its own emits is refused where it calls
    expect(reported.mock.calls.map(([error]) => (error as { code: string }).code)).toEqual([
      "overflow",
      "overflow",
    ]);
  });

  it("that asks for an ack hears at once that there is no room", async () => {
    const { line, socket } = lineSocket(oldest);
    const asked: Promise<unknown>[] = [];
    line.onDropped = () => void asked.push(socket.emitWithAck("again"));
    for (let i = 0; i < 4; i++) socket.emit("a", i);
    expect(await Promise.all(asked.map(outcome))).toEqual([
      "overflow not-sent",
      "overflow not-sent",
    ]);
  });

  it("may emit a newer packet of a key: that takes no room", () => {
    const { line, socket } = lineSocket(oldest);
    line.onDropped = () => void socket.key("k").emit("k", "newer");
    socket.emit("a");
    socket.key("k").emit("k", "older");
    for (const name of ["b", "c"]) socket.emit(name);
    expect(names(socket)).toEqual([["b"], ["c"], ["k", "newer"]]);
  });

  it("is told of what is dropped while it is told", () => {
    const { line, socket } = lineSocket(oldest);
    line.onDropped = () => {
      line.onDropped = () => {};
      line.maxPayload = 20;
      socket.connect();
      line.open().accept();
    };
    for (const name of ["a", "b", "x".repeat(30), "c"]) socket.emit(name);
    expect(line.drops).toEqual([
      ["overflow", "a"],
      ["too-large", "x".repeat(30)],
    ]);
    expect(events(line.told())).toEqual(['2["b"]', '2["c"]']);
  });

  it("that throws harms nobody (BUF-19)", () => {
    const { line, socket } = lineSocket(oldest);
    line.onDropped = () => {
      throw new Error("of the app");
    };
    for (let i = 0; i < 5; i++) socket.emit("a", i);
    expect(socket.sendBuffer).toHaveLength(3);
    expect(reported).toHaveBeenCalledTimes(2);
    expect(line.drops).toHaveLength(2);
  });

  it("of packets that expired may emit, and clear the buffer", () => {
    const { line, socket } = lineSocket();
    line.onDropped = () => {
      socket.clearBuffer();
      socket.emit("instead");
    };
    socket.ttl(50).emit("a").emit("b");
    socket.ttl(50).emit("c");
    vi.advanceTimersByTime(50);
    expect(line.drops).toEqual([["expired", "a"]]);
    expect(names(socket)).toEqual([["instead"]]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("Pipeline > an ack callback", () => {
  it("may emit, and its packets go behind what waits", () => {
    const { line, socket } = connectedSocket();
    socket.emit("a", () => void socket.emit("from the ack"));
    line.free = false;
    socket.emit("waits");
    line.free = true;
    line.say("30[]");
    expect(line.told()).toEqual(['20["a"]']);
    line.drain();
    expect(line.told()).toEqual(['2["waits"]', '2["from the ack"]']);
  });

  it.each<[string, (line: FakeLine, socket: Socket) => void]>([
    ["the connection is lost", (line) => void line.lose()],
    ["the socket is disconnected", (_line, socket) => void socket.disconnect()],
    ["the time is over", () => void vi.advanceTimersByTime(100)],
    ["the server sends the socket away", (line) => void line.say("1")],
  ])("may do anything when %s", async (_when, happen) => {
    const { line, socket } = connectedSocket();
    const again: unknown[] = [];
    const ack = (error: unknown): void => {
      again.push(error);
      socket.disconnect().emit("late").connect().disconnect();
    };
    socket.timeout(100).emit("a", ack);
    socket.timeout(100).emit("b", ack);
    const asked = outcome(socket.emitWithAck("c"));
    happen(line, socket);
    line.answer();
    line.lose("forced close", undefined, true);
    expect([told(again), await asked]).toEqual([
      [expect.stringContaining("maybe-sent"), expect.stringContaining("maybe-sent")],
      "disconnected maybe-sent",
    ]);
    // emitted after disconnect(): they wait for the next time
    expect(names(socket)).toEqual([["late"], ["late"]]);
    expect(events(line.told())).toEqual(['20["a"]', '21["b"]', '22["c"]']);
    expect(vi.getTimerCount()).toBe(0);
    expect(reported).not.toHaveBeenCalled();
  });

  it("that throws makes neither disconnect() throw nor the others wait", () => {
    const { socket, log } = connectedSocket({ retries: 2 });
    const ack = vi.fn(() => {
      throw new Error("of the app");
    });
    socket.emit("a", ack).emit("b", ack);
    expect(() => socket.disconnect()).not.toThrow();
    expect([ack.mock.calls.length, reported.mock.calls.length, log]).toEqual([
      2,
      2,
      ["disconnect io client disconnect"],
    ]);
  });
});

describe("Pipeline > while it sends what waits", () => {
  it("may be disconnected by whoever is told of a packet: the rest goes out before the farewell", () => {
    const { line, socket } = lineSocket();
    for (const name of ["a", "b", "c"]) socket.emit(name);
    socket.onAnyOutgoing((name) => {
      if (name === "a") socket.disconnect();
    });
    socket.connect();
    line.open().accept().answer();
    expect(line.told()).toEqual(["0", '2["a"]', '2["b"]', '2["c"]', "probe", "1"]);
  });

  it("may lose its connection: nothing is sent twice, and nothing is left out", () => {
    const { line, socket } = lineSocket({ delivery: atLeastOnce() });
    for (const name of ["a", "b", "c"]) socket.emit(name);
    const lose = vi.fn(() => void line.lose());
    socket.onAnyOutgoing((name) => {
      if (name === "b" && !lose.mock.calls.length) lose();
    });
    socket.connect();
    line.open().accept();
    expect(events(line.told())).toEqual(['2["a"]', '2["b"]']);
    line.open().accept();
    expect(events(line.told())).toEqual(['2["a"]', '2["b"]', '2["c"]']);
  });

  it("takes in order what is emitted meanwhile", () => {
    const { line, socket } = lineSocket();
    socket.emit("a").emit("b");
    socket.onAnyOutgoing((name) => {
      if (name === "a") socket.emit("from a");
    });
    socket.connect();
    line.open().accept();
    expect(events(line.told())).toEqual(['2["a"]', '2["b"]', '2["from a"]']);
  });

  it("may be aborted by whoever is told of the packet (EMT-17)", async () => {
    const { line, socket } = connectedSocket();
    const abort = new AbortController();
    socket.onAnyOutgoing(() => abort.abort());
    expect(await outcome(socket.signal(abort.signal).emitWithAck("a"))).toBe("aborted maybe-sent");
    expect(line.told()).toEqual(['20["a"]']);
  });
});
