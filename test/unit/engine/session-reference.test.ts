/** Where a session does what engine.io-client's Socket does, for libraries and apps that reach down to it. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Engine } from "../../../src/index.js";
import { isolate, scriptedClient, settle } from "../../support/scripted-client.js";
import { scriptedTransport } from "../../support/scripted-transport.js";

beforeEach(() => isolate());

/** Where a session opens, and what it tells. */
function opening() {
  const client = scriptedClient({ reconnection: false });
  const engine = client.manager.engine as Engine;
  const told: string[] = [];
  for (const event of ["packet", "heartbeat", "handshake", "open", "packetCreate"] as const)
    engine.on(event, (data?: unknown) =>
      told.push(`${event} ${(data as { type?: string } | undefined)?.type ?? ""}`.trim()),
    );
  engine.on("flush", () => told.push("flush")).on("drain", () => told.push("drain"));
  engine.on("close", () => told.push("close"));
  return { client, engine, told };
}

/** Open over polling, and probing a better transport. */
function probing() {
  const Polling = scriptedTransport("polling", { streams: false });
  const Stream = scriptedTransport("websocket");
  const client = scriptedClient(
    // what is remembered of transports at a place lives as long as the module
    { reconnection: false, path: `/${Math.random()}`, transports: [Polling, Stream] },
    Polling,
  );
  client.transport.shakeHands({ upgrades: ["websocket"] });
  const engine = client.manager.engine as Engine;
  const told: string[] = [];
  engine.on("upgrade", () => told.push("upgrade")).on("close", (why) => told.push(why));
  engine.on("upgradeError", ({ message }) => told.push(message));
  return { engine, told, old: client.transport, next: Stream.latest };
}

describe("A session, as in engine.io-client", () => {
  it("tells of the OPEN packet", () => {
    const { client, told } = opening();
    client.shakeHands();
    expect(told).toEqual(["packet open", "heartbeat", "handshake", "open"]);
  });

  it("may be closed by who hears of the OPEN packet", () => {
    const { client, engine } = opening();
    engine.on("packet", () => engine.close());
    client.shakeHands();
    expect([engine.readyState, client.transport.state]).toEqual(["closed", "closed"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    ["a number", 42, "442"],
    ["true", true, "4true"],
    ["zero", 0, "4"],
    ["false", false, "4"],
    ["null", null, "4"],
    ["undefined", undefined, "4"],
    ["a text", "a", "4a"],
    ["an empty text", "", "4"],
  ])("sends %s as text (TRA-46)", (_what, value, frame) => {
    const { client, engine } = opening();
    client.shakeHands();
    engine.send(value).write(value);
    expect(client.transport.sent).toEqual([frame, frame]);
  });

  it("sends bytes as they are", () => {
    const { client, engine } = opening();
    client.shakeHands();
    const bytes = new Uint8Array([1, 2]);
    engine.send(bytes);
    expect(client.transport.sent).toEqual([bytes]);
  });

  it("takes its callback in the place of the options, or of the data", async () => {
    const { client, engine } = opening();
    client.shakeHands();
    const calls: string[] = [];
    engine.send("a", () => calls.push("a"));
    engine.send("b", null, () => calls.push("b"));
    engine.send(() => calls.push("c"));
    await settle();
    expect(client.transport.sent).toEqual(["4a", "4b", "4"]);
    expect(calls).toEqual(["a", "b", "c"]);
  });

  it("keeps what is written before the handshake, and sends it first (TRA-47)", async () => {
    const { client, engine } = opening();
    client.socket();
    const flushed = vi.fn();
    engine.send("early", flushed);
    expect(client.transport.sent).toEqual([]);
    client.shakeHands();
    await settle();
    expect(client.transport.sent).toEqual(["4early", "40"]);
    expect(flushed).toHaveBeenCalledOnce();
  });

  it("tells that all has left before it is closed, and nothing afterwards (TRA-44)", async () => {
    const { client, engine, told } = opening();
    client.shakeHands();
    told.length = 0;
    const flushed = vi.fn();
    engine.send("a", flushed);
    engine.close();
    engine.send("b");
    await settle();
    expect(told).toEqual(["packetCreate message", "flush", "drain", "close"]);
    expect(flushed).toHaveBeenCalledOnce();
    expect([client.transport.sent, engine.bufferedAmount]).toEqual([["4a"], 0]);
  });

  it("counts nothing once it is closed, over polling either", () => {
    const { engine, old } = probing();
    const told = vi.fn();
    engine.on("packetCreate", told);
    engine.close();
    engine.send("a");
    expect(engine.transmit('2["b"]', true, true)).toBe(false);
    expect([told.mock.calls.length, engine.bufferedAmount, old.sent]).toEqual([0, 0, []]);
  });

  describe("that is closed while it moves to a better transport", () => {
    it("ends at once before the probe is answered", () => {
      const { engine, told, next, old } = probing();
      next.stand();
      engine.close();
      expect([engine.readyState, next.state, old.state]).toEqual(["closed", "closed", "closed"]);
      expect(told).toEqual(["forced close"]);
    });

    it("lets the move end, and what was written goes out (UPG-11)", async () => {
      const { engine, told, next, old } = probing();
      engine.send("a");
      await settle();
      next.stand().say("3probe");
      engine.send("b");
      engine.close();
      expect(engine.readyState).toBe("closing");
      old.drain();
      await settle();
      expect([engine.readyState, told]).toEqual(["closed", ["upgrade", "forced close"]]);
      expect([old.sent, next.sent]).toEqual([["4a"], ["2probe", "5", "4b"]]);
      // the session went on elsewhere: its last goodbye is that of the stream
      expect([old.silentCloses, vi.getTimerCount()]).toEqual([1, 0]);
    });

    it("ends when the better transport dies, and tries no other", async () => {
      const { engine, told, next, old } = probing();
      engine.send("a");
      await settle();
      next.stand().say("3probe");
      engine.close();
      next.fail();
      old.drain();
      expect([engine.readyState, told]).toEqual(["closed", ["websocket error", "forced close"]]);
      expect(vi.getTimerCount()).toBe(0);
    });

    it("waits five seconds for a server that answers nothing any more", async () => {
      const { engine, next } = probing();
      engine.send("a");
      await settle();
      next.stand().say("3probe");
      engine.close();
      await vi.advanceTimersByTimeAsync(5000);
      expect([engine.readyState, vi.getTimerCount()]).toEqual(["closed", 0]);
    });
  });
});

describe("A transport class of the app's own that throws", () => {
  /** @param atTry - throws when it is made to be opened; otherwise when it is asked for its name */
  function throwing(name: string, atTry: boolean) {
    const Scripted = scriptedTransport(name);
    let made = 0;
    return class extends Scripted {
      constructor(options: ConstructorParameters<typeof Scripted>[0]) {
        if (!atTry || options.query["transport"] === name) throw new Error(`made ${++made}`);
        super(options);
      }
    };
  }

  it("is an invalid-option at once (TRA-48)", () => {
    expect(() => scriptedClient({ transports: [throwing("mine", false)] })).toThrow(
      expect.objectContaining({ code: "invalid-option", cause: new Error("made 1") }) as Error,
    );
  });

  it("fails the connect when it is tried (TRA-48)", async () => {
    const client = scriptedClient({ transports: [throwing("mine", true)], reconnection: false });
    const errors: unknown[] = [];
    client.manager.on("error", (error) => errors.push(error));
    client.manager.open();
    await settle();
    expect(errors[0]).toMatchObject({ code: "invalid-option", message: "mine error" });
  });

  it("loses the race when its turn comes (TRA-48)", async () => {
    const First = scriptedTransport("first");
    const client = scriptedClient({ transports: [First, throwing("mine", true)] }, First);
    vi.advanceTimersByTime(1000);
    client.shakeHands();
    expect(client.manager.engine?.attempts).toMatchObject([
      {
        transport: "mine",
        code: "invalid-option",
        cause: { code: "invalid-option", cause: { message: "made 1" } },
      },
    ]);
    expect(client.told()).toEqual(["open"]);
  });

  it("is no upgrade", async () => {
    const Polling = scriptedTransport("polling", { streams: false });
    const client = scriptedClient(
      { transports: [Polling, throwing("mine", true)], path: `/${Math.random()}` },
      Polling,
    );
    const errors: unknown[] = [];
    client.manager.engine?.on("upgradeError", (error) => errors.push(error));
    client.shakeHands({ upgrades: ["mine"] });
    expect(errors).toMatchObject([
      { code: "invalid-option", cause: { code: "invalid-option", cause: { message: "made 1" } } },
    ]);
    expect(client.manager.engine?.readyState).toBe("open");
  });

  it("and so does a getter in its options", async () => {
    const First = scriptedTransport("first");
    const Second = scriptedTransport("second");
    const mine = {
      get second(): never {
        throw new Error("no such thing");
      },
    };
    const client = scriptedClient({ transports: [First, Second], transportOptions: mine }, First);
    vi.advanceTimersByTime(1000);
    client.shakeHands();
    expect(client.manager.engine?.attempts).toMatchObject([
      {
        transport: "second",
        code: "invalid-option",
        cause: { cause: { message: "no such thing" } },
      },
    ]);
  });
});
