import * as msgpack from "socket.io-msgpack-parser";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { TautlineError } from "../../../src/errors.js";
import { flush } from "../../../src/delivery/index.js";
import { Manager } from "../../../src/index.js";
import { Manager as BareManager } from "../../../src/manager/manager.js";
import { next } from "../../../src/reading/index.js";
import {
  isolate,
  scriptedClient,
  type ScriptedClient,
  settle,
} from "../../support/scripted-client.js";
import { scriptedTransport } from "../../support/scripted-transport.js";

beforeEach(() => isolate());

/** The ways into each state that a manager by itself can be brought to. */
const states: { state: string; enter: () => Promise<ScriptedClient> }[] = [
  {
    state: "closed",
    enter: () => Promise.resolve(scriptedClient({ autoConnect: false })),
  },
  { state: "opening", enter: () => Promise.resolve(scriptedClient()) },
  { state: "open", enter: () => Promise.resolve(scriptedClient().shakeHands()) },
  { state: "waiting after a failed connect", enter: () => scriptedClient().fail() },
  { state: "waiting after a lost connection", enter: () => scriptedClient().shakeHands().fail() },
  { state: "failed", enter: () => scriptedClient({ reconnection: false }).fail() },
];

describe.each(states)("Manager > while $state", ({ state, enter }) => {
  it("leaves no timer behind when it is closed (CON-13)", async () => {
    const { manager, Scripted } = await enter();
    manager._close();
    await settle();
    expect(vi.getTimerCount()).toBe(0);
    expect(Scripted.opened.filter((transport) => transport.state !== "closed")).toEqual([]);
  });

  it("stays closed, however long one waits (CON-14)", async () => {
    const client = await enter();
    const { tries } = client;
    client.manager._close();
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(client.tries).toBe(tries);
  });

  it("may be closed again and again", async () => {
    const { manager } = await enter();
    manager._close();
    manager._close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("connects again after it was closed", async () => {
    const client = await enter();
    client.manager._close();
    client.manager.open();
    client.shakeHands();
    expect(client.manager.engine?.readyState).toBe("open");
  });

  const isUnderWay = state === "opening" || state === "open";
  it(`${isUnderWay ? "keeps its connection" : "connects at once"} on open() (CON-11)`, async () => {
    const client = await enter();
    const { tries } = client;
    client.manager.open();
    expect(client.tries - tries).toBe(isUnderWay ? 0 : 1);
    await vi.advanceTimersByTimeAsync(5000);
    expect(client.tries - tries).toBe(isUnderWay ? 0 : 1);
  });

  it("has a connection as soon as a socket asks for one", async () => {
    const client = await enter();
    const socket = client.manager.socket("/");
    socket.connect();
    await vi.advanceTimersByTimeAsync(1000);
    if (client.transport.state !== "open") client.shakeHands();
    await settle();
    client.transport.say('40{"sid":"a"}');
    expect(socket.connected).toBe(true);
  });

  it("is closed by the last socket that disconnects (NSP-4)", async () => {
    const client = await enter();
    const sockets = [client.manager.socket("/"), client.manager.socket("/b")];
    for (const socket of sockets) socket.connect();
    for (const socket of sockets) socket.timeout(1000).emit("wait", () => {});
    for (const socket of sockets) socket.disconnect();
    await settle();
    expect(vi.getTimerCount()).toBe(0);
    expect(client.transport.state).toBe("closed");
  });
});

describe("Manager", () => {
  describe("while opening", () => {
    it("gives up after the timeout (CON-9)", async () => {
      const client = scriptedClient({ timeout: 300 });
      await vi.advanceTimersByTimeAsync(299);
      expect(client.told()).toEqual([]);
      await vi.advanceTimersByTimeAsync(1);
      expect(client.told()).toEqual(["error timeout"]);
      expect(client.transport.state).toBe("closed");
    });

    it("never gives up when the timeout is off (CON-10)", async () => {
      const client = scriptedClient({ timeout: false });
      await vi.advanceTimersByTimeAsync(3_600_000);
      expect(client.told()).toEqual([]);
    });

    it("ignores what comes of an attempt that was given up", async () => {
      const client = scriptedClient();
      const { sink } = client.transport;
      client.manager._close();
      sink.opened();
      sink.text('0{"sid":"a","upgrades":[],"pingInterval":1,"pingTimeout":1}');
      sink.closed({ kind: "error", message: "late" });
      await settle();
      expect(client.told().filter((line) => !line.startsWith("close"))).toEqual([]);
      expect(vi.getTimerCount()).toBe(0);
    });
  });

  describe("while open", () => {
    it("is lost when the server is silent", async () => {
      const client = scriptedClient({ reconnection: false });
      client.shakeHands({ pingInterval: 200, pingTimeout: 100 });
      await vi.advanceTimersByTimeAsync(299);
      client.transport.say("2");
      await vi.advanceTimersByTimeAsync(299);
      expect(client.told()).toEqual(["open"]);
      await vi.advanceTimersByTimeAsync(2);
      expect(client.told()).toEqual(["close ping timeout"]);
    });

    it("answers pings, and tells of them (PRB-18)", () => {
      const client = scriptedClient();
      const heard = vi.fn();
      client.manager.on("ping", heard);
      client.shakeHands().transport.say("2");
      expect(heard).toHaveBeenCalledOnce();
      return settle().then(() => expect(client.transport.sent).toEqual(["3"]));
    });

    it.each([
      ["the carrier closes", { kind: "close" }, "transport close"],
      ["the carrier fails", { kind: "error" }, "transport error"],
    ] as const)("says why it is lost: %s", async (_what, failure, reason) => {
      const client = scriptedClient().shakeHands();
      await client.fail(failure);
      expect(client.told()).toEqual(["open", `close ${reason}`]);
    });
  });

  describe("on the way back", () => {
    it("tells of each step in the order of the reference client (REC-11)", async () => {
      const client = scriptedClient({ reconnectionAttempts: 3, reconnectionDelay: 100 });
      client.socket();
      await client.enter();
      expect(client.told()).toEqual(["open", "connect"]);
      await client.fail({ kind: "close" });
      expect(client.told()).toEqual(["disconnect transport close", "close transport close"]);
      await vi.advanceTimersByTimeAsync(100);
      expect(client.told()).toEqual(["reconnect_attempt 1"]);
      await client.fail();
      expect(client.told()).toEqual([
        "connect_error unreachable",
        "error unreachable",
        "reconnect_error unreachable",
      ]);
      await vi.advanceTimersByTimeAsync(200);
      await client.enter();
      expect(client.told()).toEqual(["reconnect_attempt 2", "open", "reconnect 2", "connect"]);
    });

    it("says so when the attempts are used up, and begins anew when it is told to (REC-12)", async () => {
      const client = scriptedClient({ reconnectionAttempts: 2, reconnectionDelay: 100 });
      await client.fail();
      await vi.advanceTimersByTimeAsync(100);
      await client.fail();
      await vi.advanceTimersByTimeAsync(200);
      client.told();
      await client.fail();
      expect(client.told()).toEqual([
        "error unreachable",
        "reconnect_failed",
        "reconnect_error unreachable",
      ]);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(client.tries).toBe(3);
      client.manager.open();
      await client.fail();
      await vi.advanceTimersByTimeAsync(100);
      expect(client.told()).toEqual(["error unreachable", "reconnect_attempt 1"]);
    });

    it("leaves sockets active when the attempts are used up: they connect when it does (REC-13)", async () => {
      const client = scriptedClient({ reconnectionAttempts: 1, reconnectionDelay: 100 });
      const socket = client.socket();
      await client.fail();
      await vi.advanceTimersByTimeAsync(100);
      await client.fail();
      expect([client.manager.state, socket.active]).toEqual(["failed", true]);
      client.manager.open();
      await client.enter();
      expect(socket.connected).toBe(true);
    });

    it("doesn't try when reconnection is off (REC-14)", async () => {
      const client = scriptedClient({ reconnection: false }).shakeHands();
      await client.fail();
      await vi.advanceTimersByTimeAsync(60_000);
      expect(client.tries).toBe(1);
      expect(client.told()).toEqual(["open", "close transport error"]);
    });

    it("waits longer each time, also for a server that accepts and dies at once (REC-8)", async () => {
      const client = scriptedClient({ reconnectionDelay: 100, reconnectionDelayMax: 500 });
      const delays: number[] = [];
      for (let round = 0; round < 5; round++) {
        await client.shakeHands().fail({ kind: "close" });
        const { tries } = client;
        const since = Date.now();
        while (client.tries === tries) await vi.advanceTimersToNextTimerAsync();
        delays.push(Date.now() - since);
      }
      expect(delays).toEqual([100, 200, 400, 500, 500]);
    });

    it("begins with the first delay again after a connection that lasted (REC-5)", async () => {
      const client = scriptedClient({ reconnectionDelay: 100, minUptime: 1000 });
      for (let round = 0; round < 2; round++) {
        await client.shakeHands().fail({ kind: "close" });
        await vi.advanceTimersByTimeAsync(200);
      }
      client.shakeHands();
      await vi.advanceTimersByTimeAsync(1000);
      await client.fail({ kind: "close" });
      const { tries } = client;
      await vi.advanceTimersByTimeAsync(99);
      expect(client.tries).toBe(tries);
      await vi.advanceTimersByTimeAsync(1);
      expect(client.tries).toBe(tries + 1);
    });

    it("takes a changed option from the next delay on (REC-16)", async () => {
      const client = scriptedClient({ reconnectionDelay: 100 });
      await client.shakeHands().fail({ kind: "close" });
      await vi.advanceTimersByTimeAsync(100);
      client.manager.reconnectionDelay(10);
      await client.shakeHands().fail({ kind: "close" });
      await vi.advanceTimersByTimeAsync(19);
      expect(client.tries).toBe(2);
      await vi.advanceTimersByTimeAsync(1);
      expect(client.tries).toBe(3);
    });

    it("spreads the delays by default (REC-3)", async () => {
      vi.spyOn(Math, "random").mockReturnValue(0.25);
      const client = scriptedClient({ randomizationFactor: 0.5, reconnectionDelay: 100 });
      await client.fail();
      await vi.advanceTimersByTimeAsync(74);
      expect(client.tries).toBe(1);
      await vi.advanceTimersByTimeAsync(1);
      expect(client.tries).toBe(2);
      vi.restoreAllMocks();
    });

    it("can be stopped from inside reconnect_attempt (REC-17)", async () => {
      const client = scriptedClient({ reconnectionDelay: 100 });
      await client.fail();
      client.manager.on("reconnect_attempt", () => client.manager._close());
      await vi.advanceTimersByTimeAsync(60_000);
      expect(client.tries).toBe(1);
      expect(vi.getTimerCount()).toBe(0);
    });

    it.each(["error", "close", "open"] as const)(
      "can be stopped from inside %s (REC-17)",
      async (event) => {
        const client = scriptedClient({ reconnectionDelay: 100 });
        client.manager.on(event as "open", () => client.manager._close());
        if (event === "error") await client.fail();
        else client.shakeHands();
        if (event === "close") await client.fail();
        await vi.advanceTimersByTimeAsync(60_000);
        expect(client.tries).toBe(1);
        expect(vi.getTimerCount()).toBe(0);
      },
    );
  });

  describe("open(callback)", () => {
    it("tells that it is open (CON-12)", () => {
      const client = scriptedClient({ autoConnect: false });
      const done = vi.fn();
      client.manager.open(done);
      client.shakeHands();
      expect(done.mock.calls).toEqual([[]]);
    });

    it("tells why it isn't, and leaves the rest to the caller (CON-12)", async () => {
      const client = scriptedClient({ autoConnect: false });
      const done = vi.fn();
      client.manager.open(done);
      await client.fail();
      expect(done.mock.calls).toEqual([[expect.any(TautlineError)]]);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(client.tries).toBe(1);
    });
  });

  it("has other names for open() and _close() (CON-41)", () => {
    const client = scriptedClient({ autoConnect: false });
    const { manager } = client;
    const done = vi.fn();
    expect(manager.connect(done)).toBe(manager);
    client.shakeHands();
    expect([manager.state, done.mock.calls]).toEqual(["open", [[]]]);
    manager.disconnect();
    expect(manager.state).toBe("closed");
  });

  it("tells its own listeners what the app emits on it", () => {
    const { manager } = scriptedClient({ autoConnect: false });
    const heard = vi.fn();
    manager.on("reconnect", heard);
    expect(manager.emit("reconnect", 3)).toBe(manager);
    expect(heard.mock.calls).toEqual([[3]]);
  });

  it("takes options in the place of an address, and has none then", () => {
    const options = { transports: [scriptedTransport()], autoConnect: false, path: "/p" };
    const manager = new Manager(options);
    expect([manager.uri, manager.opts.path]).toEqual([undefined, "/p"]);
    expect(new Manager("http://unit.test", options).uri).toBe("http://unit.test");
    expect(new Manager("http://unit.test", { autoConnect: false }).opts.path).toBe("/socket.io");
  });

  it("takes no address that is no text, and null for none", () => {
    expect(() => new Manager(5 as never, { autoConnect: false })).toThrow(
      expect.objectContaining({
        code: "invalid-option",
        message: expect.stringContaining("`uri`") as string,
      }) as Error,
    );
    const options = { hostname: "a.test", transports: [scriptedTransport()], autoConnect: false };
    for (const none of [null, undefined])
      expect(new Manager(none as never, options).opts.hostname).toBe("a.test");
  });

  it("does without any part", async () => {
    const Scripted = scriptedTransport();
    const manager = new BareManager("http://unit.test", { transports: [Scripted] });
    const heard: unknown[] = [];
    const socket = manager.socket("/").on("news", (n: number) => heard.push(n));
    Scripted.latest.shakeHands();
    await settle();
    Scripted.latest.say('40{"sid":"s"}').say('42["news",1]');
    socket.emit("hello");
    expect([socket.connected, heard, Scripted.latest.sent]).toEqual([
      true,
      [1],
      ["40", '42["hello"]'],
    ]);
    manager._close();
    const parsed = { Encoder: class {}, Decoder: class {} } as never;
    expect(() => new BareManager("http://unit.test", { parser: parsed })).toThrow(/`parser`/);
    expect(() => manager.socket("/a", { retries: 1 })).toThrow(/`retries`/);
  });

  it("writes and reads with its parser (PRS-11)", async () => {
    const client = scriptedClient({ parser: msgpack as never });
    const socket = client.socket();
    client.shakeHands();
    await settle();
    const read: unknown[] = [];
    const decoder = new msgpack.Decoder();
    decoder.on("decoded", (packet: unknown) => read.push(packet));
    for (const frame of client.transport.sent) decoder.add(frame);
    expect(read).toMatchObject([{ type: 0, nsp: "/" }]);
    const encoded: unknown = new msgpack.Encoder().encode({
      type: 0,
      nsp: "/",
      data: { sid: "s" },
    });
    for (const frame of encoded as ArrayBuffer[]) client.transport.sink.binary(frame);
    expect(socket.id).toBe("s");
  });

  it("asks for the policy of `retries`, and has it watched by that of `outbox`", async () => {
    const wrap = vi.fn((_host: unknown, _nsp: string, policy: unknown) => policy);
    for (const more of [{}, { outbox: { wrap } }]) {
      const client = scriptedClient();
      const socket = client.socket("/", { retries: 1, ackTimeout: 100, ...more });
      await client.enter();
      client.transport.sent.length = 0;
      socket.emit("a");
      await vi.advanceTimersByTimeAsync(100);
      expect(client.transport.sent).toEqual(['420["a"]', '420["a"]']);
    }
    expect(wrap).toHaveBeenCalledExactlyOnceWith(expect.anything(), "/", expect.anything());
    const alone = scriptedClient().socket("/", { outbox: { wrap } });
    expect(wrap).toHaveBeenLastCalledWith(expect.anything(), "/", undefined);
    expect(alone.active).toBe(true);
  });

  it("gives a socket the options of the first call for its namespace (NSP-16)", () => {
    const { manager } = scriptedClient({ autoConnect: false });
    const socket = manager.socket("/a", { auth: { n: 1 }, buffer: { maxPackets: 1 } });
    expect(manager.socket("/a", { auth: { n: 2 }, buffer: { maxPackets: 9 } })).toBe(socket);
    expect(socket.auth).toEqual({ n: 1 });
    socket.emit("a");
    expect(() => socket.emit("b")).toThrow(expect.objectContaining({ code: "overflow" }) as Error);
  });

  it("does not connect a socket with autoConnect: false, and does otherwise", () => {
    expect(scriptedClient({ autoConnect: false }).manager.socket("/a").active).toBe(false);
    expect(scriptedClient().manager.socket("/a").active).toBe(true);
  });

  describe("its options", () => {
    it("have the defaults of the reference client (CON-39)", () => {
      const { manager } = scriptedClient({ autoConnect: false, randomizationFactor: 0.5 });
      expect([
        manager.reconnection(),
        manager.reconnectionAttempts(),
        manager.reconnectionDelay(),
        manager.reconnectionDelayMax(),
        manager.randomizationFactor(),
        manager.timeout(),
      ]).toEqual([true, Infinity, 1000, 5000, 0.5, 20_000]);
    });

    it("are set by the same methods, which chain (CON-15)", async () => {
      const client = scriptedClient({ autoConnect: false });
      client.manager
        .reconnection(true)
        .reconnectionAttempts(1)
        .reconnectionDelay(70)
        .reconnectionDelayMax(80)
        .randomizationFactor(0)
        .timeout(50);
      client.manager.open();
      await vi.advanceTimersByTimeAsync(50);
      await vi.advanceTimersByTimeAsync(69);
      expect(client.tries).toBe(1);
      await vi.advanceTimersByTimeAsync(1);
      expect(client.tries).toBe(2);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(client.tries).toBe(2);
    });

    it("don't change the object that was handed in (CON-16)", () => {
      const options = Object.freeze({ transports: [scriptedTransport()], autoConnect: false });
      const manager = new Manager("http://unit.test", options);
      manager.reconnection(false).timeout(5);
      expect(Object.keys(options)).toEqual(["transports", "autoConnect"]);
    });

    it("must name a transport that is there", () => {
      expect(
        () => new Manager("http://unit.test", { transports: ["carrier-pigeon" as never] }),
      ).toThrow(expect.objectContaining({ code: "invalid-option" }));
    });
  });

  describe("with several namespaces", () => {
    it("hands each packet to the socket of its namespace (HEA-16)", async () => {
      const client = scriptedClient();
      const heard: string[] = [];
      for (const nsp of ["/", "/a", "/__proto__"])
        client.manager.socket(nsp).onAny((event) => heard.push(`${nsp} ${String(event)}`));
      await client.enter("", "/a", "/__proto__");
      client.transport
        .say('42["one"]')
        .say('42/a,["two"]')
        .say('42/__proto__,["three"]')
        .say('42/nobody,["four"]')
        .say('42/constructor,["five"]');
      expect(heard).toEqual(["/ one", "/a two", "/__proto__ three"]);
    });

    it("goes on while one of them is left", async () => {
      const client = scriptedClient();
      const [a, b] = [client.manager.socket("/a"), client.manager.socket("/b")];
      await client.enter("/a", "/b");
      a.disconnect();
      expect(client.transport.state).toBe("open");
      b.disconnect();
      await settle();
      expect(client.transport.state).toBe("closed");
    });

    it("gives the same socket each time, also after it was closed (NSP-9)", () => {
      const { manager } = scriptedClient({ autoConnect: false });
      const socket = manager.socket("/a");
      expect(manager.socket("/a")).toBe(socket);
      socket.connect().disconnect();
      expect(manager.socket("/a")).toBe(socket);
      expect([manager.hasSocket("/a"), manager.hasSocket("/b")]).toEqual([true, false]);
    });

    it("connects one again that was disconnected, when it is asked for (NSP-10)", async () => {
      const client = scriptedClient();
      const socket = client.manager.socket("/a");
      client.manager.socket("/b");
      await client.enter("/a", "/b");
      socket.disconnect();
      expect(client.manager.socket("/a").active).toBe(true);
    });

    it("asks for a namespace again, on the connection of another one, behind a probe (NSP-14)", async () => {
      const client = scriptedClient();
      const [a, b] = [client.socket("/a"), client.manager.socket("/b")];
      await client.enter("/a", "/b");
      client.transport.sent.length = 0;
      a.emit("last");
      a.disconnect().connect();
      const probe = (): string => {
        const name = String(client.transport.sent.at(-1)).slice(2, -1);
        return `44${name},{"message":"Invalid namespace"}`;
      };
      await settle();
      expect(client.transport.sent).toEqual(['42/a,["last"]', "40/tautline-probe-1,"]);
      client.transport.say(probe());
      await settle();
      client.transport.say(probe());
      await settle();
      expect(client.transport.sent.slice(2)).toEqual(["41/a,", "40/tautline-probe-1,", "40/a,"]);
      expect([client.tries, b.connected]).toEqual([1, true]);
    });
  });

  describe("closed, or told to wait no more, before it has a connection", () => {
    it.each<[string, (client: ScriptedClient) => void]>([
      ["close", ({ manager }) => manager._close()],
      ["disconnect", ({ manager }) => manager.disconnect()],
      ["reconnection(false)", ({ manager }) => void manager.reconnection(false)],
    ])("settles what its sockets wait for: %s", async (_how, end) => {
      const client = scriptedClient();
      const socket = client.manager.socket("/");
      await client.fail();
      const asked = [socket.emitWithAck("a"), flush(socket), next(socket, "b")].map((promise) =>
        (promise as Promise<unknown>).catch(({ code }: TautlineError) => code),
      );
      socket.emit("kept");
      end(client);
      expect(await Promise.all(asked)).toEqual(["disconnected", "disconnected", "disconnected"]);
      expect(socket.sendBuffer.map(({ data }) => data)).toEqual([["kept"]]);
      expect(vi.getTimerCount()).toBe(0);
    });

    it("has failed for want of reconnection, until somebody connects (REC-15)", async () => {
      const client = scriptedClient();
      const socket = client.socket();
      await client.fail();
      client.told();
      const states: unknown[] = [];
      client.manager.on("state", (state, old, why) => states.push([state, old, why]));
      client.manager.reconnection(false);
      expect([states, client.told()]).toEqual([[["failed", "waiting", "reconnection"]], []]);
      socket.connect();
      await client.fail();
      expect([client.manager.state, client.told()]).toEqual([
        "failed",
        ["connect_error unreachable", "error unreachable"],
      ]);
      expect(vi.getTimerCount()).toBe(0);
      client.manager.reconnection(true);
      socket.connect();
      await client.enter();
      expect(socket.connected).toBe(true);
    });

    it("begins again for a socket that connects", async () => {
      const client = scriptedClient();
      const socket = client.manager.socket("/");
      await client.fail();
      client.manager._close();
      expect(socket.active).toBe(true);
      socket.connect();
      await client.enter();
      expect(socket.connected).toBe(true);
    });
  });

  describe('its event "drop"', () => {
    it("tells which packet of which namespace was dropped, and why (BUF-6)", () => {
      const { manager } = scriptedClient({ autoConnect: false });
      const dropped: unknown[] = [];
      manager.on("drop", ({ code }, { nsp, data }) => dropped.push([code, nsp, data]));
      const buffer = { maxPackets: 1, overflow: "drop-oldest" } as const;
      const socket = manager.socket("/a", { buffer });
      socket.emit("a", 1).emit("b");
      socket.clearBuffer();
      socket.ttl(50).emit("c");
      vi.advanceTimersByTime(50);
      expect(dropped).toEqual([
        ["overflow", "/a", ["a", 1]],
        ["expired", "/a", ["c"]],
      ]);
    });

    it("can't be met by an event of the server", async () => {
      const client = scriptedClient();
      const dropped = vi.fn();
      client.manager.on("drop", dropped);
      const heard = vi.fn();
      client.socket().on("drop", heard);
      await client.enter();
      client.transport.say('42["drop",1]');
      expect([dropped.mock.calls, heard.mock.calls]).toEqual([[], [[1]]]);
    });
  });

  it("waits as long as a busy server asks, within the longest delay (REC-9)", async () => {
    const client = scriptedClient({ reconnectionDelay: 100, reconnectionDelayMax: 3000 });
    const delays: unknown[] = [];
    client.manager.on("state", (...[state, , , , delay]) => {
      if (state === "waiting") delays.push(delay);
    });
    await client.fail({ status: 503, retryAfter: 2000 });
    await vi.advanceTimersByTimeAsync(2000);
    await client.fail({ status: 503, retryAfter: 60_000 });
    expect(delays).toEqual([2000, 3000]);
  });

  it("goes where its uri says now (CON-35)", async () => {
    const client = scriptedClient({ reconnectionDelay: 100 });
    client.manager.uri = "http://other.test";
    await client.fail();
    await vi.advanceTimersByTimeAsync(100);
    expect(client.transport.options.hostname).toBe("other.test");
  });

  it("tells of packets of every namespace", async () => {
    const client = scriptedClient();
    const heard = vi.fn();
    client.manager.on("packet", heard);
    client.shakeHands().transport.say('42/x,["a"]');
    expect(heard.mock.calls).toEqual([[expect.objectContaining({ nsp: "/x", data: ["a"] })]]);
  });
});
