import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import type { Faults } from "../support/fault-proxy.mjs";
import { client, next, proxyTo, serve, settled, until } from "../support/harness.js";
import { NumberedStream } from "../support/numbered.js";
import type { RunningSocketIo } from "../support/servers.js";

const NUMBERS = 1000;

interface Obstacle {
  name: string;
  faults: Partial<Faults>;
  /** Whether WebSocket says that it fails, or is silent. */
  silent?: boolean;
  /** Where the client must arrive, when only one way is open. */
  settles?: "polling" | "websocket";
}

const kill = (direction: "up" | "down", afterBytes: number): Obstacle => ({
  name: `connections die ${afterBytes} bytes ${direction} after the upgrade`,
  faults: { kill: { on: "websocket", direction, afterBytes } },
});

const obstacles: Obstacle[] = [
  { name: "there is none", faults: {}, settles: "websocket" },
  ...[400, 403, 426, 502].map((status): Obstacle => ({
    name: `upgrades are refused with ${status}`,
    faults: { refuseUpgrade: status },
    settles: "polling",
  })),
  {
    name: "upgrades hang",
    faults: { hangUpgrade: true },
    silent: true,
    settles: "polling",
  },
  { name: "the second WebSocket hangs", faults: { hangUpgrade: 2 }, settles: "websocket" },
  { name: "upgrade headers are stripped", faults: { stripUpgrade: true }, settles: "polling" },
  {
    name: "WebSockets open and nothing comes from the server",
    faults: { blackhole: { webSocket: "down" } },
    silent: true,
    settles: "polling",
  },
  {
    name: "polling meets unknown sessions",
    faults: { unknownSession: true },
    settles: "websocket",
  },
  { name: "the network is slow", faults: { latency: 40 }, settles: "websocket" },
  {
    name: "the network is slow and upgrades hang",
    faults: { latency: 40, hangUpgrade: true },
    silent: true,
    settles: "polling",
  },
  kill("down", 0),
  kill("down", 1),
  kill("down", 60),
  kill("down", 1000),
  kill("up", 0),
  kill("up", 5),
  kill("up", 1000),
];

/** Emits numbers from now on, some each turn, as an app that does not wait for anything. */
function emitNumbers(emit: (n: number) => void, stream: NumberedStream): Promise<void> {
  return new Promise((resolve) => {
    const some = (): void => {
      for (let i = 0; i < 5 && stream.sent < NUMBERS; i++) emit(stream.take());
      if (stream.sent < NUMBERS) setTimeout(some, 1);
      else resolve();
    };
    some();
  });
}

/** Holds each WebSocket back until polling has asked too, and polling until the returned function is called. */
function holdPolling(server: RunningSocketIo): () => void {
  const polls: (() => void)[] = [];
  const upgrades: (() => void)[] = [];
  let isHeld = true;
  server.io.engine.use((request: IncomingMessage, _response: unknown, pass: () => void) => {
    if (!isHeld) return pass();
    (request.headers.upgrade ? upgrades : polls).push(pass);
    if (polls.length) for (const open of upgrades.splice(0)) open();
  });
  return () => {
    isHeld = false;
    for (const answer of polls.splice(0)) answer();
  };
}

describe("Transport race", () => {
  describe.each(obstacles)("where $name", ({ faults, silent = false, settles }) => {
    it("connects in time, and neither loses, repeats nor reorders events (TRA-12)", async () => {
      const server = await serve();
      const proxy = await proxyTo(server, { faults });
      const stream = new NumberedStream();
      let connections = 0;
      server.io.on("connection", (far) => {
        connections++;
        far.on("n", stream.receive);
        far.on("end", (reply) => reply());
      });

      // with a head start that no test lasts for, only what falls back at once connects at all
      const socket = client(proxy.url, silent ? {} : { fallbackDelay: 120_000 });
      let deaths = 0;
      socket.on("disconnect", () => deaths++);
      const sent = emitNumbers((n) => socket.emit("n", n), stream);
      await next(socket, "connect");

      await sent;
      // The question may die with its connection; then it is asked again.
      while (!(await answered(socket.timeout(5000).emitWithAck("end"))));
      stream.verify(deaths);
      expect(connections).toBe(deaths + 1);
      if (settles !== undefined) {
        expect(deaths).toBe(0);
        await settled(socket, { settles });
      }
    });
  });

  it("sends the server one request, the upgrade, where WebSocket is healthy (TRA-5)", async () => {
    const server = await serve();
    const proxy = await proxyTo(server);
    server.io.on("connection", (far) => far.on("hi", (reply) => reply()));
    const socket = client(proxy.url, { fallbackDelay: 120_000 });
    await socket.emitWithAck("hi");
    expect(proxy.counts).toMatchObject({ requests: 1, upgrades: 1, connections: 1 });
  });

  it.each([
    ["fallbackDelay 0 opens both at once", { fallbackDelay: 0 }, 2],
    ["fallbackDelay Infinity never races", { fallbackDelay: Infinity }, 1],
  ] as const)("with %s", async (_name, options, requests) => {
    const server = await serve();
    const proxy = await proxyTo(server);
    // Polling must not win by chance: WebSocket is answered once polling has asked, and polling never is.
    if (requests === 2) holdPolling(server);
    let connections = 0;
    server.io.on("connection", () => connections++);
    const socket = client(proxy.url, options);
    await settled(socket, { settles: "websocket" });
    expect(connections).toBe(1);
    // A loser that closes politely says so with one more request.
    expect(proxy.counts.upgrades).toBe(1);
    expect(proxy.counts.gets).toBeGreaterThanOrEqual(requests);
    if (requests === 1) expect(proxy.counts.requests).toBe(1);
  });

  it("falls back on failure also with fallbackDelay Infinity (TRA-10)", async () => {
    const server = await serve();
    const proxy = await proxyTo(server, { faults: { refuseUpgrade: 502 } });
    const socket = client(proxy.url, { fallbackDelay: Infinity });
    await settled(socket, { settles: "polling" });
  });

  it("leaves no session of the loser on the server (TRA-11)", async () => {
    const server = await serve();
    const answerPolling = holdPolling(server);
    let sessions = 0;
    server.io.engine.on("connection", () => sessions++);
    const socket = client(server.url, { fallbackDelay: 0 });
    await settled(socket, { settles: "websocket" });
    answerPolling();
    await until(() => sessions === 2);
    await until(() => server.io.engine.clientsCount === 1);
    expect(server.io.of("/").sockets.size).toBe(1);
  });

  describe("memory", () => {
    it("starts polling at once where WebSocket hung lately (TRA-20)", async () => {
      const server = await serve();
      const proxy = await proxyTo(server, { faults: { hangUpgrade: true } });
      await settled(client(proxy.url), { settles: "polling" });
      // whoever waited for the head start would wait for longer than the test
      const again = client(proxy.url, { fallbackDelay: 120_000 });
      await settled(again, { settles: "polling" });
    });

    it("upgrades in the background once WebSocket works again (UPG-10)", async () => {
      const server = await serve();
      const proxy = await proxyTo(server, { faults: { refuseUpgrade: 403 } });
      await settled(client(proxy.url), { settles: "polling" });
      proxy.heal();
      await settled(client(proxy.url), { settles: "websocket" });
    });
  });

  it.each(["websocket", "polling"] as const)(
    "opens nothing but %s when told so (TRA-13)",
    async (only) => {
      const server = await serve();
      const opened: (string | null)[] = [];
      const proxy = await proxyTo(server, {
        faults: { refuseUpgrade: 403, unknownSession: true },
        hooks: {
          onRequest: (_connection, { transport, sid }) => sid === null && opened.push(transport),
        },
      });
      const socket = client(proxy.url, { transports: [only] });
      const attempts: number[] = [];
      socket.io.on("reconnect_attempt", (n) => attempts.push(n));
      await until(() => attempts.length >= 3);
      expect(new Set(opened)).toEqual(new Set([only]));
    },
  );
});

async function answered(question: Promise<unknown>): Promise<boolean> {
  return question.then(
    () => true,
    () => false,
  );
}
