/** Whatever is asked of a socket settles: at once where nothing can come any more. */
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { drained, exactlyOnce, flush } from "../../../src/delivery/index.js";
import { TautlineError } from "../../../src/errors.js";
import { events, next } from "../../../src/reading/index.js";
import type { Socket } from "../../../src/socket/socket.js";
import {
  connectedSocket,
  lineSocket,
  type LineSocket,
  standing,
} from "../../support/line-socket.js";

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

/** The ways into each state in which nothing can come any more. */
const over: [string, () => LineSocket][] = [
  [
    "disconnected while pending",
    () => {
      const made = lineSocket();
      made.socket.connect().disconnect();
      return made;
    },
  ],
  [
    "left",
    () => {
      const made = connectedSocket();
      made.socket.disconnect();
      expect(made.socket.channel.state).toBe("left");
      return made;
    },
  ],
  [
    "leaving, with a farewell under way",
    () => {
      const made = connectedSocket();
      made.socket.emit("a");
      made.socket.disconnect();
      expect(made.socket.channel.state).toBe("leaving");
      return made;
    },
  ],
  [
    "leaving before it was let in",
    () => {
      const made = lineSocket();
      made.socket.connect();
      made.line.open();
      made.socket.disconnect();
      expect(made.socket.channel.state).toBe("leaving");
      return made;
    },
  ],
  [
    "refused",
    () => {
      const made = lineSocket();
      made.socket.connect();
      made.line.open().say('4{"message":"no"}');
      return made;
    },
  ],
  [
    "refused by its delivery policy",
    () => {
      const made = lineSocket({ delivery: exactlyOnce() });
      made.socket.connect();
      made.line.open().accept().answer();
      return made;
    },
  ],
  [
    "sent away by the server",
    () => {
      const made = connectedSocket();
      made.line.say("1");
      return made;
    },
  ],
  [
    "sent away before it was let in",
    () => {
      const made = lineSocket();
      made.socket.connect();
      made.line.open().say("1");
      return made;
    },
  ],
  [
    "pending on a connection that has given up",
    () => {
      const made = lineSocket();
      made.socket.connect();
      made.line.fail(new TautlineError("unreachable", "x"), true);
      return made;
    },
  ],
  [
    "pending on a connection that was lost for good",
    () => {
      const made = connectedSocket();
      made.line.lose("transport close", undefined, true);
      return made;
    },
  ],
];

const questions: [string, (socket: Socket) => Promise<unknown>, unknown][] = [
  ["emitWithAck", (socket) => socket.emitWithAck("a"), "disconnected not-sent"],
  ["flush", (socket) => flush(socket), "disconnected"],
  ["next", (socket) => next(socket, "a"), "disconnected"],
  ["events", (socket) => events(socket, "a").next(), ["ok", { value: undefined, done: true }]],
];

describe.each(over)("Channel > %s", (_state, enter) => {
  it.each(questions)("settles %s at once (ACK-13)", async (_name, ask, settled) => {
    const { socket } = enter();
    expect(socket.channel.isOver).toBe(true);
    expect(await standing(ask(socket))).toEqual(settled);
  });

  it("settles an ack callback that can fail, and keeps a packet that has none", () => {
    const { socket } = enter();
    const done = vi.fn();
    const before = socket.sendBuffer.length;
    socket.emit("no ack");
    expect(socket.sendBuffer).toHaveLength(before + 1);
    const timers = vi.getTimerCount();
    socket.timeout(1000).emit("ack", done);
    expect(done.mock.calls.map(([{ code }]) => code as string)).toEqual(["disconnected"]);
    expect(vi.getTimerCount()).toBe(timers);
  });

  it("settles drained(), when too much waits", async () => {
    const { socket } = enter();
    socket.emit("much", "x".repeat(100));
    expect(await standing(drained(socket, { below: 1 }))).toBe("disconnected");
  });

  it("calls who wants to know at once, and once", () => {
    const { socket } = enter();
    const ended = vi.fn();
    socket.channel.whenOver(ended)();
    expect(ended).toHaveBeenCalledOnce();
  });
});

/** What ends the wait of a socket that is about to connect, or connected. */
const ends: [string, () => LineSocket, (made: LineSocket) => void][] = [
  ["is disconnected while pending", pending, ({ socket }) => void socket.disconnect()],
  ["is disconnected while asking", asking, ({ socket }) => void socket.disconnect()],
  ["is refused", asking, ({ line }) => void line.say('4{"message":"no"}')],
  ["is disconnected", connectedSocket, ({ socket }) => void socket.disconnect()],
  ["is sent away", connectedSocket, ({ line }) => void line.say("1")],
  [
    "has a connection that gives up",
    pending,
    ({ line }) => void line.fail(new TautlineError("unreachable", "x"), true),
  ],
  [
    "has a connection that is closed while it is open",
    connectedSocket,
    ({ line }) => void line.lose("forced close", undefined, true),
  ],
  [
    "has a connection that is closed while it is made",
    pending,
    ({ line }) => void line.lose("forced close", undefined, true),
  ],
];

function pending(): LineSocket {
  const made = lineSocket();
  made.socket.connect();
  return made;
}

function asking(): LineSocket {
  const made = pending();
  made.line.open();
  return made;
}

describe.each(ends)("Channel > one that %s", (_what, enter, end) => {
  it.each(questions)("settles %s that was asked before (ACK-14)", async (_name, ask) => {
    const made = enter();
    const asked = ask(made.socket);
    expect(await standing(asked)).toBe("pending");
    end(made);
    expect(await standing(asked)).not.toBe("pending");
    made.line.answer();
    made.line.lose("forced close", undefined, true);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("Channel > idle", () => {
  it.each(questions)("lets %s wait for the first connect (ACK-15)", async (_name, ask) => {
    const { line, socket } = lineSocket();
    const asked = ask(socket);
    expect(await standing(asked)).toBe("pending");
    socket.connect();
    line.open().accept().answer().say('30["answer"]').say('2["a"]');
    expect(await standing(asked)).not.toBe("pending");
  });
});
