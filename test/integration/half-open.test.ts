import { rtt, stats } from "../../src/stats/index.js";
import { describe, expect, it } from "vitest";
import { networkDouble } from "../support/network-double.js";
import { client, modes, next, proxyTo, serve, settled, until } from "../support/harness.js";

/** The servers' heartbeat is far too slow to be what finds the line dead in these tests. */
const patient = { pingInterval: 25_000, pingTimeout: 20_000 };

describe("A half-open connection", () => {
  describe.each(modes)("over $name", (mode) => {
    it("is found dead by a probe on wake, and is back at once (PRB-2)", async () => {
      const server = await serve({ ...mode.server, ...patient });
      const proxy = await proxyTo(server);
      const network = networkDouble();
      const socket = client(proxy.url, {
        ...mode.options,
        network,
        probeTimeout: 200,
        reconnectionDelay: 60_000,
        reconnectionDelayMax: 60_000,
      });
      await settled(socket, mode);
      const { id } = socket;
      proxy.set({ blackhole: "both" });
      const closed = next(socket.io, "close");
      const lost = next(socket, "disconnect");
      const back = next(socket, "connect");
      network.tell("wake");
      const [reason, details] = await closed;
      expect(reason).toBe("ping timeout");
      expect(details).toEqual({ description: "the server did not answer a probe" });
      expect((await lost)[0]).toBe("ping timeout");
      proxy.set({ blackhole: false });
      await back;
      expect(socket.id).not.toBe(id);
    });

    it("loses no emit and gets no answer twice (PRB-11)", async () => {
      const server = await serve({ ...mode.server, ...patient });
      const heard: number[] = [];
      server.io.on("connection", (far) => {
        far.on("n", (n: number, answer: (n: number) => void) => {
          heard.push(n);
          answer(n);
        });
      });
      const proxy = await proxyTo(server);
      const network = networkDouble();
      const socket = client(proxy.url, { ...mode.options, network, probeTimeout: 200 });
      await settled(socket, mode);
      await socket.emitWithAck("n", 1);
      proxy.set({ blackhole: "both" });
      const lost = next(socket, "disconnect");
      network.tell("wake");
      await lost;
      const answers = Promise.all([socket.emitWithAck("n", 2), socket.emitWithAck("n", 3)]);
      proxy.set({ blackhole: false });
      expect(await answers).toEqual([2, 3]);
      expect(heard).toEqual([1, 2, 3]);
    });

    it("is left alone when it was only slow (PRB-1)", async () => {
      const server = await serve({ ...mode.server, ...patient });
      const proxy = await proxyTo(server);
      const network = networkDouble();
      const socket = client(proxy.url, { ...mode.options, network, probeTimeout: 10_000 });
      await settled(socket, mode);
      const { id } = socket;
      proxy.set({ blackhole: "down" });
      const { packetsIn } = stats(socket.io);
      network.tell("offline");
      network.tell("online");
      proxy.set({ blackhole: false });
      await until(() => stats(socket.io).packetsIn > packetsIn);
      await until(() => stats(socket.io).rtt.last !== undefined);
      expect(socket).toMatchObject({ connected: true, id });
    });
  });

  describe.each(modes)("with a real server, over $name", (mode) => {
    it.each(["wake", "online", "offline", "networkchange"] as const)(
      "a false %s breaks nothing (PRB-10)",
      async (event) => {
        const server = await serve(mode.server);
        const network = networkDouble();
        const socket = client(server.url, { ...mode.options, network, probeTimeout: 10_000 });
        await settled(socket, mode);
        const { id } = socket;
        const refused = next(socket.io, "packet");
        network.tell(event);
        expect(await refused).toEqual([expect.objectContaining({ nsp: "/tautline-probe-1" })]);
        expect(await rtt(socket.io)).toBeGreaterThan(0);
        expect(socket).toMatchObject({ connected: true, id });
        expect(server.io.engine.clientsCount).toBe(1);
      },
    );

    it("measures with a server that has a catch-all namespace, and leaves that again (PRB-8)", async () => {
      const server = await serve(mode.server);
      const entered: string[] = [];
      const left: string[] = [];
      server.io.of(/.*/).on("connection", (far) => {
        entered.push(far.nsp.name);
        far.on("disconnect", (reason) => left.push(`${far.nsp.name} ${reason}`));
        far.emit("welcome");
      });
      const network = networkDouble();
      const socket = client(server.url, { ...mode.options, network, probeTimeout: 10_000 });
      await settled(socket, mode);
      const { id } = socket;
      await rtt(socket.io);
      network.tell("wake");
      await until(() => left.length === 2);
      expect(entered).toEqual(["/tautline-probe-1", "/tautline-probe-2"]);
      expect(left).toEqual(entered.map((name) => `${name} client namespace disconnect`));
      expect(socket).toMatchObject({ connected: true, id });
    });
  });
});
