import { describe, expect, it } from "vitest";
import type { Socket as ServerSocket } from "socket.io";
import type { Socket } from "../../src/index.js";
import { createFaultProxy } from "../support/fault-proxy.mjs";
import {
  allModes,
  client,
  closing,
  connected,
  modes,
  next,
  proxyTo,
  serve,
  settled,
  until,
} from "../support/harness.js";

/** The events of a reconnection in the order in which an app sees them. */
function story(socket: Socket): string[] {
  const events: string[] = [];
  for (const name of ["connect", "disconnect", "connect_error"] as const) {
    socket.on(name, () => events.push(name));
  }
  for (const name of [
    "reconnect_attempt",
    "reconnect",
    "reconnect_error",
    "reconnect_failed",
  ] as const) {
    socket.io.on(name, () => events.push(name));
  }
  return events;
}

/** A server that goes down and comes up again at one address: the port stays with a proxy, so that nobody else gets it. */
async function restartable(options: Parameters<typeof serve>[0]) {
  const first = await serve(options);
  const target = { host: "127.0.0.1", port: first.port };
  const proxy = await closing(createFaultProxy({ target }));
  return {
    url: proxy.url,
    async stop() {
      proxy.set({ refuseConnections: true });
      await first.close();
    },
    async start(onConnection: (far: ServerSocket) => void = () => {}) {
      const { io, port } = await serve(options);
      io.on("connection", onConnection);
      target.port = port;
      proxy.heal();
    },
  };
}

describe("Reconnecting", () => {
  describe.each(allModes)("over $name", (mode) => {
    it("does not happen when the server disconnects the socket (REC-18)", async () => {
      const server = await serve(mode.server);
      const socket = await settled(client(server.url, mode.options), mode);
      const events = story(socket);
      const gone = next(socket, "disconnect");
      server.io.disconnectSockets();
      expect((await gone)[0]).toBe("io server disconnect");
      expect(socket).toMatchObject({ connected: false, active: false });
      socket.connect();
      await connected(socket);
      expect(events).toEqual(["disconnect", "connect"]);
    });

    it("follows when the engine is closed, by either side (REC-19)", async () => {
      const server = await serve(mode.server);
      const socket = await settled(client(server.url, mode.options), mode);
      const events = story(socket);
      let gone = next(socket, "disconnect");
      let back = next(socket, "connect");
      socket.io.engine?.close();
      expect((await gone)[0]).toBe("forced close");
      expect(socket.active).toBe(true);
      await back;
      await settled(socket, mode);
      gone = next(socket, "disconnect");
      back = next(socket, "connect");
      server.io
        .of("/")
        .sockets.get(socket.id ?? "")
        ?.conn.close();
      expect((await gone)[0]).toBe("transport close");
      await back;
      const round = ["disconnect", "reconnect_attempt", "reconnect", "connect"];
      expect(events).toEqual([...round, ...round]);
    });

    it("tells its story in order when the server restarts, and loses no emit (REC-11, EMT-12)", async () => {
      const { url, stop, start } = await restartable(mode.server);
      const socket = await settled(client(url, mode.options), mode);
      const events = story(socket);
      const gone = next(socket, "disconnect");
      await stop();
      await gone;
      const answers = [1, 2, 3].map((n) => socket.emitWithAck("echo", n, new Uint8Array([n])));
      expect(socket.sendBuffer).toHaveLength(3);
      await next(socket.io, "reconnect_error");
      const back = next(socket, "connect");
      const order: number[] = [];
      await start((far) => {
        far.on("echo", (n: number, _bytes, reply) => {
          order.push(n);
          reply(n);
        });
      });
      await back;
      expect(await Promise.all(answers)).toEqual([1, 2, 3]);
      expect(order).toEqual([1, 2, 3]);
      expect(events[0]).toBe("disconnect");
      expect(events.slice(1, 4)).toEqual(["reconnect_attempt", "connect_error", "reconnect_error"]);
      expect(events.slice(-3)).toEqual(["reconnect_attempt", "reconnect", "connect"]);
    });

    it("stops after reconnectionAttempts, and can be started again (REC-12)", async () => {
      const { url, stop, start } = await restartable(mode.server);
      const socket = client(url, { ...mode.options, reconnectionAttempts: 2 });
      await settled(socket, mode);
      const events = story(socket);
      const attempts: number[] = [];
      socket.io.on("reconnect_attempt", (n) => attempts.push(n));
      const failed = next(socket.io, "reconnect_failed");
      await stop();
      await failed;
      expect(attempts).toEqual([1, 2]);
      const attempt = ["reconnect_attempt", "connect_error"];
      expect(events.filter((event) => event !== "reconnect_error")).toEqual([
        "disconnect",
        ...attempt,
        ...attempt,
        "reconnect_failed",
      ]);
      await start();
      socket.connect();
      await connected(socket);
    });

    it("does not happen with reconnection false (REC-14)", async () => {
      const server = await serve(mode.server);
      const socket = client(server.url, { ...mode.options, reconnection: false });
      await settled(socket, mode);
      const events = story(socket);
      const gone = next(socket, "disconnect");
      socket.io.engine?.close();
      await gone;
      socket.connect();
      await connected(socket);
      expect(events).toEqual(["disconnect", "connect"]);
    });

    it("brings every namespace back (REC-22)", async () => {
      const server = await serve(mode.server);
      for (const name of ["/a", "/b"]) server.io.of(name);
      const main = await settled(client(server.url, mode.options), mode);
      const sockets = [main, main.io.socket("/a"), main.io.socket("/b")];
      await Promise.all(sockets.map(connected));
      const ids = sockets.map(({ id }) => id);
      const back = sockets.map((socket) => next(socket, "connect"));
      main.io.engine?.close();
      await Promise.all(back);
      for (const [index, socket] of sockets.entries()) expect(socket.id).not.toBe(ids[index]);
      await until(() => server.io.engine.clientsCount === 1);
    });
  });

  describe.each(modes)("over $name, through a network that fails", (mode) => {
    it.each(["rst", "fin"] as const)("follows a cut connection (%s) (REC-20)", async (how) => {
      const server = await serve(mode.server);
      const proxy = await proxyTo(server);
      const socket = await settled(client(proxy.url, mode.options), mode);
      const events = story(socket);
      const reasons: string[] = [];
      socket.on("disconnect", (reason) => reasons.push(reason));
      const back = next(socket, "connect");
      // Polling may stand between two requests, with nothing to cut.
      await until(() => reasons.length > 0 || proxy.cut({ how }) < 0);
      expect(["transport close", "transport error"]).toContain(reasons[0]);
      await back;
      expect(events).toEqual(["disconnect", "reconnect_attempt", "reconnect", "connect"]);
    });

    it("goes on while connections are refused (REC-21)", async () => {
      const server = await serve(mode.server);
      const proxy = await proxyTo(server);
      const socket = await settled(client(proxy.url, mode.options), mode);
      const attempts: number[] = [];
      socket.io.on("reconnect_attempt", (n) => attempts.push(n));
      proxy.set({ refuseConnections: true });
      proxy.cut();
      await until(() => attempts.length >= 4);
      const reconnected = next(socket.io, "reconnect");
      proxy.heal();
      const [attempt] = await reconnected;
      expect(attempts).toEqual(attempts.map((_, index) => index + 1));
      expect(attempt).toBe(attempts.at(-1));
      await connected(socket);
    });
  });
});
