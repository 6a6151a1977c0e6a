import { stats } from "../../src/stats/index.js";
import { describe, expect, it } from "vitest";
import { networkDouble } from "../support/network-double.js";
import { client, modes, next, proxyTo, serve, settled, until } from "../support/harness.js";

const slow = { reconnectionDelay: 60_000, reconnectionDelayMax: 60_000, randomizationFactor: 0 };

describe("A signal of the host", () => {
  describe.each(modes)("over $name", (mode) => {
    it.each(["wake", "online", "networkchange"] as const)(
      "ends waiting: %s (SIG-18)",
      async (event) => {
        const server = await serve(mode.server);
        const proxy = await proxyTo(server);
        const network = networkDouble();
        const socket = client(proxy.url, { ...mode.options, ...slow, network });
        await settled(socket, mode);
        stats(socket.io);
        proxy.set({ refuseConnections: true });
        const failed = next(socket.io, "reconnect_error");
        proxy.cut();
        // polling between two requests has nothing to cut, and asks anew
        await until(() => socket.io.state !== "open");
        network.tell("wake");
        await failed;
        await until(() => socket.io.state === "waiting");
        proxy.heal();
        const back = next(socket, "connect");
        network.tell(event);
        await back;
        expect(stats(socket.io).reconnects).toBe(1);
      },
    );

    it("puts a page away, and brings it back with what was missed (SIG-8)", async () => {
      const server = await serve({
        ...mode.server,
        connectionStateRecovery: { maxDisconnectionDuration: 60_000 },
      });
      const network = networkDouble();
      const socket = client(server.url, { ...mode.options, ...slow, network });
      const heard: unknown[] = [];
      socket.on("n", (n: unknown) => heard.push(n));
      await settled(socket, mode);
      const { id } = socket;
      server.io.emit("n", 1);
      await until(() => heard.length === 1);
      const lost = next(socket, "disconnect");
      network.tell("sleep");
      expect(await lost).toEqual(["transport close", { description: "the page was put away" }]);
      await until(() => server.io.engine.clientsCount === 0);
      server.io.emit("n", 2);
      const back = next(socket, "connect");
      network.tell("wake");
      await back;
      expect(socket).toMatchObject({ recovered: true, id });
      await until(() => heard.length === 2);
      expect(heard).toEqual([1, 2]);
    });
  });
});
