/** Programs that failed once, made small, with what they found. */
import type { Program } from "./program.js";

export const found: [what: string, program: Program][] = [
  [
    "a full buffer dropped a barrier",
    {
      seed: 20260147,
      config: {
        rooms: [{ mode: "at-least-once", buffer: { maxPackets: 7, overflow: "drop-oldest" } }],
        transports: ["polling"],
        recovery: false,
        catchAll: false,
        nodes: 1,
        slowStore: false,
      },
      steps: [
        { at: 965, do: "network", event: "sleep" },
        { at: 1568, do: "flush" },
        { at: 1578, do: "emit", count: 20 },
      ],
    },
  ],
  [
    "dedupe() took note of packets that socket.io then ignored",
    {
      seed: 20260247,
      config: {
        rooms: [{ mode: "exactly-once" }],
        transports: ["websocket"],
        recovery: false,
        catchAll: false,
        nodes: 1,
        slowStore: true,
      },
      steps: [
        { at: 676, do: "emit", count: 5 },
        { at: 686, do: "disconnect" },
      ],
    },
  ],
  [
    "a slow store let the next connection overtake",
    {
      seed: 20260132,
      config: {
        rooms: [{ mode: "exactly-once" }],
        transports: ["websocket"],
        recovery: false,
        catchAll: false,
        nodes: 1,
        slowStore: true,
      },
      steps: [
        { at: 2453, do: "emit", count: 100, ack: "plain", chain: true },
        { at: 3098, do: "restart", ms: 461, recovery: true },
      ],
    },
  ],
  [
    "a slow store let volatile packets overtake",
    {
      seed: 20260212,
      config: {
        rooms: [{ mode: "exactly-once" }],
        transports: ["websocket"],
        recovery: false,
        catchAll: false,
        nodes: 1,
        slowStore: true,
      },
      steps: [
        { at: 40, do: "emit", count: 2, timeout: 848 },
        { at: 41, do: "emit", count: 1, volatile: true },
      ],
    },
  ],
  [
    "what was emitted on an eviction went before what had caused it",
    {
      seed: 20260333,
      config: {
        rooms: [{ mode: "exactly-once" }],
        transports: ["websocket"],
        recovery: false,
        catchAll: false,
        nodes: 1,
        slowStore: false,
      },
      steps: [
        { at: 356, do: "disconnect" },
        { at: 359, do: "emit", count: 5, ack: "timed", timeout: 1484, key: "a", chain: true },
        { at: 1749, do: "emit", count: 1, key: "a" },
      ],
    },
  ],
  [
    "what was emitted on an overflow went before what had caused it",
    {
      seed: 20260535,
      config: {
        rooms: [{ mode: "at-least-once", buffer: { maxPackets: 7, overflow: "drop-oldest" } }],
        transports: ["websocket"],
        recovery: false,
        catchAll: false,
        nodes: 1,
        slowStore: false,
      },
      steps: [{ at: 10, do: "emit", count: 20, ack: "timed", timeout: 860, chain: true }],
    },
  ],
  [
    "what the server said before the client was let in was said again by a recovered session",
    {
      seed: 973,
      config: {
        rooms: [{ mode: "exactly-once" }],
        transports: ["polling", "websocket"],
        recovery: true,
        catchAll: false,
        nodes: 1,
        slowStore: false,
      },
      steps: [
        { at: 790, do: "flush" },
        {
          at: 1390,
          do: "trap",
          trap: {
            keep: "none",
            client: -1,
            server: 1,
            direction: "down",
            where: "middle",
            nth: 10,
          },
        },
        { at: 1730, do: "say", count: 4 },
        { at: 2330, do: "cut", manner: { keep: "up", client: 200, server: 1 } },
        { at: 3080, do: "say", count: 5 },
      ],
    },
  ],
  [
    "a packet gave way to a newer one of its key that was refused itself",
    {
      seed: 5875,
      config: {
        rooms: [{ mode: "at-least-once", buffer: { maxPackets: 25, overflow: "reject" } }],
        transports: ["websocket"],
        recovery: false,
        catchAll: false,
        nodes: 1,
        slowStore: false,
      },
      steps: [
        { at: 84, do: "reach", reach: "hang", ms: 1047 },
        {
          at: 284,
          do: "trap",
          trap: { keep: "up", client: 10, server: 0, direction: "up", where: "after", nth: 8 },
        },
        { at: 434, do: "emit", count: 20, key: "b" },
        { at: 434, do: "emit", count: 100 },
        { at: 594, do: "emit", count: 20, key: "b" },
      ],
    },
  ],
  [
    "a restart between the server's welcome and its answer to exactly-once",
    {
      seed: 13628,
      config: {
        rooms: [{ mode: "exactly-once" }],
        transports: ["polling"],
        recovery: true,
        catchAll: false,
        nodes: 1,
        slowStore: false,
      },
      steps: [
        {
          at: 150,
          do: "trap",
          trap: { keep: "down", client: 0, server: 0, direction: "down", where: "middle", nth: 7 },
        },
        { at: 150, do: "say", count: 2 },
        { at: 150, do: "emit", count: 1 },
        { at: 160, do: "restart", ms: 433, recovery: true },
        { at: 2203, do: "emit", count: 1 },
      ],
    },
  ],
  [
    "a session that was put to sleep heard what its successor was told again",
    {
      seed: 29783,
      config: {
        rooms: [{ mode: "at-most-once" }],
        transports: ["polling"],
        recovery: true,
        catchAll: false,
        nodes: 1,
        slowStore: false,
      },
      steps: [
        { at: 600, do: "emit", count: 1 },
        { at: 750, do: "flush" },
        { at: 1390, do: "say", count: 3 },
        { at: 1391, do: "emit", count: 1 },
        { at: 1392, do: "network", event: "sleep" },
      ],
    },
  ],
  [
    "an abort that made room let nobody move up",
    {
      seed: 20260405,
      config: {
        rooms: [
          { mode: "at-least-once", buffer: { maxPackets: 16, overflow: "drop-oldest" } },
          { mode: "at-most-once" },
        ],
        transports: ["websocket"],
        recovery: false,
        catchAll: false,
        nodes: 1,
        slowStore: false,
      },
      steps: [
        { at: 42, do: "emit", count: 1 },
        { at: 918, do: "emit", count: 20, abort: 352 },
        { at: 928, do: "emit", count: 2, timeout: 732 },
      ],
    },
  ],
];
