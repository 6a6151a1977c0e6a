import { beforeEach, describe, expect, it, vi } from "vitest";
import { flush } from "../../../src/delivery/index.js";
import { rtt, stats } from "../../../src/stats/index.js";
import {
  isolate,
  scriptedClient,
  type ScriptedClient,
  settle,
} from "../../support/scripted-client.js";

beforeEach(() => isolate());

function open(options = {}): ScriptedClient {
  return scriptedClient({ network: false, reconnectionDelay: 5000, ...options }).shakeHands();
}

const refusal = (nsp: string): string => `44${nsp},{"message":"Invalid namespace"}`;

describe("rtt()", () => {
  it("is the time until the server's answer (STT-1)", async () => {
    const client = open();
    const measured = rtt(client.manager);
    await vi.advanceTimersByTimeAsync(123);
    client.transport.say(refusal("/tautline-probe-1"));
    await expect(measured).resolves.toBe(123);
  });

  it("keeps several measurements apart, and smooths them", async () => {
    const client = open();
    const first = rtt(client.manager);
    await vi.advanceTimersByTimeAsync(100);
    const second = rtt(client.manager);
    await vi.advanceTimersByTimeAsync(80);
    client.transport.say(refusal("/tautline-probe-1")).say(refusal("/tautline-probe-2"));
    expect(await Promise.all([first, second])).toEqual([180, 80]);
    expect(stats(client.manager).rtt).toEqual({ last: 80, smoothed: 180 + (80 - 180) / 8 });
  });

  it("closes nothing when the answer stays away, and rejects when the connection is lost (STT-2)", async () => {
    const client = open({ reconnection: false });
    const measured = rtt(client.manager);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(client.manager.state).toBe("open");
    const rejected = expect(measured).rejects.toMatchObject({ code: "disconnected" });
    await client.fail();
    await rejected;
  });

  it("rejects without a connection (STT-2)", async () => {
    const client = scriptedClient({ autoConnect: false });
    await expect(rtt(client.manager)).rejects.toMatchObject({ code: "disconnected" });
  });
});

describe("stats()", () => {
  it("begins with nothing", () => {
    const client = scriptedClient({ autoConnect: false });
    expect(stats(client.manager)).toEqual({
      state: "closed",
      transport: undefined,
      rtt: { last: undefined, smoothed: undefined },
      packetsIn: 0,
      packetsOut: 0,
      bytesIn: 0,
      bytesOut: 0,
      reconnects: 0,
      connectedFor: 0,
      bufferedPackets: 0,
      bufferedAmount: 0,
    });
  });

  it("counts what went over every connection so far, and what waits (STT-3)", async () => {
    const client = open();
    // from here on
    stats(client.manager);
    const socket = client.socket();
    await settle();
    client.transport.say('40{"sid":"a"}');
    socket.emit("a", "bc");
    await settle();
    await vi.advanceTimersByTimeAsync(700);
    const first = stats(client.manager);
    expect(first).toMatchObject({
      state: "open",
      transport: "scripted",
      packetsIn: 1,
      packetsOut: 2,
      bytesIn: '40{"sid":"a"}'.length,
      bytesOut: '4042["a","bc"]'.length,
      connectedFor: 700,
      reconnects: 0,
    });
    await client.fail();
    socket.emit("waits");
    expect(stats(client.manager)).toEqual({
      ...first,
      state: "waiting",
      transport: undefined,
      connectedFor: 0,
      bufferedPackets: 1,
      bufferedAmount: 0,
    });
    client.manager.open();
    await client.enter();
    await settle();
    expect(stats(client.manager)).toMatchObject({ reconnects: 1, packetsIn: 2, packetsOut: 4 });
  });

  it("counts from the first call on (STT-4)", async () => {
    const client = open();
    const socket = client.socket();
    await settle();
    client.transport.say('40{"sid":"a"}');
    expect(stats(client.manager)).toMatchObject({ packetsIn: 0, packetsOut: 0 });
    socket.emit("a", Uint8Array.of(1, 2, 3));
    await settle();
    expect(stats(client.manager)).toMatchObject({
      packetsOut: 2,
      bytesOut: '451-["a",{"_placeholder":true,"num":0}]'.length + 3,
    });
  });

  it("counts the packets of every namespace that wait (STT-5)", async () => {
    const client = open();
    client.manager.socket("/a").emit("a").emit("b");
    client.manager.socket("/b").emit("c");
    expect(stats(client.manager).bufferedPackets).toBe(3);
  });

  it("counts once, however often it is called", async () => {
    const client = open();
    for (let i = 0; i < 3; i++) stats(client.manager);
    client.transport.say("2");
    await settle();
    expect(stats(client.manager)).toMatchObject({ packetsIn: 1, packetsOut: 1 });
  });

  it("knows the round-trip times that the library measured for itself (STT-6)", async () => {
    const client = open();
    stats(client.manager);
    const socket = client.socket();
    await settle();
    client.transport.say('40{"sid":"a"}');
    socket.emit("a");
    void flush(socket);
    await vi.advanceTimersByTimeAsync(40);
    client.transport.say(refusal("/tautline-probe-1"));
    expect(stats(client.manager).rtt).toEqual({ last: 40, smoothed: 40 });
  });

  it("tells what the transport has not sent yet", () => {
    const client = open();
    client.transport.bufferedAmount = 77;
    expect(stats(client.manager).bufferedAmount).toBe(77);
  });
});
