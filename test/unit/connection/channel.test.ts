import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { TautlineError } from "../../../src/errors.js";
import type { Socket } from "../../../src/socket/socket.js";
import type { FakeLine } from "../../support/fake-line.js";
import { connectedSocket, lineSocket } from "../../support/line-socket.js";

const reported = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("reportError", reported);
  reported.mockReset();
  onTestFinished(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
});

const faces = ({ socket }: { socket: Socket }) => [
  socket.active,
  socket.connected,
  socket.disconnected,
];
const [DISCONNECTED, ACTIVE, CONNECTED] = [
  [false, false, true],
  [true, false, true],
  [true, true, false],
];

describe("Channel > while disconnected", () => {
  it("asks for nothing", () => {
    const made = lineSocket();
    made.line.open();
    expect([faces(made), made.line.sent, made.socket.id]).toEqual([DISCONNECTED, [], undefined]);
    expect(made.socket.channel.state).toBe("idle");
  });

  it("keeps what is emitted until it has a connection", () => {
    const { line, socket } = lineSocket();
    socket.emit("a", 1).emit("b");
    expect(socket.sendBuffer.map(({ data }) => data)).toEqual([["a", 1], ["b"]]);
    socket.connect();
    line.open();
    expect(line.told()).toEqual(["0"]);
    line.accept();
    expect(line.told()).toEqual(['2["a",1]', '2["b"]']);
    expect(socket.sendBuffer).toEqual([]);
  });

  it("says nothing of a disconnect()", () => {
    const { socket, log, line } = lineSocket();
    socket.disconnect().disconnect();
    expect([log, line.isNeeded]).toEqual([[], false]);
  });

  it("doesn't hear the server", () => {
    const { socket, line, log } = lineSocket();
    const heard = vi.fn();
    socket.on("a", heard);
    socket.connect().disconnect();
    line.say('2["a"]').say("1").say('4{"message":"no"}');
    expect([heard.mock.calls, log]).toEqual([[], []]);
  });
});

describe("Channel > while pending", () => {
  it("is active, and waits for the line", () => {
    const made = lineSocket();
    made.socket.connect();
    expect([faces(made), made.line.sent]).toEqual([ACTIVE, []]);
  });

  it("tells when the connection could not be made, and stays active", () => {
    const made = lineSocket();
    made.socket.connect();
    made.line.fail(new TautlineError("timeout", "x"));
    expect([made.log, faces(made)]).toEqual([["connect_error timeout"], ACTIVE]);
  });

  it("says no farewell to anybody on disconnect()", () => {
    const made = lineSocket();
    made.socket.connect().disconnect();
    expect([made.log, made.line.sent, made.line.isNeeded]).toEqual([[], [], false]);
  });
});

describe("Channel > while connecting", () => {
  it("sends its auth data, and waits for the answer (AUT-1)", () => {
    const made = lineSocket({ auth: { token: "t" } });
    made.socket.connect();
    made.line.open();
    expect([made.line.sent, faces(made)]).toEqual([['0{"token":"t"}'], ACTIVE]);
  });

  it.each([
    ["a callback", (done: (data: object) => void) => done({ token: 1 })],
    [
      "a late callback",
      (done: (data: object) => void) => void setTimeout(() => done({ token: 1 }), 50),
    ],
    ["a returned object", () => ({ token: 1 })],
    ["a promise", () => Promise.resolve({ token: 1 })],
    [
      "a callback and a promise",
      (done: (data: object) => void) => {
        done({ token: 1 });
        return Promise.resolve({ token: 2 });
      },
    ],
  ])("takes auth data from %s (AUT-1)", async (_how, auth) => {
    const { line, socket } = lineSocket({ auth: auth as never });
    socket.connect();
    line.open();
    await vi.advanceTimersByTimeAsync(50);
    expect(line.sent).toEqual(['0{"token":1}']);
  });

  const noToken = new Error("no token");
  const failing: [how: string, fail: () => Promise<never>][] = [
    [
      "throws",
      () => {
        throw noToken;
      },
    ],
    ["rejects", () => Promise.reject(noToken)],
  ];

  it.each(failing)("goes on asking an auth function that %s, until it answers", async (_, fail) => {
    let isUp = false;
    const asked: unknown[] = [];
    const made = lineSocket({
      auth: ({ reason, attempt }) => {
        asked.push([reason, attempt]);
        return isUp ? { token: 1 } : fail();
      },
      // has no say: the server has refused nothing
      retryConnectError: () => false,
    });
    const errors: unknown[] = [];
    made.socket.on("connect_error", ({ cause, code }) => errors.push([code, cause]));
    made.socket.connect();
    made.line.open();
    while (asked.length < 9) await vi.advanceTimersByTimeAsync(1000);
    expect(errors).toEqual(asked.map(() => ["auth-failed", noToken]));
    expect(asked).toEqual(asked.map((_one, index) => ["connect", index + 1]));
    expect([made.socket.state, made.line.sent, made.line.isNeeded]).toEqual(["retrying", [], true]);
    isUp = true;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(made.line.sent).toEqual(['0{"token":1}']);
  });

  it("does not count failures of the auth function as refusals (AUT-15)", async () => {
    let asked = 0;
    const made = lineSocket({
      auth: async () => {
        if (asked++ % 2) throw noToken;
        return { token: asked };
      },
    });
    const codes: unknown[] = [];
    made.socket.on("connect_error", ({ code }) => codes.push(code));
    made.socket.connect();
    made.line.open();
    for (let refusals = 1; refusals < 4; refusals++) {
      while (made.line.sent.length < refusals) await vi.advanceTimersByTimeAsync(1000);
      made.line.say('4{"message":"expired"}');
    }
    await vi.advanceTimersByTimeAsync(60_000);
    expect(codes).toEqual(["refused", "auth-failed", "refused", "auth-failed", "unauthorized"]);
    expect([made.socket.state, made.line.sent.length]).toEqual(["unauthorized", 3]);
  });

  it("ends at once when the auth function says that it has nothing more (AUT-17)", async () => {
    const loggedOut = new TautlineError("unauthorized", "log in again");
    let asked = 0;
    const made = lineSocket({
      auth: () => {
        asked++;
        return Promise.reject(loggedOut);
      },
    });
    const errors: unknown[] = [];
    made.socket.on("connect_error", (error) => errors.push(error));
    made.socket.connect();
    made.line.open();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([errors, asked]).toEqual([[loggedOut], 1]);
    expect([made.socket.state, made.line.sent, made.line.isNeeded]).toEqual([
      "unauthorized",
      [],
      false,
    ]);
  });

  it("sends no auth data that is larger than the server takes (AUT-6)", () => {
    const made = lineSocket({ auth: { token: "x".repeat(200) } });
    made.line.maxPayload = 100;
    made.socket.connect();
    made.line.open();
    expect([made.log, made.line.sent, made.line.isNeeded]).toEqual([
      ["connect_error too-large"],
      [],
      false,
    ]);
  });

  it("asks the auth function again for each connection, and ignores an answer to an old one (AUT-2)", async () => {
    const asked: ((data: object) => void)[] = [];
    const { line, socket } = lineSocket({ auth: (done) => void asked.push(done) });
    socket.connect();
    line.open();
    await vi.advanceTimersByTimeAsync(0);
    line.lose().open();
    await vi.advanceTimersByTimeAsync(0);
    expect(asked).toHaveLength(2);
    asked[0]?.({ late: true });
    asked[1]?.({ token: 2 });
    expect(line.sent).toEqual(['0{"token":2}']);
  });

  it("takes auth data that was exchanged meanwhile (AUT-3)", () => {
    const { line, socket } = lineSocket({ auth: { token: 1 } });
    socket.auth = { token: 2 };
    socket.connect();
    line.open();
    expect(line.sent).toEqual(['0{"token":2}']);
  });

  it("does not hear events from before it is let in: they belong to a socket that was never ours", () => {
    const { line, socket, log } = lineSocket();
    socket.on("early", (value: number) => log.push(`early ${value}`));
    socket.connect();
    line.open().say('2["early",1]');
    expect(socket.receiveBuffer).toEqual([]);
    line.accept().say('2["early",2]');
    expect(log).toEqual(["connect", "early 2"]);
  });

  it.each([["token"], [["token"]], [5]])(
    "is told of auth data that no server could read: %j (AUT-5)",
    async (data) => {
      const { line, socket, log } = lineSocket({ auth: (() => data) as never });
      socket.connect();
      line.open();
      await vi.advanceTimersByTimeAsync(0);
      expect([log, line.told(), line.isNeeded]).toEqual([
        ["connect_error invalid-option"],
        [],
        false,
      ]);
    },
  );

  it("is refused by the server, with its words and its data, and stays away (AUT-13)", () => {
    const made = lineSocket();
    const errors: object[] = [];
    made.socket.on("connect_error", ({ message, data }) => errors.push({ message, data }));
    made.socket.connect();
    made.line.open().say('4{"message":"not you","data":{"why":1}}');
    expect(errors).toEqual([{ message: "not you", data: { why: 1 } }]);
    expect([faces(made), made.line.isNeeded]).toEqual([DISCONNECTED, false]);
  });

  it.each([
    ['4"plain words"', "plain words", "refused"],
    ['4{"message":"Invalid namespace"}', "Invalid namespace", "unknown-namespace"],
    ["4{}", "the server refused the namespace", "refused"],
    ['4{"message":5}', "the server refused the namespace", "refused"],
  ])("reads the refusal %s", (text, message, code) => {
    const { line, socket } = lineSocket();
    const heard: object[] = [];
    socket.on("connect_error", (error) => heard.push([error.message, error.code]));
    socket.connect();
    line.open().say(text);
    expect(heard).toEqual([[message, code]]);
  });

  it("can be connected again after a refusal (AUT-13)", () => {
    const { line, socket } = lineSocket();
    socket.connect();
    line.open().say('4{"message":"no"}');
    line.told();
    socket.connect();
    expect(line.told()).toEqual(["0"]);
    line.accept();
    expect(socket.connected).toBe(true);
  });

  it("tells an old server (ERR-10)", () => {
    const { line, socket, log } = lineSocket();
    socket.connect();
    line.open().say("0");
    expect([log, socket.active]).toEqual([["connect_error unsupported-version"], true]);
  });

  it.each<[string, FakeLine["lose"] extends (...args: infer A) => unknown ? A : never, string]>([
    ["the line died", ["transport close"], "transport-close"],
    ["the server was silent", ["ping timeout"], "timeout"],
    [
      "the session knows why",
      ["transport error", new TautlineError("parse-error", "x")],
      "parse-error",
    ],
  ])("tells when the connection ends before the answer: %s", (_why, lost, code) => {
    const made = lineSocket();
    made.socket.connect();
    made.line.open().lose(...lost);
    expect([made.log, faces(made)]).toEqual([[`connect_error ${code}`], ACTIVE]);
    made.line.told();
    made.line.open();
    expect(made.line.told()).toEqual(["0"]);
  });

  it("is refused when the server turns it out before it is in (AUT-33)", () => {
    const { line, socket, log } = lineSocket();
    socket.connect();
    line.open().say("1");
    expect([log, socket.active]).toEqual([["connect_error refused"], false]);
  });
});

describe("Channel > while connected", () => {
  it("has the id that the server gave it, until the connection ends", () => {
    const made = connectedSocket();
    expect([made.socket.id, faces(made)]).toEqual(["id", CONNECTED]);
    made.line.lose();
    expect([made.socket.id, faces(made)]).toEqual([undefined, ACTIVE]);
  });

  it("stays what it is on connect()", () => {
    const { socket, line, log } = connectedSocket();
    socket.connect().open();
    expect([line.told(), log]).toEqual([[], []]);
  });

  it("may be disconnected again and again", () => {
    const { socket, log, line } = connectedSocket();
    socket.disconnect().disconnect().close();
    expect([log, line.told()]).toEqual([["disconnect io client disconnect"], ["1"]]);
  });

  it("is sent away by the server, and stays away (REC-18)", () => {
    const made = connectedSocket();
    made.line.say("1");
    expect([made.log, made.line.isNeeded, faces(made)]).toEqual([
      ["disconnect io server disconnect"],
      false,
      DISCONNECTED,
    ]);
  });

  it("comes back after a lost connection", () => {
    const made = connectedSocket();
    made.line.lose().open().accept({ sid: "new" });
    expect(made.log).toEqual(["disconnect transport close", "connect"]);
    expect(made.socket.id).toBe("new");
  });

  it("fires connect again on a second CONNECT (CON-38)", () => {
    const { line, socket, log } = connectedSocket();
    line.accept({ sid: "second" });
    expect([log, socket.id]).toEqual([["connect"], "second"]);
  });

  it("says disconnect only if it was connected (HEA-14)", () => {
    const made = lineSocket();
    made.socket.connect();
    made.line.lose();
    expect(made.log).toEqual([]);
  });
});

describe("Channel > recovery", () => {
  it("sends the private id and the offset of the last event, and the auth data on top (RCV-1)", () => {
    const { line, socket } = lineSocket({ auth: { token: "t" } });
    socket.connect();
    line.open().accept({ sid: "a", pid: "private" });
    line.say('2["x",1,"offset-1"]').say('2["x",2]');
    line.told();
    line.lose().open();
    expect(line.told()).toEqual(['0{"pid":"private","offset":"offset-1","token":"t"}']);
    line.accept({ sid: "a", pid: "private" });
    expect(socket.recovered).toBe(true);
  });

  it("is false from the start, and when the server has another session (RCV-2)", () => {
    const { line, socket } = lineSocket();
    expect(socket.recovered).toBe(false);
    socket.connect();
    line.open().accept({ sid: "a", pid: "one" });
    expect(socket.recovered).toBe(false);
    line.lose().open().accept({ sid: "b", pid: "two" });
    expect(socket.recovered).toBe(false);
  });
});

describe("Channel > recovery, while the server has not answered", () => {
  function comingBack() {
    const made = connectedRecovering();
    made.line.lose().open();
    made.line.told();
    made.log.length = 0;
    return made;
  }

  function connectedRecovering() {
    const made = lineSocket();
    made.socket.connect();
    made.socket.on("n", (value: number) => made.log.push(`n ${value}`));
    made.line.open().accept({ sid: "a", pid: "private" });
    return made;
  }

  it("keeps what was missed, and hands it on before connect (RCV-4)", () => {
    const { line, socket, log } = comingBack();
    line.say('2["n",1,"offset-1"]').say('2["n",2,"offset-2"]');
    expect([log, socket.receiveBuffer.length]).toEqual([[], 2]);
    line.accept({ sid: "a", pid: "private" });
    expect([log, socket.receiveBuffer]).toEqual([["n 1", "n 2", "connect"], []]);
    line.lose().told();
    line.open();
    expect(line.told()).toEqual(['0{"pid":"private","offset":"offset-2"}']);
  });

  it("forgets it when the server has another session (RCV-5)", () => {
    const { line, socket, log } = comingBack();
    line.say('2["n",1,"offset-1"]').accept({ sid: "b", pid: "another" });
    expect([log, socket.recovered]).toEqual([["connect"], false]);
  });

  it("forgets it with the connection", () => {
    const { line, log, socket } = comingBack();
    line.say('2["n",1,"offset-1"]').lose();
    expect(socket.receiveBuffer).toEqual([]);
    line.open().accept({ sid: "a", pid: "private" });
    expect(log).toEqual(["connect_error transport-close", "connect"]);
  });

  it("counts as a new session when more was missed than 10,000 events (RCV-6)", () => {
    const { line, socket, log } = comingBack();
    for (let i = 0; i < 10_000; i++) line.say('2["n",1]');
    expect(socket.receiveBuffer).toHaveLength(10_000);
    line.say('2["n",1]').say('2["n",2]');
    expect(socket.receiveBuffer).toEqual([]);
    line.accept({ sid: "a", pid: "private" });
    expect([log, socket.recovered]).toEqual([["connect"], false]);
  });

  it("stops handing it on to an app that leaves meanwhile", () => {
    const { line, socket, log } = comingBack();
    socket.on("n", () => socket.disconnect());
    line.say('2["n",1]').say('2["n",2]').accept({ sid: "a", pid: "private" });
    expect(log).toEqual(["n 1", "disconnect io client disconnect"]);
  });
});

describe("Channel > retryConnectError", () => {
  const retryable = '4{"message":"later","data":{"retryable":true}}';

  it("asks again by default when the server says so, after the delays of the schedule (AUT-18)", () => {
    let token = 0;
    const { line, socket, log } = lineSocket({ auth: () => ({ token: ++token }) });
    const delays: number[] = [];
    line.delayAfter = (attempts = 0) => (delays.push(attempts), 100);
    socket.connect();
    line.open();
    return vi.advanceTimersByTimeAsync(0).then(async () => {
      line.say(retryable);
      expect([log, socket.active]).toEqual([["connect_error refused"], true]);
      await vi.advanceTimersByTimeAsync(99);
      expect(line.told()).toEqual(['0{"token":1}']);
      await vi.advanceTimersByTimeAsync(1);
      expect(line.told()).toEqual(['0{"token":2}']);
      line.say(retryable);
      await vi.advanceTimersByTimeAsync(100);
      line.accept();
      expect([delays, log.at(-1)]).toEqual([[0, 1], "connect"]);
    });
  });

  it("gets the error and the number of the attempt, and decides (AUT-19)", () => {
    const asked: unknown[] = [];
    const { line, socket } = lineSocket({
      retryConnectError: (error, attempt) => asked.push([error.message, attempt]) < 2,
    });
    socket.connect();
    line.open().say('4{"message":"no"}');
    vi.advanceTimersByTime(100);
    line.say('4{"message":"never"}');
    expect(asked).toEqual([
      ["no", 1],
      ["never", 2],
    ]);
    expect([socket.active, vi.getTimerCount()]).toEqual([false, 0]);
  });

  it("that throws changes nothing, and is reported (AUT-24)", () => {
    const { line, socket, log } = lineSocket({
      retryConnectError: () => {
        throw new Error("of the app");
      },
    });
    socket.connect();
    line.open().say('4{"message":"no"}');
    expect([log, socket.active, reported.mock.calls.length]).toEqual([
      ["connect_error refused"],
      false,
      1,
    ]);
  });

  it("may leave", () => {
    const { line, socket, log } = lineSocket({
      retryConnectError: () => {
        socket.disconnect();
        return true;
      },
    });
    socket.connect();
    line.open().say('4{"message":"no"}');
    expect([log, socket.active]).toEqual([[], false]);
  });

  it("waits no longer when the connection is lost, or the app leaves", () => {
    const { line, socket } = lineSocket({ retryConnectError: () => true });
    socket.connect();
    line.open().say('4{"message":"no"}').lose();
    expect([socket.channel.state, vi.getTimerCount()]).toEqual(["pending", 0]);
    line.open().say('4{"message":"no"}');
    socket.disconnect();
    expect([socket.channel.state, vi.getTimerCount(), line.isNeeded]).toEqual([
      "disconnected",
      0,
      false,
    ]);
  });
});

describe("Channel > from inside a callback", () => {
  const acts = {
    disconnect: (socket: Socket) => socket.disconnect(),
    connect: (socket: Socket) => socket.connect(),
    "disconnect, connect": (socket: Socket) => socket.disconnect().connect(),
    "connect, disconnect": (socket: Socket) => socket.connect().disconnect(),
    "disconnect twice": (socket: Socket) => socket.disconnect().disconnect(),
  };
  const moments = {
    connect: (line: FakeLine) => void line.accept(),
    disconnect: (line: FakeLine) => void line.lose(),
    connect_error: (line: FakeLine) => void line.say('4{"message":"no"}'),
    event: (line: FakeLine) => void line.say('2["event"]'),
  };
  const cases = Object.keys(acts).flatMap((act) =>
    Object.keys(moments).map((moment) => ({ act, moment })),
  );

  it.each(cases)("$act during $moment ends in the state that was asked for", ({ act, moment }) => {
    const { line, socket } = lineSocket();
    socket.connect();
    line.open();
    if (moment === "event" || moment === "disconnect") line.accept();
    socket.once(moment, () => acts[act as keyof typeof acts](socket));
    moments[moment as keyof typeof moments](line);
    if (!line.isOpen) line.open();
    const wanted = !act.endsWith("disconnect") && !act.endsWith("twice");
    expect(socket.active).toBe(wanted);
    // a server that was told of the leaving is asked again behind a probe
    line.answer();
    if (wanted && !socket.connected) line.accept();
    expect(socket.connected).toBe(wanted);
    socket.disconnect();
    line.lose("forced close", undefined, true);
    expect(vi.getTimerCount()).toBe(0);
    expect(reported).not.toHaveBeenCalled();
  });
});
