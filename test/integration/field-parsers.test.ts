import { EventEmitter } from "node:events";
import { describe, expect, it, vi } from "vitest";
import { WebSocket as WsClass } from "ws";
import { WebSocket as WebSocketTransport, Fetch, type Transport } from "../../src/index.js";
import {
  client,
  closing,
  connected,
  modes,
  next,
  proxyTo,
  serve,
  until,
  type Mode,
} from "../support/harness.js";
import { startScriptedServer, thrownBy, withWebSocket } from "../support/field.js";
import { startWebSocketServer } from "../support/servers.js";

/** A parser as the reference expects it: destroy() ends everything that its decoder would tell. */
function jsonParser() {
  const decoders: JsonDecoder[] = [];
  class JsonDecoder extends EventEmitter {
    isDestroyed = false;
    constructor() {
      super();
      decoders.push(this);
    }
    add(frame: string): void {
      this.emit("decoded", JSON.parse(frame));
    }
    destroy(): void {
      this.isDestroyed = true;
      this.removeAllListeners();
    }
  }
  class Encoder {
    encode(packet: unknown): string[] {
      return [JSON.stringify(packet)];
    }
  }
  return { parser: { Encoder, Decoder: JsonDecoder }, decoders };
}

describe.each(modes)("A custom parser over $name", (mode) => {
  it("has a decoder for each session, and hears after each reconnect (PRS-12)", async () => {
    const ours = jsonParser();
    const server = await serve({ ...mode.server, parser: jsonParser().parser });
    const proxy = await proxyTo(server);
    server.io.on("connection", (far) => {
      far.on("ask", (n: unknown, answer: (n: unknown) => void) => answer(n));
    });
    const socket = client(proxy.url, { ...mode.options, parser: ours.parser });
    for (let round = 0; round < 3; round++) {
      await connected(socket);
      expect(await socket.emitWithAck("ask", round)).toBe(round);
      let isLost = false;
      socket.once("disconnect", () => (isLost = true));
      // polling between two requests has nothing to cut
      await until(() => {
        if (!isLost) proxy.cut();
        return isLost;
      });
    }
    await connected(socket);
    expect(await socket.emitWithAck("ask", "end")).toBe("end");
    const alive = ours.decoders.filter(({ isDestroyed }) => !isDestroyed);
    expect(alive.length).toBeLessThanOrEqual(1);
  });
});

const wedge = new Error("close() failed");
const thrower = (): never => {
  throw wedge;
};

// what an app's class throws goes to the host's handler of errors, also when a goodbye ends after its test
vi.stubGlobal("reportError", (error: unknown) => {
  if (error !== wedge) throw error;
});

/** A WebSocket class whose close() does its work and throws: for its user, not for `ws` itself, which calls it too. */
class WedgedWebSocket {
  constructor(...args: ConstructorParameters<typeof WsClass>) {
    return new Proxy(new WsClass(...args), {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        return (...given: unknown[]) => {
          Reflect.apply(value, target, given);
          if (name === "close") thrower();
        };
      },
      set: (target, name, value) => Reflect.set(target, name, value),
    });
  }
}

/** A transport of the app's own, whose close() does its work and throws. */
const wedged = (Class: any): any =>
  class extends Class {
    close(): void {
      (Class.prototype as Transport).close.call(this);
      thrower();
    }
  };

const websocketMode = modes[1] as Mode;
const wedgedModes = [
  ["a WebSocket class", withWebSocket(websocketMode, WedgedWebSocket)],
  ["a transport class for WebSocket", { transports: [wedged(WebSocketTransport)] }],
  ["a transport class for polling", { transports: [wedged(Fetch)] }],
] as const;

describe.each(wedgedModes)("close() of %s throws", (_name, options) => {
  it("and disconnect() and connect() work all the same (PRS-15)", async () => {
    const server = await serve();
    const socket = client(server.url, options as object);
    for (let round = 0; round < 3; round++) {
      await connected(socket);
      expect(thrownBy(() => socket.disconnect())).toBeUndefined();
      expect(socket.active).toBe(false);
      await until(() => server.io.of("/").sockets.size === 0);
      socket.connect();
    }
    await connected(socket);
  });

  it("and a connect that takes too long is given up", async () => {
    const server = await serve();
    const proxy = await proxyTo(server, { faults: { blackhole: "down" } });
    const socket = client(proxy.url, { ...(options as object), timeout: 100 });
    const [error] = await next(socket, "connect_error");
    expect(error.code).toBe("timeout");
    proxy.heal();
    await connected(socket);
  });
});

describe("A listener of outgoing packets", () => {
  it.each(modes.slice(0, 2))(
    "sees what waited before it was added, over $name (EMT-15)",
    async (mode) => {
      const server = await serve(mode.server);
      const received: unknown[] = [];
      server.io.on("connection", (far) => far.on("n", (n: unknown) => received.push(n)));
      const socket = client(server.url, { ...mode.options, autoConnect: false });
      socket.emit("n", 1);
      socket.emit("n", 2);
      const seen: unknown[] = [];
      socket.onAnyOutgoing((...args) => seen.push(args));
      socket.emit("n", 3);
      socket.connect();
      await until(() => received.length === 3);
      expect(seen).toEqual([
        ["n", 1],
        ["n", 2],
        ["n", 3],
      ]);
    },
  );
});

describe("engine.write()", () => {
  it("before it is open calls `flushed` only for what was sent", async () => {
    const frames: string[] = [];
    const server = await closing(
      startScriptedServer((frame, say) => {
        frames.push(frame);
        if (frame === "40") say('40{"sid":"x"}');
      }),
    );
    const socket = client(server.url, { transports: ["websocket"] });
    let isFlushed = false;
    socket.io.engine?.write("early", {}, () => (isFlushed = true));
    await connected(socket);
    socket.emit("end");
    await until(() => frames.includes('42["end"]'));
    expect(isFlushed).toBe(frames.includes("4early"));
  });

  it("on a session that never opens calls `flushed` for nothing", async () => {
    const server = await closing(startWebSocketServer((far) => far.close()));
    const socket = client(server.url, { transports: ["websocket"], reconnection: false });
    let isFlushed = false;
    socket.io.engine?.write("early", {}, () => (isFlushed = true));
    await next(socket, "connect_error");
    expect(isFlushed).toBe(false);
  });
});
