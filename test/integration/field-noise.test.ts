import { describe, expect, it, onTestFinished } from "vitest";
import {
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
import { badRequestsOf, BlindWebSocket, withWebSocket } from "../support/field.js";
import { startHttp } from "../support/servers.js";

const upgrading = {
  options: { transports: ["polling", "websocket"] as ("polling" | "websocket")[] },
  settles: "websocket",
} as const;

describe("No request is answered with 400", () => {
  it.each([
    [200, "with requests that are overtaken", { detour: { http: 8 } }],
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

  it("in 200 upgrades with nothing between", async () => {
    const server = await serve();
    const bad = badRequestsOf(server.io);
    for (let round = 0; round < 200; round++) {
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

describe("An outage", () => {
  /** Refuses everything with a status, and counts what was asked for. */
  async function refusing(status: number) {
    const asked = { upgrades: 0, others: 0 };
    const server = await closing(
      startHttp((request, response) => {
        if (request.headers.upgrade) asked.upgrades++;
        else asked.others++;
        response.writeHead(status).end();
      }),
    );
    return { server, asked };
  }

  it("is diagnosed once, not at each attempt (ERR-23)", async () => {
    const { server, asked } = await refusing(503);
    const options = withWebSocket({ options: { transports: ["websocket"] } }, BlindWebSocket);
    const socket = client(server.url, {
      ...options,
      reconnectionDelay: 1,
      reconnectionDelayMax: 5,
    });
    await until(() => asked.upgrades >= 8);
    socket.disconnect();
    expect(asked.others).toBeLessThanOrEqual(1);
  });

  it("isn't diagnosed where the cause is known", async () => {
    const { server, asked } = await refusing(404);
    const socket = client(server.url, { reconnectionDelay: 1, reconnectionDelayMax: 5 });
    let errors = 0;
    socket.on("connect_error", () => errors++);
    await until(() => errors >= 4);
    const [others, told] = [asked.others, errors];
    socket.disconnect();
    // polling's own tries: that of each attempt that has failed, and of one that may be under way
    expect(others).toBeLessThanOrEqual(told + 1);
  });

  it("is diagnosed again when another one comes (ERR-23)", async () => {
    const server = await serve();
    const asked: unknown[] = [];
    const proxy = await proxyTo(server);
    proxy.hooks.onRequest = (_connection, { upgrade, transport }) => {
      if (!upgrade) asked.push(transport);
    };
    const options = withWebSocket({ options: { transports: ["websocket"] } }, BlindWebSocket);
    const socket = client(proxy.url, { ...options, reconnectionDelay: 1, reconnectionDelayMax: 5 });
    for (let outage = 1; outage <= 2; outage++) {
      await connected(socket);
      const lost = next(socket, "disconnect");
      proxy.set({ refuseUpgrade: 403 });
      proxy.cut();
      await lost;
      const codes: unknown[] = [];
      const listener = ({ code }: { code: string }): void => void codes.push(code);
      socket.on("connect_error", listener);
      await until(() => codes.length >= 4);
      socket.off("connect_error", listener);
      expect(new Set(codes)).toEqual(new Set(["websocket-blocked"]));
      expect(asked.length).toBeLessThanOrEqual(outage);
      proxy.heal();
    }
    expect(asked.length).toBe(2);
  });
});
