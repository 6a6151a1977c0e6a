/** What a session says to its owner, and how it does without the parts that an entry may leave out. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Connector } from "../../../src/engine/connector.js";
import type { EngineOptions } from "../../../src/engine/options.js";
import type { EngineParts } from "../../../src/engine/parts.js";
import { memory, TransportMemory } from "../../../src/engine/memory.js";
import { Session } from "../../../src/engine/session.js";
import { upgrade } from "../../../src/engine/upgrader.js";
import { TautlineError } from "../../../src/errors.js";
import { hostTimers } from "../../../src/platform/browser.js";
import { DefaultCodec } from "../../../src/protocol/default-codec.js";
import type { BinaryData } from "../../../src/protocol/engine-packet.js";
import { elapse } from "../../support/clock.js";
import { isolate, settle } from "../../support/scripted-client.js";
import { scriptedTransport } from "../../support/scripted-transport.js";

beforeEach(() => isolate());

interface Setting {
  /** Over a WebSocket; else over polling, with a WebSocket that the server offers. */
  streams?: boolean;
  parts?: EngineParts;
  options?: EngineOptions;
  maxPayload?: number;
}

/** A session that has begun to open, and its owner. */
function begun({ streams = true, parts = {}, options = {}, maxPayload = 100_000 }: Setting = {}) {
  const Polling = scriptedTransport("polling", { streams: false });
  const Stream = scriptedTransport("websocket");
  const timers = hostTimers();
  const transports = streams ? [Stream, Polling] : [Polling, Stream];
  const connector = new Connector(
    "http://s.test",
    // what is remembered of transports at a place lives as long as the module
    { path: `/${Math.random()}`, transports, ...options },
    {},
    timers,
  );
  const owner = {
    opened: vi.fn(),
    packet: vi.fn(),
    drained: vi.fn(),
    pinged: vi.fn(),
    doubt: vi.fn(),
    failed: vi.fn(),
    lost: vi.fn(),
  };
  const decoder = new DefaultCodec().decoder();
  const session = new Session(connector, owner, { parts, decoder, timers, outage: new Map() });
  session.open();
  const { latest } = streams ? Stream : Polling;
  const shakeHands = (): void => {
    latest.shakeHands({ upgrades: streams ? [] : ["websocket"], maxPayload });
  };
  return { session, owner, transport: latest, Stream, Polling, connector, shakeHands };
}

function opened(setting: Setting = {}) {
  const one = begun(setting);
  one.shakeHands();
  return one;
}

const told = (session: Session, ...events: Parameters<Session["on"]>[0][]): unknown[][] => {
  const list: unknown[][] = [];
  for (const event of events)
    session.on(event, (...args: unknown[]) => void list.push([event, ...args]));
  return list;
};

describe("A session that opens", () => {
  it("has no id, takes nothing and has nothing that waits", () => {
    const { session, transport } = begun();
    expect([session.id, session.bufferedAmount, session.writeBuffer]).toEqual(["", 0, []]);
    expect(session.transport).toBe(transport);
    expect([session.transmit("0", true, true), session.transmit("0", true)]).toEqual([
      false,
      false,
    ]);
    session.discard({});
  });

  it("may be asked for what waits before it begins", () => {
    const timers = hostTimers();
    const { connector } = begun();
    const setup = { parts: {}, decoder: new DefaultCodec().decoder(), timers, outage: new Map() };
    const session = new Session(connector, {} as never, setup);
    expect([session.bufferedAmount, session.writeBuffer]).toEqual([0, []]);
  });

  it("tells its owner why it did not open", async () => {
    const { session, owner, Stream, Polling } = begun();
    const ends = told(session, "error", "close");
    Stream.latest.fail({ status: 502 });
    Polling.latest.fail();
    await settle();
    const [[failed, error]] = owner.failed.mock.calls as [[Session, TautlineError]];
    expect(failed).toBe(session);
    expect(error).toMatchObject({ code: "http-status", type: "TransportError" });
    expect(ends).toEqual([
      ["error", error],
      ["close", "transport error", error],
    ]);
    expect(owner.lost).not.toHaveBeenCalled();
  });

  it("tells its owner that it was ended before, and no error", () => {
    const { session, owner } = begun();
    const ends = told(session, "error", "close");
    session.end("forced close");
    expect(owner.failed).toHaveBeenCalledExactlyOnceWith(
      session,
      expect.objectContaining({ code: "transport-close", message: "forced close" }),
    );
    expect(ends).toEqual([["close", "forced close", undefined]]);
  });

  it("is given up when its time is over, and not when that comes late", () => {
    const { session, owner, shakeHands } = begun();
    shakeHands();
    session.giveUp();
    expect([session.readyState, owner.failed.mock.calls]).toEqual(["open", []]);
    const other = begun();
    other.session.giveUp();
    other.session.giveUp();
    expect(other.owner.failed).toHaveBeenCalledExactlyOnceWith(
      other.session,
      expect.objectContaining({ code: "timeout" }),
    );
  });

  it("is open when its owner hears of it, and tries no upgrade when a listener ends it", () => {
    const { session, owner, shakeHands, Stream } = begun({ streams: false, parts: { upgrade } });
    session.on("open", () => session.close());
    shakeHands();
    expect(owner.opened).toHaveBeenCalledExactlyOnceWith(session);
    expect([session.readyState, Stream.opened]).toEqual(["closed", []]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("A session that is open", () => {
  it("counts the bytes that come in", () => {
    const { session, transport } = opened();
    const { heard, bytesHeard } = session;
    transport.say("2");
    transport.sink.binary(new ArrayBuffer(10));
    expect([session.heard - heard, session.bytesHeard - bytesHeard]).toEqual([2, 11]);
  });

  it("answers a ping, and tells of that", () => {
    const { session, owner, transport } = opened();
    const events = told(session, "ping", "pong", "packetCreate");
    transport.say("2");
    expect(transport.sent).toEqual(["3"]);
    expect(events).toEqual([
      ["packetCreate", { type: "pong", options: { compress: true } }],
      ["ping"],
      ["pong"],
    ]);
    expect(owner.pinged).toHaveBeenCalledExactlyOnceWith(session);
  });

  it("says how a message is to be compressed", () => {
    const { session } = opened();
    const events = told(session, "packetCreate");
    session.write("a").write("b", { compress: false }).write("c", {}).write("d", null);
    expect(events.map(([, packet]) => packet)).toEqual(
      ["a", "b", "c", "d"].map((data) => ({
        type: "message",
        data,
        options: { compress: data !== "b" },
      })),
    );
  });

  it("tells of nothing that a stream did not take", () => {
    const { session, transport } = opened();
    const events = told(session, "packetCreate");
    transport.busy = true;
    session.write("a");
    expect([events, transport.sent]).toEqual([[], []]);
  });

  it("counts what waits in it and in its transport", () => {
    const { session, transport } = opened({ streams: false });
    session.write("abc");
    transport.bufferedAmount = 100;
    expect(session.writeBuffer).toEqual(["4abc"]);
    expect(session.bufferedAmount).toBe(106);
    const stream = opened();
    stream.session.write("abc");
    expect([stream.session.writeBuffer, stream.session.bufferedAmount]).toEqual([[], 0]);
  });

  it("takes back what waits of an owner", async () => {
    const { session, transport } = opened({ streams: false });
    const [one, other] = [{}, {}];
    session.transmit('2["a"]', true, true, one);
    session.transmit('2["b"]', true, true, other);
    session.discard(one);
    await settle();
    expect(transport.sent).toEqual(['42["b"]']);
  });

  it("takes no packet while a body is on its way, unless that is urgent", async () => {
    const { session } = opened({ streams: false });
    session.write("a");
    await settle();
    expect([session.transmit('2["b"]', true), session.transmit("0", true, true)]).toEqual([
      false,
      true,
    ]);
  });

  it("asks for more only when there is room, and tells that all has left only then", async () => {
    const { session, owner, transport } = opened({ streams: false, maxPayload: 10 });
    for (let n = 0; n < 3; n++) session.transmit(`2["${n}"]`, true, true);
    await settle();
    const events = told(session, "drain");
    owner.drained.mockClear();
    transport.drain();
    expect([owner.drained.mock.calls.length, events]).toEqual([0, []]);
    transport.drain();
    expect([owner.drained.mock.calls.length, events]).toEqual([1, []]);
    transport.drain();
    expect([owner.drained.mock.calls.length, events]).toEqual([2, [["drain"]]]);
    expect(transport.sent).toHaveLength(3);
  });

  it("calls the listeners of what others emit, and decodes data alone", () => {
    const { session, owner } = opened();
    const events = told(session, "data", "message");
    session.emit("message", '2["a"]');
    expect(owner.packet).not.toHaveBeenCalled();
    session.emit("data", '51-["b",{"_placeholder":true,"num":0}]');
    session.emit("data", Uint8Array.of(1).buffer);
    expect(owner.packet.mock.calls).toMatchObject([
      [session, { type: 2, data: ["b", Uint8Array.of(1).buffer] }],
    ]);
    expect(events.map(([event]) => event)).toEqual(["message", "data", "data"]);
  });

  it("does not listen for the end of the page unless it is asked to", () => {
    const listened: string[] = [];
    vi.stubGlobal("addEventListener", (type: string) => listened.push(type));
    opened();
    expect(listened).toEqual([]);
    opened({ options: { closeOnBeforeunload: true } });
    expect(listened).toEqual(["beforeunload"]);
  });

  it("ends with a server that closes over polling, and says so", () => {
    const { session, owner, transport } = opened({ streams: false });
    transport.say("1");
    expect(owner.lost).toHaveBeenCalledExactlyOnceWith(session, "transport close", {
      description: "transport closed by the server",
    });
  });

  it("tells nobody of an error where it was closed without one", () => {
    const { session } = opened();
    const events = told(session, "error");
    session.close();
    expect(events).toEqual([]);
  });
});

describe("A session that closes", () => {
  /** It waits for a body that is on its way. */
  async function closing() {
    const one = opened({ streams: false });
    one.session.write("a");
    await settle();
    one.session.close();
    expect(one.session.readyState).toBe("closing");
    return one;
  }

  it("takes nothing but what is urgent", async () => {
    const { session } = await closing();
    expect([session.transmit('2["b"]', true), session.transmit("1", true, true)]).toEqual([
      false,
      true,
    ]);
  });

  it("takes no packet either while it waits for its move to a better transport (UPG-11)", () => {
    const { session, transport, Stream } = opened({ streams: false, parts: { upgrade } });
    Stream.latest.stand();
    // this poll has to arrive first
    transport.askedAt = performance.now();
    Stream.latest.say("3probe");
    session.close();
    expect([session.readyState, transport.writable]).toEqual(["closing", true]);
    expect(session.transmit('2["a"]', true)).toBe(false);
    transport.finishRetiring();
    expect([session.readyState, Stream.latest.sent]).toEqual(["closed", ["2probe", "5"]]);
  });

  it("gives up an upgrade whose probe is not answered yet", async () => {
    const { session, transport, Stream } = opened({ streams: false, parts: { upgrade } });
    Stream.latest.stand();
    session.write("a");
    await Promise.resolve();
    session.close();
    expect([session.readyState, Stream.latest.state]).toEqual(["closing", "closed"]);
    transport.drain();
    expect([session.readyState, transport.sent, vi.getTimerCount()]).toEqual(["closed", ["4a"], 0]);
  });

  it("is not kept alive by signs of life", async () => {
    const { session, owner } = await closing();
    owner.drained.mockClear();
    const timers = vi.getTimerCount();
    session.prove();
    expect([owner.drained.mock.calls, vi.getTimerCount()]).toEqual([[], timers]);
  });

  it("is over when its transport fails", async () => {
    const { session, owner, transport } = await closing();
    transport.fail();
    expect([session.readyState, owner.lost.mock.calls.length]).toEqual(["closed", 1]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("hears nothing of a transport that goes on", () => {
    const { session, owner, transport } = opened();
    const { sink } = transport;
    const events = told(session, "packet", "message");
    session.close();
    sink.text('42["late"]');
    sink.text("2");
    expect([owner.packet.mock.calls, events]).toEqual([[], []]);
  });
});

describe("What a session remembers of its transport", () => {
  const recall = (connector: Connector, name: string) =>
    new TransportMemory(connector.place).recall(name);

  it("is that a stream has worked when the app ends it", () => {
    const { session, connector } = opened({ parts: { memory } });
    new TransportMemory(connector.place).note("websocket", false);
    session.close();
    expect(recall(connector, "websocket")).toMatchObject({ worked: true, fails: 0 });
  });

  it("is nothing of the kind for polling", () => {
    const { session, connector } = opened({ streams: false, parts: { memory } });
    new TransportMemory(connector.place).note("polling", false);
    session.close();
    expect(recall(connector, "polling")).toMatchObject({ worked: false, fails: 1 });
  });

  it.each([
    [4999, false],
    [5000, true],
  ])(
    "is that a stream which was lost after %i ms has worked: %s (TRA-50, TRA-51)",
    (ms, worked) => {
      vi.advanceTimersByTime(60_000);
      const { session, connector, transport } = opened({ parts: { memory } });
      vi.advanceTimersByTime(ms);
      transport.fail();
      expect(recall(connector, "websocket")?.worked).toBe(worked);
      expect(session.isFallingBack).toBe(!worked);
    },
  );

  it("is no failure where the server broke the protocol", () => {
    const { session, owner, connector, transport } = opened({ parts: { memory } });
    transport.fail({ cause: new TautlineError("parse-error", "no frame") });
    expect(recall(connector, "websocket")?.worked).toBe(true);
    expect([session.isFallingBack, owner.lost.mock.calls[0]?.[1]]).toEqual([false, "parse error"]);
  });
});

describe("A session without", () => {
  it("a memory goes on, closes and is lost as any other", () => {
    const one = opened();
    one.transport.fail();
    expect([one.session.isFallingBack, one.owner.lost.mock.calls[0]?.[1]]).toEqual([
      false,
      "transport error",
    ]);
    const other = opened();
    other.session.close();
    expect(other.session.readyState).toBe("closed");
  });

  it("a memory opens with whatever works", () => {
    const { session, Stream, Polling } = begun();
    Stream.latest.fail();
    Polling.latest.shakeHands();
    expect([session.readyState, session.transport]).toEqual(["open", Polling.latest]);
    expect(session.attempts).toMatchObject([{ transport: "websocket", code: "websocket-blocked" }]);
  });

  it("a memory moves to a better transport, or stays", () => {
    const one = opened({ streams: false, parts: { upgrade } });
    one.Stream.latest.stand().say("3probe");
    one.transport.finishRetiring();
    expect(one.session.transport).toBe(one.Stream.latest);
    const other = opened({ streams: false, parts: { upgrade } });
    other.Stream.latest.fail();
    expect(other.session.transport).toBe(other.transport);
  });

  it("an upgrade stays with polling", async () => {
    const { session, transport, Stream } = opened({ streams: false });
    session.write("a");
    await settle();
    session.retryUpgrade();
    transport.drain();
    session.write("b");
    await settle();
    expect([transport.sent, Stream.opened]).toEqual([["4a", "4b"], []]);
    session.close();
    transport.drain();
    expect([session.readyState, vi.getTimerCount()]).toEqual(["closed", 0]);
  });

  it("a part for binary data hands over ArrayBuffers", () => {
    const { session, transport } = opened();
    const events = told(session, "data");
    const { buffer } = Uint8Array.of(1);
    transport.sink.binary(buffer);
    expect([session.binaryType, events[0]?.[1]]).toEqual(["arraybuffer", buffer]);
    const other = begun({ options: { binaryType: "nodebuffer" } });
    expect(other.session.binaryType).toBe("arraybuffer");
  });
});

describe("A session with a part for binary data", () => {
  const binary = (data: BinaryData, type: string): BinaryData =>
    Object.assign(new ArrayBuffer(0), { data, type });

  it("hands over what that makes, of the type that is set then", () => {
    const { session, transport } = opened({ parts: { binary } });
    const events = told(session, "data");
    const { buffer } = Uint8Array.of(1);
    for (const type of [session.binaryType, "mine"]) {
      session.binaryType = type;
      transport.say('451-["a",{"_placeholder":true,"num":0}]');
      transport.sink.binary(buffer);
    }
    const made = events.map(([, data]) => data).filter((data) => typeof data === "object");
    expect(made.map((data) => ({ ...data }))).toEqual([
      { data: buffer, type: "nodebuffer" },
      { data: buffer, type: "mine" },
    ]);
  });

  it("begins with the type of its options", () => {
    const { session } = begun({ parts: { binary }, options: { binaryType: "arraybuffer" } });
    expect(session.binaryType).toBe("arraybuffer");
  });
});

describe("A session with a part for upgrades", () => {
  it("asks it for a better transport than polling, and for none where it has a stream", () => {
    const part = vi.fn(upgrade);
    opened({ parts: { upgrade: part } });
    expect(part).not.toHaveBeenCalled();
    opened({ streams: false, parts: { upgrade: part } });
    expect(part).toHaveBeenCalledOnce();
  });
});

describe("A session whose switch is due, and whose timers come late", () => {
  it("writes nothing more to the transport that it leaves", async () => {
    const { session, transport, Stream } = opened({ streams: false, parts: { upgrade } });
    Stream.latest.stand();
    transport.askedAt = performance.now();
    Stream.latest.say("3probe");
    elapse(1000);
    session.write("a");
    await Promise.resolve();
    expect([transport.sent, Stream.latest.sent]).toEqual([[], ["2probe"]]);
    await vi.advanceTimersByTimeAsync(50);
    expect([transport.sent, Stream.latest.sent]).toEqual([[], ["2probe", "5", "4a"]]);
  });
});

describe("After a change of network, a session", () => {
  it("tries at once an upgrade that failed", () => {
    const { session, Stream } = opened({ streams: false, parts: { upgrade } });
    Stream.latest.fail();
    expect(Stream.opened).toHaveLength(1);
    session.retryUpgrade();
    expect(Stream.opened).toHaveLength(2);
    // one at a time
    session.retryUpgrade();
    expect(Stream.opened).toHaveLength(2);
  });

  it("tries none while it closes", async () => {
    const { session, Stream } = opened({ streams: false, parts: { upgrade } });
    Stream.latest.fail();
    session.write("a");
    await settle();
    session.close();
    session.retryUpgrade();
    expect([session.readyState, Stream.opened.length]).toEqual(["closing", 1]);
  });
});
