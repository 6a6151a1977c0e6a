import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { exactlyOnce } from "../../../src/delivery/index.js";
import type { SocketOptions } from "../../../src/socket/socket-options.js";
import { connectedSocket, events, lineSocket } from "../../support/line-socket.js";

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

const once: SocketOptions = { delivery: exactlyOnce() };

/** The server has answered CONNECT, and is asked whether it drops what it has seen. */
function entering() {
  const made = lineSocket(once);
  made.socket.connect();
  made.line.open().accept();
  return made;
}

describe("ExactlyOnce", () => {
  it("asks the server before it connects, and numbers its packets (ONC-1)", () => {
    const { line, socket } = entering();
    expect(socket.connected).toBe(false);
    const [, question, probe] = line.told() as string[];
    expect(probe).toBe("probe");
    expect(question).toMatch(/^20\["\$tautline","[^"]+"\]$/);
    line.say("30[true]");
    expect(socket.connected).toBe(true);
    socket.emit("a", 1).emit("b");
    const stream = /,"([^"]+)"\]$/.exec(question ?? "")?.[1];
    expect(events(line.told())).toEqual([
      `2["a",1,{"$tautline":["${stream}",1]}]`,
      `2["b",{"$tautline":["${stream}",2]}]`,
    ]);
  });

  it("fails with dedupe-missing when only the probes are answered (ONC-2)", () => {
    const { line, socket } = entering();
    const failed = vi.fn();
    socket.on("connect_error", failed);
    line.answer();
    expect(failed.mock.calls).toEqual([[expect.objectContaining({ code: "dedupe-missing" })]]);
    expect([socket.connected, socket.active]).toEqual([false, false]);
    expect(line.told().at(-1)).toBe("1");
  });

  it("takes only the second answered probe for proof, as servers answer an event a tick later (ONC-2)", () => {
    const { line, socket, log } = entering();
    const [first] = line.probes.splice(0);
    first?.();
    expect(log).toEqual([]);
    line.say("30[true]").answer();
    expect([log, socket.connected]).toEqual([["connect"], true]);
    expect(line.told().at(-1)).toBe("probe");
  });

  it("tells what the server needs (ONC-2)", () => {
    const { line, socket } = entering();
    const failed = vi.fn();
    socket.on("connect_error", ({ message }) => failed(message));
    line.answer();
    expect(failed).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("tautline/server"));
  });

  it("says nothing of the server when the connection is lost while it is asked", () => {
    for (const answered of [0, 1]) {
      const { line, log } = entering();
      for (const probe of line.probes.splice(0, answered)) probe();
      line.lose();
      expect(log).toEqual(["connect_error transport-close"]);
    }
  });

  it("takes off its own tag, and nothing else (ONC-5)", () => {
    const policy = exactlyOnce().createPolicy({} as never);
    const untagged = (args: unknown[]): unknown[] => (policy.untag?.(args), args);
    expect(untagged(policy.tag?.(["a", 1]) ?? [])).toEqual(["a", 1]);
    for (const last of [1, "text", null, undefined, {}, [], true])
      expect(untagged(["a", last])).toEqual(["a", last]);
  });

  it("forgets what it heard before it was let in when the connection is lost", () => {
    const { line, socket } = entering();
    const heard = vi.fn();
    socket.on("n", heard);
    line.say('2["n","offset"]').lose();
    line.open().accept().say('2["n","offset"]').say("31[true]");
    expect(heard).toHaveBeenCalledExactlyOnceWith("offset");
  });

  it("shows its packets without the numbers (ONC-5)", () => {
    const { socket } = lineSocket(once);
    socket.emit("a", 1);
    expect(socket.sendBuffer.map(({ data }) => data)).toEqual([["a", 1]]);
  });

  it("keeps the number of a packet that is sent again (ONC-3)", () => {
    const { line, socket } = connectedSocket(once);
    line.say("30[true]");
    socket.emit("a");
    const [first] = events(line.told());
    line.lose().open().accept().say("31[true]");
    expect(events(line.told()).at(-1)).toBe(first);
  });

  it("asks each server that it meets, and asks one that was left before it asked nothing more (ONC-4)", () => {
    const { line, socket, log } = entering();
    const [stale] = line.probes.splice(0);
    line.lose().open().accept();
    stale?.();
    expect([socket.connected, log]).toEqual([false, ["connect_error transport-close"]]);
    line.say("31[true]");
    expect(log.at(-1)).toBe("connect");
  });

  it("hears events while it asks, and hands them on before connect (ONC-6)", () => {
    const { line, socket, log } = entering();
    socket.on("n", (value: number) => log.push(`n ${value}`));
    line.say('2["n",1]').say('2["n",2]');
    expect([log, socket.receiveBuffer]).toEqual([
      [],
      [
        ["n", 1],
        ["n", 2],
      ],
    ]);
    line.say("30[true]");
    expect([log, socket.receiveBuffer]).toEqual([["n 1", "n 2", "connect"], []]);
  });

  it("keeps no more than 10,000 of them, and leaves such a server (ONC-7)", () => {
    const { line, socket, log } = entering();
    for (let i = 0; i < 10_001; i++) line.say('2["n"]');
    expect([log, socket.active, socket.receiveBuffer]).toEqual([
      ["connect_error overflow"],
      false,
      [],
    ]);
    expect(line.told().at(-1)).toBe("1");
  });

  it("says goodbye to the server when it is disconnected while it asks", () => {
    const { line, socket, log } = entering();
    line.told();
    socket.disconnect();
    expect([line.told(), socket.channel.state, line.isNeeded, log]).toEqual([
      ["1"],
      "left",
      false,
      [],
    ]);
  });

  it("numbers the packets of each socket on their own (ONC-8)", () => {
    const streams = [connectedSocket(once), connectedSocket(once)].map(({ line, socket }) => {
      line.say("30[true]");
      socket.emit("a");
      return events(line.told()).at(-1);
    });
    expect(streams[0]).toMatch(/,1\]\}\]$/);
    expect(streams[0]).not.toBe(streams[1]);
  });
});
