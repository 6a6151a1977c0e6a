/**
 * What servers refuse as a bad request: nothing of this client. A poll must need less than 50 ms to reach the server, or a server that has switched refuses it:
 * so the time here is one that a pause of the machine does not use up.
 */
import { mock } from "node:test";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { badRequestsOf } from "../support/field.js";
import { client, connected, modes, next, proxyTo, serve, settled } from "../support/harness.js";

const upgrading = {
  options: { transports: ["polling", "websocket"] as ("polling" | "websocket")[] },
  settles: "websocket",
} as const;

/** So many turns of the event loop, which all sides share, are a millisecond. */
const TURNS = 4;

let stop = (): void => {};

beforeAll(() => {
  let now = performance.now();
  const clock = vi.spyOn(performance, "now").mockImplementation(() => now);
  mock.timers.enable({ apis: ["setTimeout"] });
  let turn = 0;
  const go = (): void => {
    if (++turn % TURNS === 0) {
      now++;
      mock.timers.tick(1);
    }
    next = setImmediate(go);
  };
  let next = setImmediate(go);
  stop = () => {
    clearImmediate(next);
    mock.timers.reset();
    clock.mockRestore();
  };
});

afterAll(() => stop());

describe("No request is answered with 400", () => {
  it.each([
    [60, "with requests that are overtaken", { detour: { http: 8 } }],
    // where the WebSocket is open late, a poll may be begun behind the probe
    [
      60,
      "with polls that are overtaken",
      { detour: { http: { up: 40 }, webSocket: { down: 30 } } },
    ],
    [60, "10 ms away", { latency: 10 }],
    [60, "with a WebSocket that is overtaken", { detour: { webSocket: 8 } }],
  ])("in %i upgrades %s (UPG-4)", async (count, _name, faults) => {
    const server = await serve();
    const bad = badRequestsOf(server.io);
    const proxy = await proxyTo(server, { faults });
    const upgrade = async (): Promise<void> => {
      const socket = await settled(client(proxy.url, upgrading.options), upgrading);
      await socket.emitWithAck("ask");
      socket.disconnect();
    };
    server.io.on("connection", (far) => far.on("ask", (answer: () => void) => answer()));
    for (let round = 0; round < count / 20; round++)
      await Promise.all(Array.from({ length: 20 }, () => upgrade()));
    expect(bad).toEqual([]);
  });

  it("in 100 upgrades with nothing between", async () => {
    const server = await serve();
    const bad = badRequestsOf(server.io);
    for (let round = 0; round < 100; round++) {
      const socket = await settled(client(server.url, upgrading.options), upgrading);
      socket.disconnect();
    }
    expect(bad).toEqual([]);
  });

  it("in upgrades under load, in both directions", async () => {
    const server = await serve();
    const bad = badRequestsOf(server.io);
    server.io.on("connection", (far) => {
      const pulse = setInterval(() => far.emit("n"), 1);
      far.on("disconnect", () => clearInterval(pulse));
    });
    for (let round = 0; round < 30; round++) {
      const socket = client(server.url, upgrading.options);
      const pulse = setInterval(() => socket.emit("n"), 1);
      onTestFinished(() => clearInterval(pulse));
      await settled(socket, upgrading);
      for (let n = 0; n < 3; n++) await next(socket, "n");
      clearInterval(pulse);
      socket.disconnect();
    }
    expect(bad).toEqual([]);
  });

  it.each([
    ["the connection", (far: any) => far.conn.close()],
    ["the connection of a client that is kicked", (far: any) => far.disconnect(true)],
  ])("when the server closes %s over polling", async (_name, close) => {
    const server = await serve();
    const bad = badRequestsOf(server.io);
    const socket = client(server.url, { transports: ["polling"] });
    for (let round = 0; round < 20; round++) {
      await connected(socket);
      const lost = next(socket, "disconnect");
      for (const far of server.io.of("/").sockets.values()) close(far);
      await lost;
      socket.connect();
    }
    await connected(socket);
    expect(bad).toEqual([]);
  });

  it.each(modes)("when the client leaves, over $name", async (mode) => {
    const server = await serve(mode.server);
    const bad = badRequestsOf(server.io);
    const socket = client(server.url, mode.options);
    for (let round = 0; round < 20; round++) {
      await connected(socket);
      if (round % 2) await settled(socket, mode);
      socket.emit("n", round);
      socket.disconnect();
      socket.connect();
    }
    await connected(socket);
    expect(bad).toEqual([]);
  });
});
