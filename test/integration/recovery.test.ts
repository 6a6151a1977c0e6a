import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import type { Socket } from "../../src/index.js";
import { allModes, client, next, serve, settled, until } from "../support/harness.js";
import type { RunningSocketIo } from "../support/servers.js";

const recovering = { connectionStateRecovery: { maxDisconnectionDuration: 60_000 } };

/** A session can only be recovered from an event on: it carries the offset. */
async function offset(server: RunningSocketIo, socket: Socket): Promise<void> {
  const heard = next(socket, "offset");
  server.io.emit("offset");
  await heard;
}

/** Nobody begins a session until the returned function is called. */
function shut(server: RunningSocketIo): () => void {
  const waiting: (() => void)[] = [];
  let isShut = true;
  server.io.engine.use(({ url }: IncomingMessage, _response: unknown, pass: () => void) => {
    if (isShut && !url?.includes("sid=")) waiting.push(pass);
    else pass();
  });
  return () => {
    isShut = false;
    for (const pass of waiting.splice(0)) pass();
  };
}

describe("Connection state recovery", () => {
  describe.each(allModes)("over $name", (mode) => {
    it("brings the session back with its id, data, rooms and missed packets (RCV-1)", async () => {
      const server = await serve({ ...mode.server, ...recovering });
      const socket = client(server.url, mode.options);
      const heard: unknown[] = [];
      socket.on("n", (n: unknown) => heard.push(n));
      await settled(socket, mode);
      expect(socket.recovered).toBe(false);
      const { id } = socket;
      const far = server.io.of("/").sockets.get(id ?? "");
      if (far === undefined) throw new Error("the server does not know the socket");
      far.data.name = "ann";
      await far.join("tea");
      far.emit("n", 1);
      await until(() => heard.length === 1);

      const back = next(socket, "connect");
      const open = shut(server);
      const lost = next(socket, "disconnect");
      const left = new Promise((resolve) => far.once("disconnect", resolve));
      far.conn.close();
      await Promise.all([lost, left]);
      server.io.to("tea").emit("n", 2);
      server.io.emit("n", 3);
      open();
      await back;

      expect(socket).toMatchObject({ recovered: true, id });
      await until(() => heard.length === 3);
      expect(heard).toEqual([1, 2, 3]);
      const again = server.io.of("/").sockets.get(id ?? "");
      expect(again?.data).toEqual({ name: "ann" });
      expect(again?.rooms).toContain("tea");
    });

    it("is not claimed for a session that the server has forgotten (RCV-2)", async () => {
      const server = await serve({ ...mode.server, ...recovering });
      const socket = await settled(client(server.url, mode.options), mode);
      await offset(server, socket);
      const { id, io } = socket;
      server.io.of("/").adapter.restoreSession = () => Promise.resolve(null as never);
      const again = next(socket, "connect");
      io.engine?.close();
      await again;
      expect(socket.recovered).toBe(false);
      expect(socket.id).not.toBe(id);
    });

    it("sends auth along, whose keys win (RCV-3)", async () => {
      const server = await serve({ ...mode.server, ...recovering });
      const socket = client(server.url, { ...mode.options, auth: { token: "abc" } });
      await settled(socket, mode);
      await offset(server, socket);
      const seen: object[] = [];
      server.io.engine.on("connection", (conn: NodeJS.EventEmitter) => {
        conn.on("packet", ({ data }: { data: unknown }) => {
          if (typeof data === "string" && data.startsWith("0{"))
            seen.push(JSON.parse(data.slice(1)));
        });
      });
      const again = next(socket, "connect");
      const [far] = server.io.of("/").sockets.values();
      const left = new Promise((resolve) => far?.once("disconnect", resolve));
      const open = shut(server);
      socket.io.engine?.close();
      await left;
      open();
      await again;
      expect(socket.recovered).toBe(true);
      if (mode.server.parser === undefined) {
        expect(seen).toEqual([expect.objectContaining({ token: "abc", pid: expect.any(String) })]);
      }
    });
  });
});
