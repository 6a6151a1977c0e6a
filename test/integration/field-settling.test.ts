import { describe, expect, it } from "vitest";
import type { Socket } from "../../src/index.js";
import {
  atLeastOnce,
  drained,
  events,
  exactlyOnce,
  flush,
  nextEvent,
  retrying,
} from "../support/client-api.js";
import { dedupe } from "../../src/server/index.js";
import { client, connected, modes, next, serve, until, type Mode } from "../support/harness.js";
import { outcome } from "../support/field.js";
import { closedPort } from "../support/servers.js";

const plain = modes.slice(0, 2);

const deliveries = [
  ["at-most-once", {}],
  ["at-least-once", { delivery: atLeastOnce() }],
  ["exactly-once", { delivery: exactlyOnce() }],
  ["retries", retrying(3, 60_000)],
] as const;

/** A code, or the end of an iterator. */
const settledSomehow = expect.toSatisfy(
  (result: unknown) => result !== "pending" && (isCode(result) || isEnd(result)),
);

function isCode(result: unknown): boolean {
  return typeof result === "string" && /^[a-z-]+$/.test(result);
}

function isEnd(result: unknown): boolean {
  return (result as { done?: unknown } | undefined)?.done === true;
}

const questions: [name: string, ask: (socket: Socket) => Promise<unknown>][] = [
  ["emitWithAck", (socket) => socket.emitWithAck("silent")],
  ["timeout().emitWithAck", (socket) => socket.timeout(500).emitWithAck("silent")],
  ["flush", (socket) => flush(socket)],
  ["next", (socket) => nextEvent(socket, "never")],
  ["events().next", (socket) => events(socket, "never").next()],
];

async function setUp(mode: Mode, options: object, nsp = "/") {
  const server = await serve(mode.server);
  const refusals: (() => void)[] = [];
  let silent = 0;
  server.io.on("connection", (far) => far.on("silent", () => silent++));
  for (const name of ["/", "/closed"]) {
    const namespace = server.io.of(name);
    dedupe(namespace);
    if (name !== "/") {
      namespace.use((_far, pass) => {
        refusals.push(() => pass(new Error("not for you")));
      });
    }
  }
  const main = client(server.url, { ...mode.options, ...options });
  const socket = nsp === "/" ? main : main.io.socket(nsp, options);
  return { server, main, socket, refusals, silent: () => silent };
}

/** Ways to a socket that nothing will come from any more. */
const ends: [name: string, end: (mode: Mode, options: object) => Promise<Socket>][] = [
  [
    "was refused",
    async (mode, options) => {
      const { socket, refusals } = await setUp(mode, options, "/closed");
      const refused = next(socket, "connect_error");
      await until(() => refusals.length === 1);
      refusals[0]?.();
      await refused;
      return socket;
    },
  ],
  [
    "was kicked",
    async (mode, options) => {
      const { server, socket } = await setUp(mode, options);
      await connected(socket);
      const kicked = next(socket, "disconnect");
      server.io.disconnectSockets();
      await kicked;
      return socket;
    },
  ],
  [
    "has disconnected",
    async (mode, options) => {
      const { socket } = await setUp(mode, options);
      await connected(socket);
      return socket.disconnect();
    },
  ],
  [
    "has a manager that gave up",
    async (mode, options) => {
      const url = `http://127.0.0.1:${await closedPort()}`;
      const socket = client(url, { ...mode.options, ...options, reconnectionAttempts: 1 });
      await next(socket.io, "reconnect_failed");
      return socket;
    },
  ],
];

describe.each(plain)("Over $name, with a socket that", (mode) => {
  describe.each(ends)("%s", (_end, end) => {
    it.each(deliveries)(
      "everything asked settles at once, with %s (ACK-13)",
      async (_name, options) => {
        const socket = await end(mode, options);
        const results = questions.map(
          async ([name, ask]) => [name, await outcome(() => ask(socket))] as const,
        );
        expect(await Promise.all(results)).toEqual(
          questions.map(([name]) => [name, settledSomehow]),
        );
        // nothing waits, so nothing is to be waited for
        expect(await outcome(() => drained(socket))).not.toBe("pending");
      },
    );
  });
});

describe.each(plain)("Over $name, what was asked before", (mode) => {
  it.each(deliveries)(
    "settles when the namespace is refused, with %s (ACK-14)",
    async (_name, options) => {
      const { socket, refusals } = await setUp(mode, options, "/closed");
      const asked = questions.map(
        async ([name, ask]) => [name, await outcome(() => ask(socket))] as const,
      );
      await until(() => refusals.length === 1);
      refusals[0]?.();
      expect(await Promise.all(asked)).toEqual(questions.map(([name]) => [name, settledSomehow]));
    },
  );

  it.each(deliveries)(
    "settles when the server kicks the socket, with %s (ACK-14)",
    async (_, options) => {
      const { server, socket, silent } = await setUp(mode, options);
      await connected(socket);
      const asked = questions.map(
        async ([name, ask]) => [name, await outcome(() => ask(socket))] as const,
      );
      // what is under way at that moment would be an "invalid state" to the server
      await until(() => silent() > 0);
      server.io.disconnectSockets();
      const results = await Promise.all(asked);
      // what was under way may have arrived before
      expect(results.filter(([name]) => name !== "flush")).toEqual(
        questions.flatMap(([name]) => (name === "flush" ? [] : [[name, settledSomehow]])),
      );
      expect(results.map(([, result]) => result)).not.toContain("pending");
    },
  );

  it.each(deliveries)("settles at disconnect(), with %s (ACK-14)", async (_name, options) => {
    const { socket } = await setUp(mode, { ...options, autoConnect: false });
    const asked = questions.map(
      async ([name, ask]) => [name, await outcome(() => ask(socket))] as const,
    );
    socket.connect();
    socket.disconnect();
    expect(await Promise.all(asked)).toEqual(questions.map(([name]) => [name, settledSomehow]));
  });

  it("settles when the manager gives up (ACK-14)", async () => {
    const url = `http://127.0.0.1:${await closedPort()}`;
    const socket = client(url, { ...mode.options, reconnectionAttempts: 2 });
    const asked = questions.map(
      async ([name, ask]) => [name, await outcome(() => ask(socket))] as const,
    );
    expect(await Promise.all(asked)).toEqual(questions.map(([name]) => [name, settledSomehow]));
  });
});

describe.each(plain)("Over $name, a socket that has settled everything", (mode) => {
  it("works again after connect() (ACK-16)", async () => {
    const { server, socket } = await setUp(mode, {});
    server.io.on("connection", (far) => {
      far.on("ask", (n: unknown, answer: (n: unknown) => void) => answer(n));
    });
    await connected(socket);
    socket.disconnect();
    await outcome(() => socket.emitWithAck("ask", 1));
    socket.connect();
    await connected(socket);
    expect(await socket.emitWithAck("ask", 2)).toBe(2);
    await flush(socket);
  });
});
