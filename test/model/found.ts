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
  [
    "what is begun on a socket that was left stays pending",
    {
      seed: 2,
      config: {
        rooms: [{ mode: "at-most-once" }],
        transports: ["polling"],
        recovery: false,
        catchAll: false,
        nodes: 1,
        slowStore: false,
      },
      steps: [
        { at: 600, do: "disconnect" },
        { at: 1203, do: "emit", count: 1, ack: "promise" },
        { at: 1204, do: "flush" },
        { at: 1204, do: "next" },
        { at: 1204, do: "read", count: 1 },
        { at: 1213, do: "ask" },
      ],
    },
  ],
  [
    "leaving and coming back closed the connection of the other namespace",
    {
      seed: 21,
      config: {
        rooms: [{ mode: "at-most-once" }, { mode: "at-most-once" }],
        transports: ["polling"],
        recovery: false,
        catchAll: false,
        nodes: 1,
        slowStore: false,
      },
      steps: [{ at: 2643, do: "bounce", room: 1 }],
    },
  ],
  [
    "a namespace that was entered, left and entered again in one tick closed the connection",
    {
      seed: 20260116,
      config: {
        rooms: [{ mode: "at-most-once" }, { mode: "at-most-once" }],
        transports: ["polling"],
        recovery: false,
        catchAll: false,
        nodes: 1,
        slowStore: false,
      },
      steps: [{ at: 234, do: "strict" }],
    },
  ],
  [
    "a listener that leaves while it is left said goodbye twice",
    {
      seed: 7214,
      config: {
        rooms: [{ mode: "at-most-once", buffer: { maxPackets: 3, overflow: "reject" } }],
        transports: ["polling"],
        recovery: false,
        catchAll: false,
        nodes: 1,
        slowStore: false,
      },
      steps: [
        { at: 150, do: "react", to: "outgoing", reaction: "disconnect", times: 3 },
        { at: 750, do: "cut", manner: { keep: "down", client: 0, server: 0 } },
        { at: 750, do: "emit", count: 20 },
      ],
    },
  ],
  [
    "a packet left for a namespace that the client knew to be closed",
    {
      seed: 5264,
      config: {
        rooms: [{ mode: "at-most-once" }, { mode: "at-most-once" }],
        transports: ["polling"],
        recovery: false,
        catchAll: false,
        nodes: 1,
        slowStore: false,
      },
      steps: [
        { at: 10, do: "latency", ms: 120 },
        { at: 170, do: "emit", count: 1 },
        { at: 170, do: "kick" },
      ],
    },
  ],
  [
    "an event without a name closed the connection and blocked what was behind it",
    {
      seed: 20260103,
      config: {
        rooms: [{ mode: "at-least-once" }],
        transports: ["websocket"],
        recovery: false,
        catchAll: false,
        nodes: 1,
        slowStore: false,
      },
      steps: [
        { at: 11, do: "nameless", how: "object" },
        { at: 762, do: "emit", count: 5 },
      ],
    },
  ],
  [
    "a packet above the server's limit was sent for ever",
    {
      seed: 52,
      config: {
        rooms: [{ mode: "at-least-once" }],
        transports: ["websocket"],
        recovery: false,
        catchAll: false,
        nodes: 1,
        slowStore: false,
      },
      steps: [
        { at: 52, do: "emit", count: 1, size: 2200 },
        { at: 53, do: "emit", count: 2 },
      ],
    },
  ],
  [
    "a packet that kills the connection was sent for ever",
    {
      seed: 5,
      config: {
        rooms: [{ mode: "exactly-once" }],
        transports: ["polling"],
        recovery: false,
        catchAll: false,
        nodes: 1,
        slowStore: false,
      },
      steps: [
        { at: 1825, do: "emit", count: 1, poison: true },
        { at: 1826, do: "emit", count: 2 },
      ],
    },
  ],
  [
    "an emit and a disconnect in one batch",
    {
      seed: 70,
      config: {
        rooms: [{ mode: "at-most-once" }],
        transports: ["websocket"],
        recovery: false,
        catchAll: false,
        nodes: 1,
        slowStore: false,
      },
      steps: [
        { at: 751, do: "emit", count: 5 },
        { at: 751, do: "disconnect" },
      ],
    },
  ],
  [
    "binary of a session that was left reached the next one",
    {
      seed: 20260584,
      config: {
        rooms: [{ mode: "at-most-once" }],
        transports: ["polling"],
        recovery: false,
        catchAll: false,
        nodes: 1,
        slowStore: false,
      },
      steps: [
        { at: 3269, do: "bounce" },
        { at: 3269, do: "say", count: 1, binary: true },
      ],
    },
  ],
  [
    "a middleware that takes its time made dedupe() drop new packets",
    {
      seed: 1019,
      config: {
        rooms: [{ mode: "exactly-once", middleware: "reorders" }],
        transports: ["websocket"],
        recovery: false,
        catchAll: false,
        nodes: 1,
        slowStore: false,
      },
      steps: [{ at: 2586, do: "emit", count: 5 }],
    },
  ],
  [
    "a middleware that takes its time made dedupe() seem to be missing",
    {
      seed: 114,
      config: {
        rooms: [{ mode: "at-most-once" }, { mode: "exactly-once", middleware: "slow" }],
        transports: ["websocket"],
        recovery: false,
        catchAll: false,
        nodes: 1,
        slowStore: false,
      },
      steps: [],
    },
  ],
  [
    "with exactly-once each retry was handled",
    {
      seed: 20260115,
      config: {
        rooms: [{ mode: "exactly-once", retries: 2 }],
        transports: ["polling"],
        recovery: false,
        catchAll: false,
        nodes: 1,
        slowStore: false,
      },
      steps: [{ at: 818, do: "emit", count: 1 }],
    },
  ],
  [
    "a flush took no note of what waited to be tried",
    {
      seed: 20260129,
      config: {
        rooms: [{ mode: "at-most-once", retries: 3 }],
        transports: ["websocket"],
        recovery: false,
        catchAll: false,
        nodes: 1,
        slowStore: false,
      },
      steps: [
        { at: 811, do: "emit", count: 1 },
        { at: 961, do: "emit", count: 1 },
        { at: 1111, do: "flush", timeout: 162 },
      ],
    },
  ],
  [
    "a callback of a packet with retries threw out of disconnect()",
    {
      seed: 5834,
      config: {
        rooms: [{ mode: "at-most-once", retries: 2 }],
        transports: ["polling"],
        recovery: false,
        catchAll: false,
        nodes: 1,
        slowStore: false,
      },
      steps: [
        { at: 808, do: "emit", count: 1, ack: "plain", settled: "throw" },
        { at: 958, do: "disconnect" },
      ],
    },
  ],
  [
    "a packet that had been tried was called not-sent when its ack timed out",
    {
      seed: 5135,
      config: {
        rooms: [{ mode: "at-most-once", retries: 1 }],
        transports: ["polling"],
        recovery: false,
        catchAll: false,
        nodes: 1,
        slowStore: false,
      },
      steps: [
        { at: 54, do: "emit", count: 1, ack: "promise" },
        { at: 67, do: "reach", reach: "hang", ms: 886 },
        { at: 77, do: "flush" },
        { at: 677, do: "reach", reach: "hang", ms: 1270 },
      ],
    },
  ],
  [
    "an emit inside toJSON crossed the acks",
    {
      seed: 5153,
      config: {
        rooms: [{ mode: "at-most-once" }],
        transports: ["websocket"],
        recovery: false,
        catchAll: false,
        nodes: 1,
        slowStore: false,
      },
      steps: [{ at: 857, do: "emit", count: 20, ack: "promise", json: "ask" }],
    },
  ],
  [
    "an emit inside toJSON made dedupe() drop the packet around it",
    {
      seed: 5344,
      config: {
        rooms: [{ mode: "exactly-once" }],
        transports: ["websocket"],
        recovery: false,
        catchAll: false,
        nodes: 1,
        slowStore: false,
      },
      steps: [{ at: 904, do: "emit", count: 1, json: "ask" }],
    },
  ],
  [
    "a promise that failed to be encoded said nothing of delivery",
    {
      seed: 5109,
      config: {
        rooms: [{ mode: "at-most-once" }],
        transports: ["websocket"],
        recovery: false,
        catchAll: false,
        nodes: 1,
        slowStore: false,
      },
      steps: [{ at: 47, do: "emit", count: 1, ack: "promise", json: "throw" }],
    },
  ],
  [
    "a listener that left the namespace left a listener on the signal",
    {
      seed: 6061,
      config: {
        rooms: [{ mode: "at-most-once" }],
        transports: ["polling"],
        recovery: false,
        catchAll: false,
        nodes: 1,
        slowStore: false,
      },
      steps: [
        { at: 454, do: "react", to: "outgoing", reaction: "mate", times: 1 },
        { at: 458, do: "emit", count: 1, ack: "timed", timeout: 1409, abort: -1 },
      ],
    },
  ],
  [
    "a clock that was set forward ended acks early",
    {
      seed: 525,
      config: {
        rooms: [{ mode: "at-most-once" }],
        transports: ["polling"],
        recovery: false,
        catchAll: false,
        nodes: 1,
        slowStore: false,
      },
      steps: [
        { at: 40, do: "emit", count: 1, ack: "timed", timeout: 1281 },
        { at: 240, do: "emit", count: 2, ack: "timed", timeout: 338 },
        { at: 240, do: "clock", ms: 3600000 },
      ],
    },
  ],
  [
    "a clock that was set back kept acks from ending",
    {
      seed: 7,
      config: {
        rooms: [{ mode: "at-most-once" }],
        transports: ["websocket"],
        recovery: false,
        catchAll: false,
        nodes: 1,
        slowStore: false,
      },
      steps: [
        { at: 40, do: "emit", count: 1 },
        { at: 240, do: "reach", reach: "hang", ms: 800 },
        { at: 240, do: "cut", manner: { keep: "none", client: 0, server: 0 } },
        { at: 241, do: "emit", count: 2, ack: "timed", timeout: 338 },
        { at: 242, do: "clock", ms: -3600000 },
      ],
    },
  ],
  [
    "a request crossed the switch to the other transport",
    {
      seed: 1039,
      config: {
        rooms: [{ mode: "at-most-once" }],
        transports: ["polling", "websocket"],
        recovery: false,
        catchAll: false,
        nodes: 1,
        slowStore: false,
      },
      steps: [],
    },
  ],
  [
    "an event that a recovered session had missed was heard twice",
    {
      seed: 1142,
      config: {
        rooms: [{ mode: "exactly-once", middleware: "reorders" }, { mode: "at-most-once" }],
        transports: ["polling"],
        recovery: true,
        catchAll: true,
        nodes: 1,
        slowStore: false,
      },
      steps: [
        { at: 750, do: "emit", count: 1, timeout: 104, room: 1 },
        { at: 1350, do: "reach", reach: "refuse", ms: 473 },
        { at: 1351, do: "say", count: 2 },
      ],
    },
  ],
  [
    "drop-newest and a namespace that came back lost a packet silently",
    {
      seed: 5467,
      config: {
        rooms: [
          { mode: "at-least-once", buffer: { maxPackets: 2, overflow: "drop-newest", ttl: 822 } },
          { mode: "at-least-once" },
        ],
        transports: ["polling", "websocket"],
        recovery: false,
        catchAll: false,
        nodes: 1,
        slowStore: false,
      },
      steps: [
        { at: 1353, do: "emit", count: 20 },
        { at: 1393, do: "emit", count: 1, binary: true, room: 1 },
        { at: 1434, do: "ask" },
        { at: 1584, do: "emit", count: 2 },
        { at: 1584, do: "bounce", room: 1 },
      ],
    },
  ],
];
