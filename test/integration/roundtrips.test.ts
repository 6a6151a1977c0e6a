import { describe, expect, it } from "vitest";
import { client, connected, next, proxyTo, serve, settled, until } from "../support/harness.js";

const faults = { latency: 15, connectLatency: true };
/** By default polling joins when the first transport takes a second: here it never has to. */
const patient = { fallbackDelay: 120_000 };

describe("Round trips", () => {
  it.each([
    ["by default", {}],
    ["over websocket alone", { transports: ["websocket"] as const }],
  ])("are 3 to connect and 4 to the first ack %s (CON-6)", async (_when, options) => {
    const server = await serve();
    const proxy = await proxyTo(server, { faults });
    server.io.on("connection", (far) => far.on("hi", (reply) => reply()));
    const socket = client(proxy.url, { ...patient, ...(options as object) });
    let toConnect = 0;
    socket.on("connect", () => (toConnect = proxy.roundTrips));
    await connected(socket);
    await socket.emitWithAck("hi");
    expect({ toConnect, toAck: proxy.roundTrips }).toEqual({ toConnect: 3, toAck: 4 });
    expect(proxy.counts).toMatchObject({ requests: 1, connections: 1 });
  });

  it("are no more for what was emitted before connecting (CON-7)", async () => {
    const server = await serve();
    const proxy = await proxyTo(server, { faults });
    server.io.on("connection", (far) => far.on("hi", (reply) => reply()));
    const socket = client(proxy.url, patient);
    await socket.emitWithAck("hi");
    expect(proxy.roundTrips).toBe(4);
  });

  it("are 3 for each connect to another namespace's first ack (CON-8)", async () => {
    const server = await serve();
    server.io.of("/a").on("connection", (far) => far.on("hi", (reply) => reply()));
    const proxy = await proxyTo(server, { faults });
    const main = await connected(client(proxy.url, patient));
    const before = proxy.roundTrips;
    await main.io.socket("/a").emitWithAck("hi");
    expect(proxy.roundTrips - before).toBe(2);
  });
});

interface SendingTransport {
  send(packets: { type: string }[]): unknown;
}

describe("Upgrade", () => {
  it.each([0, 5, 50])("does not stall an ack at %i ms each way (UPG-3)", async (latency) => {
    const server = await serve();
    server.io.on("connection", (far) => far.on("hi", (reply) => reply()));
    // after 100 ms the server ends a poll that stands in the way of an upgrade: who waits for that waits for ever here
    server.io.engine.on("connection", ({ transport }: { transport: SendingTransport }) => {
      const send = transport.send.bind(transport);
      transport.send = (packets) => packets.every(({ type }) => type === "noop") || send(packets);
    });
    for (let round = 0; round < 5; round++) {
      const proxy = await proxyTo(server, { faults: { latency } });
      const socket = client(proxy.url, { transports: ["polling", "websocket"] });
      await until(() => socket.io.engine !== undefined);
      await next(socket.io.engine as never, "upgrading");
      await socket.emitWithAck("hi");
      await settled(socket, { settles: "websocket" });
      socket.disconnect();
    }
  });
});
