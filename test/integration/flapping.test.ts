import { describe, expect, it } from "vitest";
import { networkDouble } from "../support/network-double.js";
import { client, connected, modes, next, serve, until } from "../support/harness.js";

/** The schedule that begins with 100 ms, ten times as fast. */
const hurried = { reconnectionDelay: 10, reconnectionDelayMax: 5000, randomizationFactor: 0.5 };

describe("A server that accepts and dies", () => {
  describe.each(modes)("over $name", (mode) => {
    it.each([0, 1, 30])(
      "is left alone for longer each time when it dies after %i ms (REC-8)",
      async (life) => {
        const server = await serve(mode.server);
        let connections = 0;
        server.io.on("connection", ({ conn }) => {
          connections++;
          if (life === 0) conn.close();
          else setTimeout(() => conn.close(), life);
        });
        const socket = client(server.url, { ...mode.options, ...hurried });
        const waits: [attempt: number, delay: number][] = [];
        socket.io.on("state", (state, _old, _why, attempt, delay) => {
          if (state === "waiting") waits.push([attempt ?? 0, delay ?? 0]);
        });
        await until(() => waits.length === 6);
        socket.disconnect();
        expect(connections).toBe(6);
        // each connection was open, so each time it is the first attempt that follows
        expect(waits.every(([attempt]) => attempt === 1)).toBe(true);
        // the seventh comes after the 2.5 s of the real schedule
        const total = waits.reduce((sum, [, delay]) => sum + delay, 0);
        expect(total).toBeGreaterThanOrEqual(250);
        // a way around the transport that died is tried at once, but only at first
        expect(waits.slice(2).every(([, delay]) => delay > 0)).toBe(true);
      },
    );
  });

  it("doesn't get more connections because the network flaps with it, than there are signals", async () => {
    const server = await serve();
    let connections = 0;
    server.io.on("connection", ({ conn }) => {
      connections++;
      conn.close();
    });
    const network = networkDouble();
    const socket = client(server.url, {
      transports: ["websocket"],
      network,
      reconnectionDelay: 60_000,
      reconnectionDelayMax: 60_000,
    });
    for (let round = 1; round <= 3; round++) {
      await until(() => connections === round && socket.io.state === "waiting");
      for (const event of ["offline", "online", "networkchange", "wake"] as const)
        network.tell(event);
    }
    await until(() => connections === 4 && socket.io.state === "waiting");
    socket.disconnect();
  });
});

describe("A namespace that is left on purpose", () => {
  it("stays away, whatever the host says (REC-25)", async () => {
    const server = await serve();
    const network = networkDouble();
    const socket = client(server.url, { network });
    await connected(socket);
    const closed = next(socket.io, "close");
    socket.disconnect();
    await closed;
    expect(network.subscribers).toBe(0);
    for (const event of ["offline", "online", "networkchange", "wake"] as const)
      network.leak(event);
    expect(socket.io.state).toBe("closed");
    await until(() => server.io.engine.clientsCount === 0);
  });
});
