import { describe, expect, it } from "vitest";
import type { Socket } from "../../src/index.js";
import { allModes, client, connected, next, serve, settled, until } from "../support/harness.js";

function stateOf({ connected, disconnected, active, id }: Socket) {
  return { connected, disconnected, active, id };
}

describe("Connecting", () => {
  describe.each(allModes)("over $name", (mode) => {
    it("gives the socket the id that the server knows, and settles on a transport (CON-1)", async () => {
      const server = await serve(mode.server);
      const socket = client(server.url, mode.options);
      const before = { connected: false, disconnected: true, active: true, id: undefined };
      expect(stateOf(socket)).toEqual(before);
      await settled(socket, mode);
      const [id] = server.io.of("/").sockets.keys();
      expect(stateOf(socket)).toEqual({ connected: true, disconnected: false, active: true, id });
      const seen = server.io.of("/").sockets.get(socket.id ?? "");
      await until(() => seen?.conn.transport.name === mode.settles);
    });

    it("is not connected after disconnect, and leaves nothing on the server (CON-2)", async () => {
      const server = await serve(mode.server);
      const socket = await settled(client(server.url, mode.options), mode);
      const reason = next(socket, "disconnect");
      socket.disconnect();
      expect((await reason)[0]).toBe("io client disconnect");
      const after = { connected: false, disconnected: true, active: false, id: undefined };
      expect(stateOf(socket)).toEqual(after);
      await until(() => server.io.engine.clientsCount === 0);
    });

    it("connects again after disconnect, with another id (CON-3)", async () => {
      const server = await serve(mode.server);
      const socket = await connected(client(server.url, mode.options));
      const { id } = socket;
      socket.disconnect().connect();
      await connected(socket);
      expect(socket.id).not.toBe(id);
      await until(() => server.io.of("/").sockets.size === 1);
      expect(server.io.of("/").sockets.has(socket.id ?? "")).toBe(true);
    });

    it("waits for connect() with autoConnect false (CON-4)", async () => {
      const server = await serve(mode.server);
      const socket = client(server.url, { ...mode.options, autoConnect: false });
      expect(socket.active).toBe(false);
      expect(socket.io.engine).toBeUndefined();
      socket.connect();
      expect(socket.active).toBe(true);
      await connected(socket);
    });

    it("delivers what was emitted before it was connected, in order (CON-5)", async () => {
      const server = await serve(mode.server);
      const received: number[] = [];
      server.io.on("connection", (far) => far.on("n", (n: number) => received.push(n)));
      const socket = client(server.url, { ...mode.options, autoConnect: false });
      for (let n = 0; n < 50; n++) socket.emit("n", n);
      expect(socket.sendBuffer).toHaveLength(50);
      socket.connect();
      await until(() => received.length === 50);
      expect(received).toEqual(Array.from({ length: 50 }, (_, n) => n));
      expect(socket.sendBuffer).toHaveLength(0);
    });
  });
});
