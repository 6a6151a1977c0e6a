import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { Socket, type SocketOptions } from "../../../src/socket/socket.js";
import { FakeLink } from "../../support/fake-link.js";

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

function setUp(options: SocketOptions = {}, nsp = "/") {
  const link = new FakeLink();
  const socket = new Socket(undefined, link, nsp, options);
  const log: string[] = [];
  socket.on("connect", () => log.push("connect"));
  socket.on("connect_error", (error) => log.push(`connect_error ${error.code}`));
  socket.on("disconnect", (reason) => log.push(`disconnect ${reason}`));
  return { link, socket, log };
}

function connected(options: SocketOptions = {}) {
  const made = setUp(options);
  made.socket.connect();
  made.link.open().accept();
  made.link.told();
  made.log.length = 0;
  return made;
}

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

describe("Socket > while disconnected", () => {
  it("asks for nothing", () => {
    const made = setUp();
    made.link.open();
    expect([faces(made), made.link.sent, made.socket.id]).toEqual([DISCONNECTED, [], undefined]);
  });

  it("keeps what is emitted until it has a connection", () => {
    const { link, socket } = setUp();
    socket.emit("a", 1).emit("b");
    expect(socket.sendBuffer.map(({ data }) => data)).toEqual([["a", 1], ["b"]]);
    socket.connect();
    link.open();
    expect(link.told()).toEqual(["0"]);
    link.accept();
    expect(link.told()).toEqual(['2["a",1]', '2["b"]']);
    expect(socket.sendBuffer).toEqual([]);
  });

  it("says nothing of a disconnect()", () => {
    const { socket, log, link } = setUp();
    socket.disconnect().disconnect();
    expect([log, link.left]).toEqual([[], []]);
  });

  it("doesn't hear the server", () => {
    const { socket, link, log } = setUp();
    const heard = vi.fn();
    socket.on("a", heard);
    socket.connect().disconnect();
    link.say('2["a"]').say("1").say('4{"message":"no"}');
    expect([heard.mock.calls, log]).toEqual([[], []]);
  });
});

describe("Socket > while pending", () => {
  it("is active, and waits for the link", () => {
    const made = setUp();
    made.socket.connect();
    expect([faces(made), made.link.sent]).toEqual([ACTIVE, []]);
  });

  it("tells when the connection could not be made, and stays active", () => {
    const made = setUp();
    made.socket.connect();
    made.link.member?.linkFailed(Object.assign(new Error("x"), { code: "timeout" }) as never);
    expect([made.log, faces(made)]).toEqual([["connect_error timeout"], ACTIVE]);
  });

  it("says no farewell to anybody on disconnect()", () => {
    const made = setUp();
    made.socket.connect().disconnect();
    expect([made.log, made.link.sent, made.link.left]).toEqual([[], [], [false]]);
  });
});

describe("Socket > while connecting", () => {
  it("sends its auth data, and waits for the answer", () => {
    const made = setUp({ auth: { token: "t" } });
    made.socket.connect();
    made.link.open();
    expect([made.link.sent, faces(made)]).toEqual([['0{"token":"t"}'], ACTIVE]);
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
  ])("takes auth data from %s", async (_how, auth) => {
    const { link, socket } = setUp({ auth: auth as never });
    socket.connect();
    link.open();
    await vi.advanceTimersByTimeAsync(50);
    expect(link.sent).toEqual(['0{"token":1}']);
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("no token");
      },
    ],
    ["rejects", () => Promise.reject(new Error("no token"))],
  ])("is refused when the auth function %s", async (_how, auth) => {
    const made = setUp({ auth });
    const errors: unknown[] = [];
    made.socket.on("connect_error", ({ cause }) => errors.push(cause));
    made.socket.connect();
    made.link.open();
    await vi.advanceTimersByTimeAsync(0);
    expect(errors).toEqual([new Error("no token")]);
    expect([faces(made), made.link.sent, made.link.left]).toEqual([DISCONNECTED, [], [false]]);
  });

  it("asks the auth function again for each connection, and ignores an answer to an old one", async () => {
    const asked: ((data: object) => void)[] = [];
    const { link, socket } = setUp({ auth: (done) => void asked.push(done) });
    socket.connect();
    link.open();
    await vi.advanceTimersByTimeAsync(0);
    link.lose().open();
    await vi.advanceTimersByTimeAsync(0);
    expect(asked).toHaveLength(2);
    asked[0]?.({ late: true });
    asked[1]?.({ token: 2 });
    expect(link.sent).toEqual(['0{"token":2}']);
  });

  it("takes auth data that was exchanged meanwhile", () => {
    const { link, socket } = setUp({ auth: { token: 1 } });
    socket.auth = { token: 2 };
    socket.connect();
    link.open();
    expect(link.sent).toEqual(['0{"token":2}']);
  });

  it("keeps events that come too early, and emits them before connect", () => {
    const { link, socket, log } = setUp();
    socket.on("early", (value: number) => log.push(`early ${value}`));
    socket.connect();
    link.open().say('2["early",1]').say('2["early",2]');
    expect([log, socket.receiveBuffer.length]).toEqual([[], 2]);
    link.accept();
    expect([log, socket.receiveBuffer.length]).toEqual([["early 1", "early 2", "connect"], 0]);
  });

  it("is refused by the server, with its words and its data, and stays away", () => {
    const made = setUp();
    const errors: object[] = [];
    made.socket.on("connect_error", ({ message, data }) => errors.push({ message, data }));
    made.socket.connect();
    made.link.open().say('4{"message":"not you","data":{"why":1}}');
    expect(errors).toEqual([{ message: "not you", data: { why: 1 } }]);
    expect([faces(made), made.link.left]).toEqual([DISCONNECTED, [false]]);
  });

  it.each([
    ['4"plain words"', "plain words", "refused"],
    ['4{"message":"Invalid namespace"}', "Invalid namespace", "unknown-namespace"],
    ["4{}", "the server refused the namespace", "refused"],
    ['4{"message":5}', "the server refused the namespace", "refused"],
  ])("reads the refusal %s", (text, message, code) => {
    const { link, socket } = setUp();
    const heard: object[] = [];
    socket.on("connect_error", (error) => heard.push([error.message, error.code]));
    socket.connect();
    link.open().say(text);
    expect(heard).toEqual([[message, code]]);
  });

  it("can be connected again after a refusal", () => {
    const { link, socket } = setUp();
    socket.connect();
    link.open().say('4{"message":"no"}');
    link.told();
    socket.connect();
    expect(link.told()).toEqual(["0"]);
    link.accept();
    expect(socket.connected).toBe(true);
  });

  it("tells an old server", () => {
    const { link, socket, log } = setUp();
    socket.connect();
    link.open().say("0");
    expect([log, socket.active]).toEqual([["connect_error unsupported-version"], true]);
  });

  it("waits for the next connection when it loses this one, without a word", () => {
    const made = setUp();
    made.socket.connect();
    made.link.open().lose();
    expect([made.log, faces(made)]).toEqual([[], ACTIVE]);
    made.link.told();
    made.link.open();
    expect(made.link.told()).toEqual(["0"]);
  });

  it("expects an answer still when it is disconnected, and leaves when it comes", () => {
    const { link, socket, log } = setUp();
    socket.connect();
    link.open();
    link.told();
    socket.disconnect();
    expect(link.left).toEqual([true]);
    link.accept();
    expect([link.told(), link.left, log]).toEqual([["1"], [true, false], []]);
  });

  it("is refused when the server turns it out before it is in", () => {
    const { link, socket, log } = setUp();
    socket.connect();
    link.open().say("1");
    expect([log, socket.active]).toEqual([["connect_error refused"], false]);
  });

  it("asks again, after the answer to a CONNECT from before a disconnect()", () => {
    const { link, socket, log } = setUp();
    socket.connect();
    link.open();
    socket.disconnect().connect();
    expect(link.told()).toEqual(["0"]);
    socket.auth = { token: "new" };
    link.accept();
    expect([link.told(), log]).toEqual([["1", '0{"token":"new"}'], []]);
    link.accept();
    expect([log, socket.connected]).toEqual([["connect"], true]);
  });
});

describe("Socket > while connected", () => {
  it("has the id that the server gave it, until the connection ends", () => {
    const made = connected();
    expect([made.socket.id, faces(made)]).toEqual(["id", CONNECTED]);
    made.link.lose();
    expect([made.socket.id, faces(made)]).toEqual([undefined, ACTIVE]);
  });

  it("stays what it is on connect()", () => {
    const { socket, link, log } = connected();
    socket.connect().open();
    expect([link.told(), log]).toEqual([[], []]);
  });

  it("says farewell after what it has to say", () => {
    const made = connected();
    made.link.free = false;
    made.socket.emit("last", 1);
    made.socket.disconnect();
    expect(made.link.told()).toEqual(['2["last",1]', "1"]);
    expect([made.log, made.link.left, faces(made)]).toEqual([
      ["disconnect io client disconnect"],
      [false],
      DISCONNECTED,
    ]);
  });

  it("may be disconnected again and again", () => {
    const { socket, log, link } = connected();
    socket.disconnect().disconnect().close();
    expect([log, link.told()]).toEqual([["disconnect io client disconnect"], ["1"]]);
  });

  it("is sent away by the server, and stays away", () => {
    const made = connected();
    made.link.say("1");
    expect([made.log, made.link.left, faces(made)]).toEqual([
      ["disconnect io server disconnect"],
      [false],
      DISCONNECTED,
    ]);
  });

  it("comes back after a lost connection", () => {
    const made = connected();
    made.link.lose().open().accept({ sid: "new" });
    expect(made.log).toEqual(["disconnect transport close", "connect"]);
    expect(made.socket.id).toBe("new");
  });

  it("fires connect again on a second CONNECT", () => {
    const { link, socket, log } = connected();
    link.accept({ sid: "second" });
    expect([log, socket.id]).toEqual([["connect"], "second"]);
  });

  it("says disconnect only if it was connected", () => {
    const made = setUp();
    made.socket.connect();
    made.link.lose();
    expect(made.log).toEqual([]);
  });
});

describe("Socket > events of the server", () => {
  it("reach the listeners, onAny first, with all arguments", () => {
    const { link, socket, log } = connected();
    socket.on("a", (...args: unknown[]) => log.push(`a ${args.join()}`));
    socket.onAny((...args) => log.push(`any ${args.join()}`));
    socket.prependAny(() => log.push("first"));
    link.say('2["a",1,"x"]');
    expect(log).toEqual(["first", "any a,1,x", "a 1,x"]);
  });

  it("are answered once by the function that comes with them", () => {
    const { link, socket } = connected();
    socket.on("ask", (_question: string, reply: (...answer: unknown[]) => void) => {
      reply("yes", 1);
      reply("no");
    });
    link.say('25["ask","?"]');
    expect(link.told()).toEqual(['35["yes",1]']);
  });

  it("are not answered any more when the connection has gone", () => {
    const { link, socket } = connected();
    let reply: (answer: string) => void = () => {};
    socket.on("ask", (answer: typeof reply) => (reply = answer));
    link.say('25["ask"]');
    link.lose();
    reply("late");
    expect(link.told()).toEqual([]);
  });

  it("reach the other listeners when one throws", () => {
    const { link, socket, log } = connected();
    const error = new Error("of a listener");
    socket.onAny(() => {
      throw error;
    });
    socket.on("a", () => {
      throw error;
    });
    socket.on("a", () => log.push("second"));
    link.say('2["a"]').say('2["a"]');
    expect([log, reported.mock.calls.length]).toEqual([["second", "second"], 4]);
  });

  it.each(["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"])(
    "may be called %s",
    (name) => {
      const { link, socket } = connected();
      expect(() => link.say(`2["${name}",{"${name}":1}]`)).not.toThrow();
      const heard = vi.fn();
      socket.on(name, heard);
      link.say(`2["${name}",1]`);
      expect(heard.mock.calls).toEqual([[1]]);
    },
  );

  it("may have numbers for names", () => {
    const { link, socket } = connected();
    const heard = vi.fn();
    socket.on("5", heard);
    link.say("2[5,6]");
    expect(heard.mock.calls).toEqual([[6]]);
  });

  it("are heard by onAny listeners until they are removed", () => {
    const { link, socket } = connected();
    const [one, two] = [vi.fn(), vi.fn()];
    socket.onAny(one).onAny(two);
    expect(socket.listenersAny()).toEqual([one, two]);
    socket.offAny(one);
    link.say('2["a"]');
    socket.offAny();
    link.say('2["a"]');
    expect([one.mock.calls.length, two.mock.calls.length]).toEqual([0, 1]);
  });
});

describe("Socket > recovery", () => {
  it("sends the private id and the offset of the last event, and the auth data on top", () => {
    const { link, socket } = setUp({ auth: { token: "t" } });
    socket.connect();
    link.open().accept({ sid: "a", pid: "private" });
    link.say('2["x",1,"offset-1"]').say('2["x",2]');
    link.told();
    link.lose().open();
    expect(link.told()).toEqual(['0{"pid":"private","offset":"offset-1","token":"t"}']);
    link.accept({ sid: "a", pid: "private" });
    expect(socket.recovered).toBe(true);
  });

  it("is false from the start, and when the server has another session", () => {
    const { link, socket } = setUp();
    expect(socket.recovered).toBe(false);
    socket.connect();
    link.open().accept({ sid: "a", pid: "one" });
    expect(socket.recovered).toBe(false);
    link.lose().open().accept({ sid: "b", pid: "two" });
    expect(socket.recovered).toBe(false);
  });
});

describe("Socket > from inside a callback", () => {
  const acts = {
    disconnect: (socket: Socket) => socket.disconnect(),
    connect: (socket: Socket) => socket.connect(),
    "disconnect, connect": (socket: Socket) => socket.disconnect().connect(),
    "connect, disconnect": (socket: Socket) => socket.connect().disconnect(),
    "disconnect twice": (socket: Socket) => socket.disconnect().disconnect(),
  };
  const moments = {
    connect: (link: FakeLink) => void link.accept(),
    disconnect: (link: FakeLink) => void link.lose(),
    connect_error: (link: FakeLink) => void link.say('4{"message":"no"}'),
    event: (link: FakeLink) => void link.say('2["event"]'),
  };
  const cases = Object.keys(acts).flatMap((act) =>
    Object.keys(moments).map((moment) => ({ act, moment })),
  );

  it.each(cases)("$act during $moment ends in the state that was asked for", ({ act, moment }) => {
    const { link, socket } = setUp();
    socket.connect();
    link.open();
    if (moment === "event" || moment === "disconnect") link.accept();
    socket.once(moment, () => acts[act as keyof typeof acts](socket));
    moments[moment as keyof typeof moments](link);
    if (!link.isOpen) link.open();
    const wanted = !act.endsWith("disconnect") && !act.endsWith("twice");
    expect(socket.active).toBe(wanted);
    if (wanted && !socket.connected) link.accept();
    expect(socket.connected).toBe(wanted);
    socket.disconnect();
    expect(vi.getTimerCount()).toBe(0);
    expect(reported).not.toHaveBeenCalled();
  });
});
