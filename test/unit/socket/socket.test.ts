import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { connectedSocket } from "../../support/line-socket.js";

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
});
