import { beforeEach, describe, expect, it, vi } from "vitest";
import { TautlineError } from "../../../src/errors.js";
import type { Engine } from "../../../src/index.js";
import { isolate, scriptedClient, settle } from "../../support/scripted-client.js";
import { handshake, scriptedTransport } from "../../support/scripted-transport.js";

beforeEach(() => isolate());

/** Open over a transport that streams. */
function streaming() {
  const client = scriptedClient({ reconnection: false });
  const opening = client.manager.engine as Engine;
  client.shakeHands();
  return { ...client, client, engine: opening, transport: client.transport };
}

/** Connected over a transport that takes one batch at a time, to a server that offers a better one. */
async function batching({ upgrade = false, maxPayload = 100_000, isPython = false } = {}) {
  const Polling = scriptedTransport("polling", { streams: false });
  const Stream = scriptedTransport("websocket");
  const client = scriptedClient(
    // what is remembered of transports at a place lives as long as the module
    { reconnection: false, upgrade, path: `/${Math.random()}`, transports: [Polling, Stream] },
    Polling,
  );
  const socket = client.socket();
  const { transport } = client;
  const { sid, pingInterval, pingTimeout } = handshake;
  const times = isPython ? { pingTimeout, pingInterval } : { pingInterval, pingTimeout };
  const greeting = { sid, upgrades: ["websocket"], ...times, maxPayload };
  transport.stand().say("0" + JSON.stringify(greeting));
  await settle();
  transport.drain().say('40{"sid":"s"}');
  transport.sent.length = transport.batches.length = 0;
  return { client, socket, transport, Stream, engine: client.manager.engine as Engine };
}

describe("Session", () => {
  describe("while opening", () => {
    it("is closed by close()", async () => {
      const client = scriptedClient({ reconnection: false });
      const engine = client.manager.engine as Engine;
      engine.close().close();
      await settle();
      expect([engine.readyState, client.transport.state]).toEqual(["closed", "closed"]);
      expect(vi.getTimerCount()).toBe(0);
    });

    it("is closed by a failure, and tells what was tried", async () => {
      const client = scriptedClient({ reconnection: false });
      const engine = client.manager.engine as Engine;
      const errors: TautlineError[] = [];
      engine.on("error", (error) => errors.push(error));
      await client.fail({ status: 502 });
      expect(engine.readyState).toBe("closed");
      expect(errors[0]).toBeInstanceOf(TautlineError);
      expect(errors[0]).toMatchObject({
        code: "http-status",
        type: "TransportError",
        attempts: [{ transport: "scripted", code: "http-status", status: 502 }],
      });
    });

    it("is open after the handshake, and tells of it", () => {
      const client = scriptedClient();
      const engine = client.manager.engine as Engine;
      const told: unknown[] = [];
      engine.on("handshake", ({ sid }) => told.push(sid)).on("open", () => told.push("open"));
      client.shakeHands({ sid: "abc" });
      expect([engine.readyState, engine.id, told]).toEqual(["open", "abc", ["abc", "open"]]);
      expect(client.transport.query["sid"]).toBe("abc");
    });
  });

  describe("while open", () => {
    it("is closed by close(), once and for all", () => {
      const { engine, transport } = streaming();
      const closes: string[] = [];
      engine.on("close", (reason) => closes.push(reason));
      engine.close().close();
      engine.open();
      expect([engine.readyState, transport.state, closes]).toEqual([
        "closed",
        "closed",
        ["forced close"],
      ]);
    });

    it.each([
      ["the carrier closes", { kind: "close" }, "transport close"],
      ["the carrier fails", { kind: "error" }, "transport error"],
    ] as const)("is closed when %s", async (_what, failure, reason) => {
      const { engine, client } = streaming();
      const closes: string[] = [];
      engine.on("close", (why) => closes.push(why));
      await client.fail(failure);
      expect([engine.readyState, closes]).toEqual(["closed", [reason]]);
      expect(vi.getTimerCount()).toBe(0);
    });

    it("ignores a pong, an upgrade, a noop, and on a stream a close", () => {
      const { engine, transport } = streaming();
      transport.say("3").say("3probe").say("5").say("6").say("1");
      expect(engine.readyState).toBe("open");
    });

    it("is closed by a close over polling", async () => {
      const { client, transport } = await batching();
      client.told();
      transport.say("1");
      expect(client.told()).toEqual(["disconnect transport close", "close transport close"]);
    });

    it("offers again what a stream did not take, once it says that there is room", async () => {
      const { client, transport } = streaming();
      const socket = client.socket();
      transport.say('40{"sid":"s"}');
      await settle();
      transport.sent.length = 0;
      transport.busy = true;
      socket.emit("a");
      expect(transport.sent).toEqual([]);
      transport.drain();
      expect(transport.sent).toEqual(['42["a"]']);
    });

    it("counts a packet in base64 once, and tells its data", () => {
      const { engine, transport } = streaming();
      const heard: unknown[] = [];
      const before = engine.heard;
      engine.on("packet", (packet) => heard.push(packet));
      transport.say("bAQID");
      expect(engine.heard).toBe(before + 1);
      expect(heard).toEqual([{ type: "message", data: Uint8Array.of(1, 2, 3).buffer }]);
    });

    it("says what was too large for the server (EMT-9)", async () => {
      const { engine, client } = streaming();
      const closes: unknown[] = [];
      engine.on("close", (...args) => closes.push(args));
      const context = { code: 1009 };
      await client.fail({ kind: "close", code: "too-large", context });
      expect(closes).toEqual([
        ["transport close", expect.objectContaining({ code: "too-large", context })],
      ]);
    });

    it("ends when its transport was closed for a page that stays", async () => {
      vi.stubGlobal("addEventListener", (type: string, listener: () => void) => {
        if (type === "beforeunload") leave = listener;
      });
      vi.stubGlobal("removeEventListener", () => (leave = undefined));
      let leave: (() => void) | undefined;
      const client = scriptedClient({ reconnection: false, closeOnBeforeunload: true });
      client.shakeHands();
      client.told();
      leave?.();
      expect([client.transport.state, client.told()]).toEqual(["closed", []]);
      await settle();
      expect(client.told()).toEqual(["close transport close"]);
      expect([leave, vi.getTimerCount()]).toEqual([undefined, 0]);
    });

    it("ends also when the class of its transport can't close", () => {
      const report = vi.fn();
      vi.stubGlobal("reportError", report);
      const { engine, transport } = streaming();
      transport.close = () => {
        throw new Error("can't");
      };
      engine.close();
      expect([engine.readyState, report.mock.calls.length]).toEqual(["closed", 1]);
      transport.say("4late");
    });

    it.each(["", "0", '0{"sid":"other","pingInterval":1,"pingTimeout":1}', "7", "x", "b*"])(
      "is closed by the frame %j, and hears nothing after it",
      (frame) => {
        const { client, engine, transport } = streaming();
        client.told();
        const { sink } = transport;
        sink.text(frame);
        sink.text('40{"sid":"late"}');
        expect([engine.readyState, engine.id, client.told()]).toEqual([
          "closed",
          "session",
          ["close parse error"],
        ]);
      },
    );

    it("tells others of packets that come and go", async () => {
      const { client, engine, transport } = streaming();
      const told: unknown[] = [];
      engine.on("packet", (packet) => told.push(["in", packet]));
      engine.on("packetCreate", (packet) => told.push(["out", packet]));
      engine.on("message", (data) => told.push(["message", data]));
      engine.on("flush", () => told.push("flush"));
      engine.on("drain", () => told.push("drain"));
      client.manager.socket("/");
      transport.say('40{"sid":"s"}');
      await settle();
      expect(told).toEqual([
        ["out", { type: "message", data: "0", options: { compress: true } }],
        ["in", { type: "message", data: '0{"sid":"s"}' }],
        ["message", '0{"sid":"s"}'],
        "flush",
        "drain",
      ]);
    });

    it("sends messages past Socket.IO", async () => {
      const { engine, transport } = streaming();
      const flushed = vi.fn();
      engine.write("a").send("b", { compress: false }, flushed);
      await settle();
      expect(transport.sent).toEqual(["4a", "4b"]);
      expect(flushed).toHaveBeenCalledOnce();
    });

    it("reads a Blob before it is written, and reports one that can't be read (BIN-6)", async () => {
      const reported = vi.fn();
      vi.stubGlobal("reportError", reported);
      const { engine, transport } = streaming();
      const [broken, cause] = [new Blob(["x"]), new Error("gone")];
      broken.arrayBuffer = () => Promise.reject(cause);
      engine
        .write(new Blob(["ab"]))
        .write(broken)
        .write("c");
      await expect.poll(() => transport.sent).toHaveLength(2);
      expect(transport.sent).toEqual(["4c", new TextEncoder().encode("ab").buffer]);
      expect(reported.mock.calls).toEqual([[cause]]);
    });

    it("calls back for nothing that it dropped", async () => {
      const { engine, transport } = streaming();
      const flushed = vi.fn();
      engine.close().write("a", {}, flushed);
      await settle();
      expect([transport.sent, flushed.mock.calls.length]).toEqual([[], 0]);
    });

    it("writes a packet with an unreadable buffer not even in part", () => {
      const { engine, transport } = streaming();
      const gone = new ArrayBuffer(8);
      structuredClone(gone, { transfer: [gone] });
      const packet = ['51-["a",{"_placeholder":true,"num":0}]', gone];
      expect(() => engine.transmit(packet, true)).toThrow(TautlineError);
      expect(transport.sent).toEqual([]);
    });

    it("reads what others emit as data", async () => {
      const { engine, client, transport } = streaming();
      const heard = vi.fn();
      client.manager.socket("/").on("a", heard);
      transport.say('40{"sid":"s"}');
      engine.emit("data", '2["a",1]');
      expect(heard.mock.calls).toEqual([[1]]);
    });
  });

  describe("over a transport that batches", () => {
    it("sends together what is emitted together, and the rest when that has left", async () => {
      const { socket, transport } = await batching();
      socket.emit("a").emit("b");
      expect(transport.batches).toEqual([]);
      await settle();
      socket.emit("c");
      await settle();
      expect(transport.batches).toEqual([['42["a"]', '42["b"]']]);
      transport.drain();
      await settle();
      expect(transport.batches[1]).toEqual(['42["c"]']);
    });

    it("sends any number of packets at a time to the reference server (TRA-42)", async () => {
      const { engine, transport } = await batching();
      for (let i = 0; i < 50; i++) engine.transmit(`2["a",${i}]`, true);
      await settle();
      expect(transport.batches.map(({ length }) => length)).toEqual([50]);
    });

    it("sends no more than 16 packets at a time to others, in order (TRA-41)", async () => {
      const { socket, transport } = await batching({ isPython: true });
      const sent = Array.from({ length: 50 }, (_, i) => `42["a",${i}]`);
      for (let i = 0; i < 50; i++) socket.emit("a", i);
      for (let round = 0; round < 10; round++) {
        await settle();
        if (transport.busy) transport.drain();
      }
      expect(transport.batches.every((batch) => batch.length <= 16)).toBe(true);
      expect(transport.sent).toEqual(sent);
    });

    it("sends no more than the server takes (TRA-40)", async () => {
      const { socket, transport } = await batching({ maxPayload: 40 });
      const sent = Array.from({ length: 6 }, (_, i) => `42["a","12${i}"]`);
      for (let i = 0; i < 6; i++) socket.emit("a", `12${i}`);
      for (let round = 0; round < 10; round++) {
        await settle();
        if (transport.busy) transport.drain();
      }
      const sizes = transport.batches.map((batch) => batch.join("\x1e").length);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(40);
      expect(transport.sent).toEqual(sent);
    });

    it("sends what was written before it closes, also what waits for its turn (TRA-44)", async () => {
      const { socket, transport, engine } = await batching();
      socket.emit("a");
      await settle();
      engine.transmit('2["b"]', true, true);
      engine.transmit("1", true, true);
      engine.close();
      expect([engine.readyState, transport.state]).toEqual(["closing", "open"]);
      await settle();
      expect(transport.batches).toEqual([['42["a"]']]);
      transport.drain();
      expect(transport.batches[1]).toEqual(['42["b"]', "41"]);
      transport.drain();
      socket.disconnect();
      expect([engine.readyState, transport.state, vi.getTimerCount()]).toEqual([
        "closed",
        "closed",
        0,
      ]);
    });

    it("has five seconds for its farewell, and again with each step of it (TRA-45)", async () => {
      const { socket, transport, engine } = await batching({ maxPayload: 12 });
      socket.emit("a");
      await settle();
      for (let i = 0; i < 3; i++) engine.transmit(`2["${i}"]`, true, true);
      engine.close();
      await settle();
      for (let i = 0; i < 3; i++) {
        await vi.advanceTimersByTimeAsync(4999);
        expect(engine.readyState).toBe("closing");
        transport.drain();
        await settle();
      }
      expect(transport.batches).toEqual([['42["a"]'], ['42["0"]'], ['42["1"]'], ['42["2"]']]);
      await vi.advanceTimersByTimeAsync(5000);
      expect([engine.readyState, vi.getTimerCount()]).toEqual(["closed", 0]);
    });

    it("calls back once a message was handed over", async () => {
      const { socket, transport, engine } = await batching();
      socket.emit("a");
      await settle();
      const flushed = vi.fn();
      engine.write("b", {}, flushed);
      await settle();
      expect(flushed).not.toHaveBeenCalled();
      transport.drain();
      expect([flushed.mock.calls.length, transport.sent]).toEqual([1, ['42["a"]', "4b"]]);
    });

    it("is closed by a failure while it is closing", async () => {
      const { socket, transport, engine } = await batching();
      socket.emit("a");
      await settle();
      socket.disconnect();
      transport.fail();
      await settle();
      expect([engine.readyState, vi.getTimerCount()]).toEqual(["closed", 0]);
    });
  });

  describe("that may move to a better transport", () => {
    it("does, and loses and reorders nothing (UPG-1)", async () => {
      const { socket, transport, Stream, engine, client } = await batching({ upgrade: true });
      const told: string[] = [];
      engine.on("upgrading", ({ name }) => told.push(`upgrading ${name}`));
      engine.on("upgrade", ({ name }) => told.push(`upgrade ${name}`));
      const heard: unknown[] = [];
      socket.on("n", (n: number) => heard.push(n));
      const next = Stream.latest;
      expect([next.query["sid"], client.told()]).toEqual(["session", ["open", "connect"]]);
      socket.emit("n", 1);
      await settle();
      next.stand().say("3probe");
      socket.emit("n", 2);
      expect(told).toEqual(["upgrading websocket"]);
      transport.drain();
      expect(told).toEqual(["upgrading websocket", "upgrade websocket"]);
      socket.emit("n", 3);
      await settle();
      expect([transport.sent, next.sent]).toEqual([
        ['42["n",1]'],
        ["2probe", "5", '42["n",2]', '42["n",3]'],
      ]);
      next.say('42["n",2]');
      transport.say('42["n",1]').say("6");
      transport.finishRetiring();
      next.say('42["n",3]');
      expect(heard).toEqual([1, 2, 3]);
      expect(engine.transport).toBe(next);
    });

    it("takes the farewell of the transport that it left for none", async () => {
      const { transport, Stream, engine } = await batching({ upgrade: true });
      Stream.latest.stand().say("3probe");
      transport.say("1");
      transport.finishRetiring();
      expect([engine.readyState, engine.transport]).toEqual(["open", Stream.latest]);
    });

    it("trusts what worked, also when the app leaves at once", async () => {
      const path = `/${Math.random()}`;
      const visit = async (): Promise<string[]> => {
        const Stream = scriptedTransport("websocket");
        const Polling = scriptedTransport("polling", { streams: false });
        const client = scriptedClient(
          { reconnection: false, path, transports: [Stream, Polling] },
          Polling,
        );
        if (Stream.opened.length) await vi.advanceTimersByTimeAsync(1000);
        client.transport.shakeHands({ upgrades: ["websocket"] });
        await settle();
        const tried = Stream.opened.map(({ query }) => (query["sid"] ? "upgrade" : "open"));
        Stream.latest.stand().say("3probe");
        client.transport.finishRetiring();
        client.manager._close();
        return tried;
      };
      for (let i = 0; i < 4; i++) expect(await visit()).toEqual(["open", "upgrade"]);
    });

    it("stays where it is when the probe fails, says so, and goes on (UPG-5)", async () => {
      const { socket, transport, Stream, engine } = await batching({ upgrade: true });
      const errors: unknown[] = [];
      engine.on("upgradeError", ({ code, message }) => errors.push([code, message]));
      socket.emit("n", 1);
      Stream.latest.stand().fail();
      await settle();
      expect(errors).toEqual([["websocket-blocked", "websocket error"]]);
      expect(transport.sent).toEqual(['42["n",1]']);
      expect(engine.transport).toBe(transport);
    });

    it("goes on also when the probe dies between its answer and the switch (UPG-5)", async () => {
      const { socket, transport, Stream, engine } = await batching({ upgrade: true });
      socket.emit("n", 1);
      await settle();
      Stream.latest.stand().say("3probe");
      socket.emit("n", 2);
      Stream.latest.fail();
      transport.drain();
      await settle();
      expect([transport.sent, engine.transport]).toEqual([['42["n",1]', '42["n",2]'], transport]);
    });

    it("tries again after a while (UPG-7)", async () => {
      const { transport, Stream } = await batching({ upgrade: true });
      Stream.latest.fail();
      for (let minute = 0; minute < 2; minute++) {
        transport.say("2");
        await vi.advanceTimersByTimeAsync(30_000);
        transport.drain();
      }
      expect(Stream.opened).toHaveLength(2);
    });

    it("doesn't when it is told not to, or when the server offers nothing (UPG-2)", async () => {
      const { Stream } = await batching({ upgrade: false });
      await vi.advanceTimersByTimeAsync(10_000);
      expect(Stream.opened).toEqual([]);
    });

    it.each([
      ["probing", (next: InstanceType<ReturnType<typeof scriptedTransport>>) => void next.stand()],
      [
        "switching",
        (next: InstanceType<ReturnType<typeof scriptedTransport>>) =>
          void next.stand().say("3probe"),
      ],
    ])("leaves nothing behind when it is closed while %s", async (_state, play) => {
      const { socket, transport, Stream } = await batching({ upgrade: true });
      play(Stream.latest);
      socket.disconnect();
      await settle();
      if (transport.busy) transport.drain();
      if (transport.isRetired) transport.finishRetiring();
      await settle();
      expect([transport.state, Stream.latest.state]).toEqual(["closed", "closed"]);
      expect(vi.getTimerCount()).toBe(0);
    });
  });
});
