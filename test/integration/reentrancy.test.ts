import { describe, expect, it } from "vitest";
import type { Socket } from "../../src/index.js";
import type { FaultProxy } from "../support/fault-proxy.mjs";
import {
  client,
  connected,
  modes,
  proxyTo,
  serve,
  settled,
  until,
  type Mode,
} from "../support/harness.js";

interface Scene {
  socket: Socket;
  proxy: FaultProxy;
  /** The code under test; it acts when it is called first. */
  act: () => void;
  /** Ends the connection under the client. */
  cut: () => Promise<void>;
  ready: () => Promise<unknown>;
}

type Callback = [name: string, arrange: (scene: Scene) => unknown];

const engineEvent = (name: string): Callback => [
  `engine "${name}"`,
  ({ socket, act }) => {
    socket.io.engine?.on(name as "open", act);
    socket.emit("echo", 1, () => undefined);
  },
];

const callbacks: Callback[] = [
  ["connect", ({ socket, act }) => socket.on("connect", act)],
  [
    "disconnect",
    async ({ socket, act, ready, cut }) => {
      socket.on("disconnect", act);
      await ready();
      await cut();
    },
  ],
  [
    "connect_error",
    async ({ socket, proxy, act, ready, cut }) => {
      socket.on("connect_error", act);
      await ready();
      proxy.set({ refuseConnections: true });
      await cut();
    },
  ],
  [
    "a refused connect_error",
    ({ socket, act }) => {
      let refuse = true;
      socket.auth = (give: (data: object) => void) => {
        give({ refuse });
        refuse = false;
      };
      socket.on("connect_error", act);
    },
  ],
  [
    "an event",
    ({ socket, act }) => {
      socket.on("echoed", act);
      socket.emit("echo", 1, () => undefined);
    },
  ],
  ["an ack", ({ socket, act }) => socket.emit("echo", 1, act)],
  ["an ack that timed out", ({ socket, act }) => socket.timeout(1).emit("deaf", act)],
  [
    "onAny",
    ({ socket, act }) => {
      socket.onAny(act);
      socket.emit("echo", 1, () => undefined);
    },
  ],
  [
    "onAnyOutgoing",
    ({ socket, act }) => {
      socket.onAnyOutgoing(act);
      socket.emit("echo", 1, () => undefined);
    },
  ],
  [
    "auth",
    async ({ socket, act, ready, cut }) => {
      await ready();
      socket.auth = (give: (data: object) => void) => {
        act();
        give({});
      };
      await cut();
    },
  ],
  ["manager open", ({ socket, act }) => socket.io.on("open", act)],
  ["manager packet", ({ socket, act }) => socket.io.on("packet", act)],
  ["manager ping", ({ socket, act }) => socket.io.on("ping", act)],
  [
    "manager close",
    async ({ socket, act, ready, cut }) => {
      socket.io.on("close", act);
      await ready();
      await cut();
    },
  ],
  ...(["reconnect_attempt", "reconnect"] as const).map((name): Callback => [
    name,
    async ({ socket, act, ready, cut }) => {
      socket.io.on(name, act);
      await ready();
      await cut();
    },
  ]),
  ...(["reconnect_error", "error"] as const).map((name): Callback => [
    `manager ${name}`,
    async ({ socket, proxy, act, ready, cut }) => {
      socket.io.on(name, act);
      await ready();
      proxy.set({ refuseConnections: true });
      await cut();
    },
  ]),
  engineEvent("handshake"),
  engineEvent("open"),
  engineEvent("packetCreate"),
  engineEvent("flush"),
  engineEvent("drain"),
  engineEvent("packet"),
  engineEvent("message"),
  [
    'engine "close"',
    async ({ socket, act, ready, cut }) => {
      await ready();
      socket.io.engine?.on("close", act);
      await cut();
    },
  ],
];

const upgradeCallbacks = [engineEvent("upgrading"), engineEvent("upgrade")];

interface Action {
  name: string;
  run: (socket: Socket) => unknown;
  after: "connected" | "gone";
}

const actions: Action[] = [
  { name: "disconnect()", run: (socket) => socket.disconnect(), after: "gone" },
  { name: "close() twice", run: (socket) => socket.close().close(), after: "gone" },
  { name: "connect() twice", run: (socket) => socket.connect().connect(), after: "connected" },
  {
    name: "disconnect().connect()",
    run: (socket) => socket.disconnect().connect(),
    after: "connected",
  },
  {
    name: "connect() and disconnect() in turn",
    run: (socket) => socket.disconnect().connect().disconnect().connect().disconnect(),
    after: "gone",
  },
  {
    name: "engine.close()",
    run: (socket) => {
      socket.io.engine?.close();
      // Where the socket was refused, nobody wants the connection back by itself.
      socket.connect();
    },
    after: "connected",
  },
];

async function play(mode: Mode, [, arrange]: Callback, action: Action): Promise<void> {
  const server = await serve({ ...mode.server, pingInterval: 40 });
  server.io.use((far, pass) => {
    if (far.handshake.auth.refuse === true) pass(new Error("refused"));
    else pass();
  });
  server.io.on("connection", (far) => {
    far.on("echo", (n: number, reply) => {
      far.emit("echoed", n);
      reply(n);
    });
  });
  const sessions: { close(isAbrupt: boolean): void }[] = [];
  server.io.engine.on("connection", (session: (typeof sessions)[0]) => sessions.push(session));
  const proxy = await proxyTo(server);
  const socket = client(proxy.url, {
    ...mode.options,
    reconnectionDelay: 1,
    reconnectionDelayMax: 5,
  });
  let acted = false;
  let over = false;
  await arrange({
    socket,
    proxy,
    act: () => {
      if (acted) return;
      acted = true;
      proxy.heal();
      action.run(socket);
      over = true;
    },
    cut: async () => {
      const { engine } = socket.io;
      const before = [...sessions];
      // Polling may stand between two requests, with nothing to cut.
      await until(() => acted || engine?.readyState === "closed" || proxy.cut() < 0);
      // What was cut between two polls is known to be dead when no poll came for a while: now, for this test.
      for (const session of before) session.close(true);
    },
    ready: () => settled(socket, mode),
  });
  await until(() => over);

  const { sockets } = server.io.of("/");
  if (action.after === "connected") {
    await until(
      () => socket.connected && sockets.size === 1 && server.io.engine.clientsCount === 1,
    );
    expect([...sockets.keys()]).toEqual([socket.id]);
    expect(await socket.emitWithAck("echo", 2)).toBe(2);
    return;
  }
  await until(() => server.io.engine.clientsCount === 0);
  // Time for a reconnection that must not be.
  const other = await connected(client(server.url, { transports: ["polling"] }));
  for (let i = 0; i < 3; i++) await other.emitWithAck("echo", i);
  expect([...sockets.keys()]).toEqual([other.id]);
  expect(server.io.engine.clientsCount).toBe(1);
  const { connected: isConnected, active, id } = socket;
  expect({ isConnected, active, id }).toEqual({ isConnected: false, active: false, id: undefined });
}

describe.each(modes)("Re-entrancy over $name", (mode) => {
  const cases =
    mode.name === "polling, then websocket" ? [...callbacks, ...upgradeCallbacks] : callbacks;
  describe.each(actions)("$name", (action) => {
    it.each(cases)("does what one expects inside %s", async (...callback) => {
      await play(mode, callback, action);
    });
  });
});
