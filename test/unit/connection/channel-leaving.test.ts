import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { atLeastOnce } from "../../../src/delivery/index.js";
import { connectedSocket, events, lineSocket, outcome } from "../../support/line-socket.js";

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

describe("Channel > leaving", () => {
  it("says goodbye at once when nothing was sent since the server last proved that it has all (LEA-4)", () => {
    const { line, socket, log } = connectedSocket();
    socket.disconnect();
    expect([line.told(), log]).toEqual([["1"], ["disconnect io client disconnect"]]);
    expect([socket.channel.state, line.isNeeded, vi.getTimerCount()]).toEqual(["left", false, 0]);
  });

  it("says goodbye behind a probe when something was: a server drops what travels with the DISCONNECT (LEA-1)", () => {
    const { line, socket, log } = connectedSocket();
    socket.emit("last");
    socket.disconnect();
    expect([line.told(), log]).toEqual([
      ['2["last"]', "probe"],
      ["disconnect io client disconnect"],
    ]);
    expect([socket.channel.state, line.isNeeded]).toEqual(["leaving", true]);
    expect([socket.connected, socket.active]).toEqual([false, false]);
    line.answer();
    expect([line.told(), socket.channel.state, line.isNeeded]).toEqual([["1"], "left", false]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("needs no other probe when one has been answered meanwhile", () => {
    const { line, socket } = connectedSocket();
    socket.emit("a");
    socket.disconnect();
    line.answer();
    line.told();
    socket.connect();
    line.answer().accept();
    socket.disconnect();
    expect(line.told()).toEqual(["probe", "0", "1"]);
  });

  it("sends first what waits, in order (LEA-3)", () => {
    const { line, socket } = connectedSocket();
    line.free = false;
    socket.emit("a").emit("b");
    socket.disconnect();
    expect(line.told()).toEqual([]);
    line.drain();
    expect(line.told()).toEqual(['2["a"]', '2["b"]', "probe"]);
    line.answer();
    expect(line.told()).toEqual(["1"]);
  });

  it("keeps what is emitted after it for the next time (LEA-5)", () => {
    const { line, socket } = connectedSocket();
    socket.emit("before");
    socket.disconnect();
    socket.emit("after");
    line.answer();
    expect(line.told()).toEqual(['2["before"]', "probe", "1"]);
    socket.connect();
    line.answer().accept();
    expect(line.told()).toEqual(["probe", "0", '2["after"]']);
  });

  it("waits for a server that goes on taking things, however slow it is (LEA-6)", () => {
    const { line, socket } = connectedSocket();
    line.bufferedAmount = 1000;
    socket.emit("a");
    socket.disconnect();
    for (let i = 0; i < 10; i++) {
      vi.advanceTimersByTime(4999);
      line.bufferedAmount -= 10;
      vi.advanceTimersByTime(1);
    }
    expect(socket.channel.state).toBe("leaving");
    vi.advanceTimersByTime(5000);
    expect([socket.channel.state, line.told().at(-1)]).toEqual(["left", "1"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("gives up after 5 s without progress, and what is left over stays in the buffer (LEA-7)", () => {
    const { line, socket } = connectedSocket();
    line.free = false;
    socket.emit("a").emit("b");
    socket.disconnect();
    vi.advanceTimersByTime(4999);
    expect(line.told()).toEqual([]);
    vi.advanceTimersByTime(1);
    expect([line.told(), line.isNeeded]).toEqual([["1"], false]);
    expect(socket.sendBuffer.map(({ data }) => data)).toEqual([["a"], ["b"]]);
  });

  it("takes what is heard for progress", () => {
    const { line, socket } = connectedSocket();
    line.free = false;
    socket.emit("a");
    socket.disconnect();
    vi.advanceTimersByTime(4000);
    line.say('2["news"]');
    vi.advanceTimersByTime(1000);
    expect(line.told()).toEqual([]);
    vi.advanceTimersByTime(5000);
    expect(line.told()).toEqual(["1"]);
  });

  it("ends with the connection: what was not sent waits for the next (LEA-8)", () => {
    const { line, socket, log } = connectedSocket();
    line.free = false;
    socket.emit("a");
    socket.disconnect();
    line.lose();
    expect([socket.channel.state, log, vi.getTimerCount()]).toEqual([
      "disconnected",
      ["disconnect io client disconnect"],
      0,
    ]);
    expect(socket.sendBuffer).toHaveLength(1);
    line.free = true;
    socket.connect();
    line.told();
    line.open().accept();
    expect(line.told()).toEqual(["0", '2["a"]']);
  });

  it("with at-least-once keeps what is not proved to have arrived (LEA-9)", () => {
    const { line, socket } = connectedSocket({ delivery: atLeastOnce() });
    socket.emit("a");
    socket.disconnect();
    line.lose();
    line.told();
    socket.connect();
    line.open().accept();
    expect(events(line.told())).toEqual(['2["a"]']);
  });

  it("with at-least-once takes the answer to the farewell's probe for an ack", () => {
    const { line, socket } = connectedSocket({ delivery: atLeastOnce() });
    socket.emit("a");
    socket.disconnect();
    line.answer();
    expect([socket.sendBuffer, socket.channel.state]).toEqual([[], "left"]);
  });

  it.each([
    ["sends it away", "1"],
    ["refuses it", '4{"message":"no"}'],
  ])("is over at once when the server %s meanwhile", (_how, text) => {
    const { line, socket, log } = connectedSocket();
    socket.emit("a");
    socket.disconnect();
    line.say(text).answer();
    expect([socket.channel.state, line.isNeeded, vi.getTimerCount()]).toEqual([
      "disconnected",
      false,
      0,
    ]);
    expect([line.told(), log]).toEqual([['2["a"]', "probe"], ["disconnect io client disconnect"]]);
  });

  it("hears no events any more, but answers that are due (LEA-10)", async () => {
    const { line, socket } = connectedSocket();
    const [heard, answered] = [vi.fn(), vi.fn()];
    socket.on("a", heard);
    socket.emit("ask", answered);
    socket.disconnect();
    line.say('2["a"]').say("30[1]");
    expect([heard.mock.calls, answered.mock.calls]).toEqual([[], [[1]]]);
  });
});

describe("Channel > left before the server has answered", () => {
  function leaving() {
    const made = lineSocket();
    made.socket.connect();
    made.line.open();
    made.line.told();
    made.socket.disconnect();
    return made;
  }

  it("doesn't keep the connection for that, and says goodbye when it comes", () => {
    const { line, socket, log } = leaving();
    expect([socket.channel.state, line.isNeeded, line.told()]).toEqual(["leaving", false, []]);
    line.accept();
    expect([line.told(), socket.channel.state, log]).toEqual([["1"], "left", []]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("has nothing to say to a refusal", () => {
    const { line, socket, log } = leaving();
    line.say('4{"message":"no"}');
    expect([line.told(), socket.channel.state, log]).toEqual([[], "disconnected", []]);
  });

  it("and coming back, asks with its new data, behind a probe", () => {
    const { line, socket, log } = leaving();
    socket.connect();
    expect([socket.channel.state, socket.active, line.told()]).toEqual(["returning", true, []]);
    socket.auth = { token: "new" };
    line.accept();
    expect([line.told(), socket.channel.state]).toEqual([["1", "probe"], "rejoining"]);
    line.answer();
    expect(line.told()).toEqual(['0{"token":"new"}']);
    line.accept();
    expect([log, socket.connected, line.isNeeded]).toEqual([["connect"], true, true]);
  });

  it("and coming back, asks at once after a refusal: the server has nothing to forget", () => {
    const { line, socket, log } = leaving();
    socket.connect();
    line.say('4{"message":"no"}');
    expect([line.told(), socket.channel.state, log]).toEqual([["0"], "asking", []]);
  });

  it("asks once, however often it changed its mind (React's StrictMode) (NSP-15)", () => {
    const { line, socket, log } = leaving();
    for (let i = 0; i < 5; i++) socket.connect().disconnect();
    socket.connect();
    expect(line.told()).toEqual([]);
    line.accept().answer().accept();
    expect([line.told(), log]).toEqual([["1", "probe", "0"], ["connect"]]);
  });
});

describe("Channel > coming back on the same connection", () => {
  it("asks the server again only when it has surely understood that we left (NSP-14)", () => {
    const { line, socket, log } = connectedSocket();
    socket.disconnect().connect();
    expect([line.told(), socket.channel.state]).toEqual([["1", "probe"], "rejoining"]);
    line.answer();
    expect([line.told(), socket.channel.state]).toEqual([["0"], "asking"]);
    line.accept({ sid: "new" });
    expect([log, socket.id]).toEqual([["disconnect io client disconnect", "connect"], "new"]);
  });

  it("while something was still to be sent, goes through the whole farewell", () => {
    const { line, socket } = connectedSocket();
    socket.emit("a");
    socket.disconnect().connect().emit("b");
    expect([line.told(), socket.channel.state]).toEqual([['2["a"]', "probe"], "returning"]);
    line.answer();
    expect([line.told(), socket.channel.state]).toEqual([["1", "probe", "0"], "asking"]);
    line.accept();
    expect(line.told()).toEqual(['2["b"]']);
  });

  it("keeps the connection for a farewell that is under way, though it changed its mind", () => {
    const { line, socket } = connectedSocket();
    socket.emit("a");
    socket.disconnect().connect().disconnect();
    expect([socket.channel.state, line.isNeeded]).toEqual(["leaving", true]);
    line.answer();
    expect([line.told(), line.isNeeded]).toEqual([['2["a"]', "probe", "1"], false]);
  });

  it("may be taken back while it waits for the server, and asked for again", () => {
    const { line, socket, log } = connectedSocket();
    socket.disconnect().connect().disconnect();
    expect([socket.channel.state, line.isNeeded]).toEqual(["left", false]);
    line.answer();
    expect([line.told(), socket.channel.state]).toEqual([["1", "probe"], "left"]);
    socket.connect();
    line.answer().accept();
    expect([line.told(), log]).toEqual([
      ["probe", "0"],
      ["disconnect io client disconnect", "connect"],
    ]);
  });

  it("waits for the next connection when this one is lost", () => {
    const { line, socket, log } = connectedSocket();
    socket.disconnect().connect();
    line.lose();
    expect(socket.channel.state).toBe("pending");
    line.told();
    line.open().accept();
    expect([line.told(), log]).toEqual([["0"], ["disconnect io client disconnect", "connect"]]);
  });

  it("fails at once what was asked in between and is not to be sent", async () => {
    const { socket } = connectedSocket();
    socket.emit("a");
    socket.disconnect().connect();
    const asked = outcome(socket.emitWithAck("b"));
    socket.disconnect();
    expect(await asked).toBe("disconnected not-sent");
    expect(socket.sendBuffer).toEqual([]);
  });
});
