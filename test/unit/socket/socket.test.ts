import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { durable, memoryStore } from "../../../src/durable/index.js";
import { Socket } from "../../../src/socket/socket.js";
import { FakeLine } from "../../support/fake-line.js";
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

describe("Socket > events of the server", () => {
  it("reach the listeners, onAny first, with all arguments (HEA-1)", () => {
    const { line, socket, log } = connectedSocket();
    socket.on("a", (...args: unknown[]) => log.push(`a ${args.join()}`));
    socket.onAny((...args) => log.push(`any ${args.join()}`));
    socket.prependAny(() => log.push("first"));
    line.say('2["a",1,"x"]');
    expect(log).toEqual(["first", "any a,1,x", "a 1,x"]);
  });

  it("are answered once by the function that comes with them (HEA-12)", () => {
    const { line, socket } = connectedSocket();
    socket.on("ask", (_question: string, reply: (...answer: unknown[]) => void) => {
      reply("yes", 1);
      reply("no");
    });
    line.say('25["ask","?"]');
    expect(line.told()).toEqual(['35["yes",1]']);
  });

  it("are not answered any more when the connection has gone (HEA-13)", () => {
    const { line, socket } = connectedSocket();
    let reply: (answer: string) => void = () => {};
    socket.on("ask", (answer: typeof reply) => (reply = answer));
    line.say('25["ask"]');
    line.lose();
    reply("late");
    expect(line.told()).toEqual([]);
  });

  it("reach the other listeners when one throws (HEA-3)", () => {
    const { line, socket, log } = connectedSocket();
    const error = new Error("of a listener");
    socket.onAny(() => {
      throw error;
    });
    socket.on("a", () => {
      throw error;
    });
    socket.on("a", () => log.push("second"));
    line.say('2["a"]').say('2["a"]');
    expect([log, reported.mock.calls.length]).toEqual([["second", "second"], 4]);
  });

  it.each(["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"])(
    "may be called %s (HEA-11)",
    (name) => {
      const { line, socket } = connectedSocket();
      expect(() => line.say(`2["${name}",{"${name}":1}]`)).not.toThrow();
      const heard = vi.fn();
      socket.on(name, heard);
      line.say(`2["${name}",1]`);
      expect(heard.mock.calls).toEqual([[1]]);
    },
  );

  it("may have numbers for names", () => {
    const { line, socket } = connectedSocket();
    const heard = vi.fn();
    socket.on("5", heard);
    line.say("2[5,6]");
    expect(heard.mock.calls).toEqual([[6]]);
  });

  it("are heard by onAny listeners until they are removed (HEA-2)", () => {
    const { line, socket } = connectedSocket();
    const [one, two] = [vi.fn(), vi.fn()];
    socket.onAny(one).onAny(two);
    expect(socket.listenersAny()).toEqual([one, two]);
    socket.offAny(one);
    line.say('2["a"]');
    socket.offAny();
    line.say('2["a"]');
    expect([one.mock.calls.length, two.mock.calls.length]).toEqual([0, 1]);
  });
});

describe("Socket > what waits", () => {
  it("is emptied by an empty list, and takes no other (BUF-14)", () => {
    const { line, socket } = connectedSocket();
    line.free = false;
    socket.emit("a");
    for (const [name, list] of [
      ["sendBuffer", socket.sendBuffer],
      ["sendBuffer", undefined],
      ["receiveBuffer", [["a"]]],
    ] as const)
      expect(() => Object.assign(socket, { [name]: list })).toThrow(
        expect.objectContaining({
          code: "invalid-option",
          message: expect.stringContaining(name),
        }),
      );
    expect(socket.sendBuffer.length).toBe(1);
    socket.sendBuffer = [];
    socket.receiveBuffer = [];
    expect([socket.sendBuffer, socket.receiveBuffer]).toEqual([[], []]);
  });

  it("is dropped by a filter that is a function (BUF-15)", () => {
    const { line, socket } = connectedSocket();
    line.free = false;
    socket.emit("a").emit("b");
    expect(() => socket.clearBuffer("a" as never)).toThrow(
      expect.objectContaining({ code: "invalid-option" }),
    );
    expect(socket.clearBuffer(({ data }) => (data as unknown[])[0] === "a")).toBe(1);
    expect(socket.clearBuffer()).toBe(1);
  });
});

describe("Socket > views", () => {
  it("can be kept, combined and used again, and don't change the socket (EMT-13)", () => {
    const { line, socket } = connectedSocket();
    const hurried = socket.timeout(50);
    const done = vi.fn();
    hurried.volatile.compress(false).emit("a", done);
    expect(hurried.emit("b", done)).toBe(socket);
    socket.emit("c", done);
    line.say('30["x"]').say('31["x"]').say('32["x"]');
    expect(done.mock.calls).toEqual([[null, "x"], [null, "x"], ["x"]]);
  });

  it("reach the packet, whichever it is (EMT-19)", async () => {
    const { line, socket } = connectedSocket();
    const compressed: unknown[] = [];
    const transmit = line.transmit.bind(line);
    line.transmit = (encoded, compress, ...rest) => {
      compressed.push(compress);
      return transmit(encoded, compress, ...rest);
    };
    socket.compress(false).emit("a");
    socket.compress(true).emit("b");
    socket.timeout(50).send("c", 1);
    expect(line.told()).toEqual(['2["a"]', '2["b"]', '2["message","c",1]']);
    expect(compressed).toEqual([false, true, true]);
    line.free = false;
    const abort = new AbortController();
    socket.signal(abort.signal).emit("aborted");
    socket.ttl(1000).key("k").emit("older");
    socket.key("k").ttl(1000).emit("newer");
    line.bufferedAmount = 1e6;
    socket.key("other").volatile.emit("dropped");
    abort.abort();
    expect(socket.sendBuffer.map(({ data }) => data)).toEqual([["newer"]]);
    const asked = socket.ttl(5).timeout(1000).emitWithAck("ask");
    socket.clearBuffer();
    await expect(asked).rejects.toMatchObject({ code: "evicted" });
  });

  it.each<[string, (socket: ReturnType<typeof connectedSocket>["socket"]) => unknown]>([
    ["timeout(ms)", (socket) => socket.timeout(-1)],
    ["ttl", (socket) => socket.ttl(NaN)],
    ["key(key)", (socket) => socket.key(5 as never)],
    ["signal", (socket) => socket.signal(undefined as never)],
    ["signal", (socket) => socket.signal({} as never)],
  ])("name what is wrong with %s (ACK-23)", (name, view) => {
    const { socket } = connectedSocket();
    expect(() => view(socket)).toThrow(
      expect.objectContaining({
        code: "invalid-option",
        message: expect.stringContaining(name),
      }) as Error,
    );
  });
});

describe("Socket > other names", () => {
  it("are there for connect() and disconnect() (CON-40)", () => {
    const { line, socket } = lineSocket();
    expect(socket.open()).toBe(socket);
    line.open().accept();
    expect([socket.connected, socket.disconnected]).toEqual([true, false]);
    expect(socket.close()).toBe(socket);
    expect([socket.connected, socket.disconnected, socket.state]).toEqual([false, true, "left"]);
  });
});

describe("Socket > durable", () => {
  it("names the import where there is no outbox (DUR-35)", () => {
    const { socket } = lineSocket();
    expect(() => socket.durable).toThrow(
      expect.objectContaining({
        code: "invalid-option",
        message: expect.stringMatching(/`outbox`.*indexedDb.*tautline\/durable/),
      }) as Error,
    );
  });
});

describe("Socket > listeners of everything", () => {
  const names = ["onAny", "prependAny", "onAnyOutgoing", "prependAnyOutgoing"] as const;

  it.each(names)("are functions: %s takes nothing else (HEA-4)", (name) => {
    const { socket } = lineSocket();
    for (const listener of [undefined, null, "f", {}])
      expect(() => socket[name](listener as never)).toThrow(
        expect.objectContaining({
          code: "invalid-option",
          message: expect.stringContaining("listener"),
        }) as Error,
      );
    expect([socket.listenersAny(), socket.listenersAnyOutgoing()]).toEqual([[], []]);
  });

  it("are removed one at a time, and a stranger is not looked for elsewhere (HEA-2)", () => {
    const { socket } = connectedSocket();
    const [one, two, stranger] = [vi.fn(), vi.fn(), vi.fn()];
    expect(socket.offAny().offAnyOutgoing(one)).toBe(socket);
    socket.onAny(one).onAny(two).onAny(one).offAny(stranger);
    expect(socket.listenersAny()).toEqual([one, two, one]);
    socket.offAny(one);
    expect(socket.listenersAny()).toEqual([two, one]);
    socket.onAnyOutgoing(one).prependAnyOutgoing(two).offAnyOutgoing(stranger);
    expect(socket.listenersAnyOutgoing()).toEqual([two, one]);
    socket.emit("a", 1);
    expect([two.mock.calls, one.mock.calls]).toEqual([[["a", 1]], [["a", 1]]]);
    socket.offAnyOutgoing();
    expect(socket.listenersAnyOutgoing()).toEqual([]);
  });

  it("have the socket as `this`, and hear what was there when the event came (HEA-10)", () => {
    const { line, socket } = connectedSocket();
    const heard: unknown[] = [];
    socket.onAny(function (this: unknown, event: string) {
      heard.push([this === socket, event]);
      socket.offAny().onAny(() => heard.push("late"));
    });
    socket.onAny(() => heard.push("second"));
    line.say('2["a"]');
    expect(heard).toEqual([[true, "a"], "second"]);
  });
});

describe("Socket > what other imports add", () => {
  it("is an outbox, where it was given one (DUR-35)", async () => {
    const { socket } = lineSocket();
    expect(() => socket.durable).toThrow(expect.objectContaining({ code: "invalid-option" }));
    expect(() => socket.durable).toThrow(/`outbox`.*tautline\/durable/);
    const part = durable({ name: "app", identity: 1, store: memoryStore() });
    const stored = new Socket(undefined, new FakeLine(), "/", {}, (host) =>
      part.wrap(host, "/", undefined),
    );
    await stored.durable.emit("order", 7);
    expect(await stored.durable.list()).toMatchObject([{ event: "order", args: [7] }]);
  });

  it("is a report, while its connection is recorded (RCD-22, RCD-23)", () => {
    const { line, socket } = lineSocket();
    expect(socket.report()).toBeUndefined();
    const report = { version: 1 };
    Object.assign(line, { tap: { report: () => report } });
    expect(socket.report()).toBe(report);
  });
});
