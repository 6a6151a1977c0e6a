/** Clients that are not ours, before a real server with `dedupe()`. */
import { exactlyOnce } from "../../src/delivery/index.js";
import { io as connect, type Socket } from "socket.io-client";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { dedupe, type DedupeStore } from "../../src/server/index.js";
import { client, connected, serve, until } from "../support/harness.js";

const failed = vi.fn();

async function join(url: string): Promise<Socket> {
  const socket = connect(url, { forceNew: true, transports: ["websocket"], reconnection: false });
  onTestFinished(() => void socket.disconnect());
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  return socket;
}

describe("dedupe() before other clients", () => {
  beforeEach(() => {
    failed.mockClear();
    process.on("uncaughtException", failed);
    process.on("unhandledRejection", failed);
  });
  afterEach(() => {
    process.off("uncaughtException", failed);
    process.off("unhandledRejection", failed);
    expect(failed.mock.calls).toEqual([]);
  });

  it("survives questions and tags that make no sense, and closes no connection", async () => {
    const server = await serve();
    dedupe(server.io);
    const seen: unknown[][] = [];
    server.io.on("connection", (far) => {
      far.onAny((...args) => seen.push(args));
      far.on("ask", (reply) => reply("still here"));
    });
    const odd = [{ toString: 1 }, null, 0, "", [], ["s", 1], "x".repeat(1000), Buffer.from("s")];
    const plain = await join(server.url);
    for (const one of odd) plain.emit("$tautline", one).emit("$tautline", one, () => {});
    for (const one of odd) plain.emit("$tautline", "s", one).emit("$tautline");
    const asking = await join(server.url);
    expect(await asking.emitWithAck("$tautline", "s")).toBe(true);
    for (const one of odd) {
      asking.emit("n", { $tautline: one });
      asking.emit("n", { $tautline: ["s", one] });
      asking.emit("n", { $tautline: [one, 1] }, () => {});
    }
    expect(await asking.emitWithAck("ask")).toBe("still here");
    expect(await plain.emitWithAck("ask")).toBe("still here");
    // one of them is a good one
    const named = (name: string): unknown[] => seen.filter(([one]) => one === name);
    expect([named("n"), named("$tautline")]).toEqual([[["n"]], []]);
  });

  it("keeps nobody waiting for an empty stream in a store that hangs", async () => {
    const server = await serve();
    const claim = vi.fn<DedupeStore["claim"]>(() => new Promise(() => {}));
    dedupe(server.io, { store: { claim } });
    server.io.on("connection", (far) => {
      far.on("ask", (reply) => reply("at once"));
    });
    const hostile = await join(server.url);
    hostile.emit("$tautline", "", () => {});
    hostile.emit("n", { $tautline: ["", 1] });
    const asking = await join(server.url);
    await asking.emitWithAck("$tautline", "s");
    asking.emit("n", { $tautline: ["s", 1] });
    const plain = await join(server.url);
    expect(await plain.emitWithAck("ask")).toBe("at once");
    await until(() => claim.mock.calls.length > 0);
    expect(claim.mock.calls).toEqual([["s", 1]]);
  });

  it("remembers others, however many streams a client makes up", async () => {
    const server = await serve();
    dedupe(server.io, { maxStreams: 200 });
    const heard: unknown[][] = [];
    server.io.on("connection", (far) => {
      far.on("n", (...args) => heard.push(args));
      far.on("settled", (reply) => reply());
    });
    const victim = await join(server.url);
    await victim.emitWithAck("$tautline", "victim");
    victim.emit("n", "once", { $tautline: ["victim", 1] });
    victim.disconnect();
    const hostile = await join(server.url);
    for (let n = 0; n < 1000; n++) {
      if (hostile.disconnected)
        await new Promise<void>((resolve) => hostile.connect().once("connect", resolve));
      hostile.emit("$tautline", `made up ${n}`, () => {});
      for (let m = 0; m < 10; m++) hostile.emit("n", { $tautline: [`made up ${n + m}`, m] });
      if (n % 10 === 0) hostile.disconnect();
    }
    await hostile.emitWithAck("settled");
    const back = await join(server.url);
    await back.emitWithAck("$tautline", "victim");
    heard.length = 0;
    back.emit("n", "twice", { $tautline: ["victim", 1] });
    back.emit("n", "new", { $tautline: ["victim", 2] });
    await back.emitWithAck("$tautline", "victim");
    await until(() => heard.length > 0);
    expect(heard).toEqual([["new"]]);
  });

  it("serves clients of ours beside them", async () => {
    const server = await serve();
    dedupe(server.io);
    server.io.on("connection", (far) => {
      far.on("ask", (reply) => reply("yes"));
    });
    const plain = await join(server.url);
    plain.emit("$tautline", { toString: 1 });
    const ours = await connected(client(server.url, { delivery: exactlyOnce() }));
    expect(await ours.emitWithAck("ask")).toBe("yes");
  });
});
