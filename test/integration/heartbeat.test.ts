import { describe, expect, it } from "vitest";
import { announcePingTimeout } from "../support/field.js";
import {
  client,
  connected,
  modes,
  next,
  proxyTo,
  serve,
  settled,
  until,
} from "../support/harness.js";

describe("Heartbeat", () => {
  describe.each(modes)("over $name", (mode) => {
    it("keeps the connection through several pings (PRB-16)", async () => {
      const server = await serve({ ...mode.server, pingInterval: 30, pingTimeout: 60_000 });
      const socket = await settled(client(server.url, mode.options), mode);
      const { id } = socket;
      let pings = 0;
      socket.io.on("ping", () => pings++);
      await until(() => pings >= 4);
      expect(socket.id).toBe(id);
      expect(server.io.of("/").sockets.has(id ?? "")).toBe(true);
    });

    it("notices a server that went silent, and reconnects (PRB-17)", async () => {
      const server = await serve({ ...mode.server, pingInterval: 50 });
      announcePingTimeout(server, 100);
      const proxy = await proxyTo(server);
      const socket = await settled(client(proxy.url, mode.options), mode);
      // by then an upgrade is quite over: nothing of it waits for the line any more
      await new Promise<void>((resolve) => socket.io.once("ping", resolve));
      const lost = next(socket, "disconnect");
      proxy.set({ blackhole: "down" });
      expect((await lost)[0]).toBe("ping timeout");
      expect(socket.active).toBe(true);
      proxy.heal();
      await connected(socket);
    });
  });
});
