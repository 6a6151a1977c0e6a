import { describe, expect, it } from "vitest";
import { flush } from "../../src/delivery/index.js";
import type { Socket } from "../../src/index.js";
import { rtt } from "../../src/stats/index.js";
import { client, modes, next, serve } from "../support/harness.js";

/** A proxy that only passes on: of the socket itself, not of what it holds. */
const transparent = <T extends object>(value: T): T => new Proxy(value, {});

/** As Vue's `reactive`: deep, of everything that calls itself an Object or an Array, whatever its class. */
function reactive<T>(value: T): T {
  if (!/^\[object (?:Object|Array)\]$/.test(Object.prototype.toString.call(value))) return value;
  return new Proxy(value as object, {
    get: (target, name, self) => reactive(Reflect.get(target, name, self) as unknown),
  }) as T;
}

describe.each(modes)("Behind a proxy, over $name,", (mode) => {
  const wraps: [string, (socket: Socket) => Socket][] = [
    ["a socket", transparent],
    ["a socket in a reactive state", (socket) => reactive({ socket }).socket],
  ];
  it.each(wraps)(
    "%s connects, emits, hears, comes back and disconnects (FRW-14)",
    async (_, wrap) => {
      const server = await serve(mode.server);
      server.io.on("connection", (socket) => {
        socket.on("echo", (value: unknown, answer: (value: unknown) => void) => answer(value));
        socket.on("say", (value: unknown) => socket.emit("said", value));
      });
      const raw = client(server.url, {
        ...mode.options,
        autoConnect: false,
        reconnectionDelay: 10,
      });
      const socket = wrap(raw);
      const first = next(socket, "connect");
      socket.connect();
      await first;
      expect([socket.connected, socket.id]).toEqual([true, raw.id]);
      expect(await socket.emitWithAck("echo", 1)).toBe(1);
      expect(await socket.timeout(60_000).emitWithAck("echo", reactive({ deep: [2] }))).toEqual({
        deep: [2],
      });
      const said = next(socket, "said");
      socket.emit("say", "hello");
      expect(await said).toEqual(["hello"]);
      await flush(socket);
      expect(await rtt(socket.io)).toBeGreaterThanOrEqual(0);
      const back = next(socket, "connect");
      socket.io.engine?.close();
      await back;
      const gone = next(socket, "disconnect");
      socket.disconnect();
      expect((await gone)[0]).toBe("io client disconnect");
      expect([raw.connected, raw.active]).toEqual([false, false]);
    },
  );
});
