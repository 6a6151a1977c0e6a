import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { Faults, Kill } from "../support/fault-proxy.mjs";
import { client, connected, proxyTo, serve, until } from "../support/harness.js";
import { NumberedStream } from "../support/numbered.js";
import { seeded } from "../../src/test-kit/seeded.js";

const UPGRADE = "5";
const NUMBERS = 80;

/** Whether the client has told a server that it moves: from then on the session lives and dies with the WebSocket. */
function recordingWebSocket() {
  const record = { toldServer: false };
  class Recording extends WebSocket {
    constructor(url: string, protocols?: string | string[]) {
      super(url, protocols);
      const send = this.send.bind(this);
      this.send = (data: Parameters<typeof send>[0]) => {
        if (data === UPGRADE) record.toldServer = true;
        send(data);
      };
    }
  }
  return { record, Recording };
}

/** Lets numbers flow both ways, a few each turn, from the first moment until enough of them have been sent. */
async function upgradeThrough(
  kill: Partial<Kill> | null,
  network: Partial<Faults> = {},
  afterProbe?: Partial<Faults>,
): Promise<void> {
  const server = await serve();
  const proxy = await proxyTo(server, {
    faults: {
      ...network,
      kill: kill && { direction: "up", ...kill, on: "websocket", nth: 1 },
    },
  });
  proxy.hooks.onChunk = (direction, _connection, kind) => {
    if (kind === "raw" && direction === "down" && afterProbe) proxy.set(afterProbe);
  };
  const up = new NumberedStream();
  const down = new NumberedStream();
  const { record, Recording } = recordingWebSocket();
  const connections: string[] = [];
  // there are as many numbers as that takes
  const isOver = (): boolean =>
    kill ? proxy.counts.kills === 1 : socket.io.engine?.transport.name === "websocket";

  let downward: NodeJS.Timeout | undefined;
  server.io.on("connection", (far) => {
    connections.push(far.id);
    far.on("n", up.receive);
    far.on("end", (reply) => reply());
    // The server may not know yet that the session before this one is dead.
    clearInterval(downward);
    downward = setInterval(() => {
      if (down.sent < NUMBERS || !isOver()) far.emit("n", down.take());
    }, 1);
  });

  const socket = client(proxy.url, {
    transports: ["polling", "websocket"],
    transportOptions: { websocket: { WebSocket: Recording } },
    reconnectionDelay: 5,
  });
  let deaths = 0;
  socket.on("n", down.receive);
  socket.on("disconnect", () => deaths++);
  await connected(socket);
  const upward = setInterval(() => {
    if (up.sent < NUMBERS || !isOver()) socket.emit("n", up.take());
  }, 1);
  await until(() => isOver() && up.sent >= NUMBERS && down.sent >= NUMBERS);
  clearInterval(upward);
  clearInterval(downward);
  await until(() => socket.connected);
  await barrier(() => socket.timeout(3000).emitWithAck("end"));

  const note = `deaths ${deaths}, told the server: ${record.toldServer}`;
  if (kill === null || !record.toldServer) expect(deaths, note).toBe(0);
  expect(connections, note).toHaveLength(deaths + 1);
  up.verify(deaths);
  down.verify(deaths);
}

/** Asks until one question survives: its answer comes after all that was sent before it, in both directions. */
async function barrier(ask: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await ask();
      return;
    } catch (error) {
      if (tries === 3) throw error;
    }
  }
}

const boundaries: Partial<Kill>[] = (["up", "down"] as const).flatMap((direction) =>
  [0, 1, 2, 3].flatMap((frame) => [
    { direction, beforeFrame: frame },
    { direction, afterFrames: frame },
  ]),
);

const networks: Partial<Faults>[] = [
  {},
  { latency: 4 },
  { detour: { http: { up: 12 }, webSocket: { down: 20 } } },
  { detour: { http: { down: 12 }, webSocket: { up: 20 } } },
  { latency: { down: 3 }, detour: { http: 7 } },
];

describe("Upgrade while events flow both ways", () => {
  it.each(networks)("loses, repeats and reorders nothing over %o (UPG-1)", async (network) => {
    for (let round = 0; round < 3; round++) await upgradeThrough(null, network);
  });

  it.each([10, 20, 30, 40])(
    "lets nothing overtake what polling still brings, after %i ms",
    async (up) => {
      const http = { down: 40 };
      // From the probe's answer on the WebSocket is fast, while a poll's answer is still under way.
      await upgradeThrough(null, { detour: { http, webSocket: { up } } }, { detour: { http } });
    },
  );
});

describe("Upgrade with a poll that reaches the server after the switch", () => {
  it.each([0, 3, 6, 9, 12, 15])("is none the worse for it, after %i ms", async (down) => {
    const http = { up: 30 };
    for (let round = 0; round < 3; round++) {
      await upgradeThrough(
        null,
        { detour: { http, webSocket: { down: 60 + down } } },
        { detour: { http } },
      );
    }
  });
});

describe("Death of a connection during the upgrade", () => {
  describe.each(["rst", "fin"] as const)("by %s", (how) => {
    describe.each(networks.slice(0, 4))("over %o", (network) => {
      it.each(boundaries)("loses nothing at %o (UPG-6)", async (kill) => {
        await upgradeThrough({ ...kill, how }, network);
      });
    });
  });

  describe("at 200 seeded byte offsets", () => {
    const next = seeded(20240917);
    const kills = Array.from({ length: 200 }, (): Partial<Kill> => ({
      direction: next() < 0.5 ? "up" : "down",
      afterBytes: Math.floor(next() * 120),
      how: next() < 0.5 ? "rst" : "fin",
    }));
    const batches = Array.from({ length: 20 }, (_, i) => [i + 1, kills.slice(i * 10, i * 10 + 10)]);
    it.each(batches as [number, Partial<Kill>[]][])(
      "loses nothing in batch %i (UPG-6)",
      async (_i, batch) => {
        const results = await Promise.allSettled(batch.map((kill) => upgradeThrough(kill)));
        const failures = results.flatMap((result, i) =>
          result.status === "rejected" ? [`${JSON.stringify(batch[i])}: ${result.reason}`] : [],
        );
        expect(failures).toEqual([]);
      },
    );
  });
});
