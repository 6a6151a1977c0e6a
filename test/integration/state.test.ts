import { rtt, stats as statsOf } from "../../src/stats/index.js";
import { describe, expect, it } from "vitest";
import {
  client,
  connected,
  modes,
  next,
  proxyTo,
  serve,
  settled,
  until,
} from "../support/harness.js";

describe.each(modes)("manager.state, over $name", (mode) => {
  it("follows a connection from the first connect to the end (STA-1)", async () => {
    const proxy = await proxyTo(await serve(mode.server));
    const socket = client(proxy.url, { ...mode.options, autoConnect: false });
    const story: string[] = [];
    socket.io.on("state", (state, old, why) => {
      story.push(`${old} > ${state}`);
      expect(socket.io.state).toBe(state);
      expect(why).not.toBe("");
    });
    socket.connect();
    await settled(socket, mode);
    const failed = next(socket.io, "reconnect_error");
    proxy.set({ refuseConnections: true });
    proxy.cut();
    await failed;
    const back = next(socket, "connect");
    proxy.heal();
    await back;
    socket.disconnect();
    expect(story.slice(0, 5)).toEqual([
      "closed > opening",
      "opening > open",
      "open > waiting",
      "waiting > opening",
      "opening > waiting",
    ]);
    expect(story.slice(-2)).toEqual(["opening > open", "open > closed"]);
  });

  it("lets an app show when the next try comes, and offer one now (STA-4)", async () => {
    const proxy = await proxyTo(await serve(mode.server));
    const socket = client(proxy.url, {
      ...mode.options,
      reconnectionDelay: 60_000,
      reconnectionDelayMax: 60_000,
      randomizationFactor: 0,
      rememberUpgrade: false,
    });
    await settled(socket, mode);
    const shown: string[] = [];
    socket.io.on("state", (state, _old, _why, attempt, delay) => {
      if (state === "waiting") shown.push(`${attempt}: ${delay}`);
    });
    proxy.set({ refuseConnections: true });
    proxy.cut();
    // the first try begins at once where the connection has just moved to another transport
    await until(() => !!shown.at(-1)?.endsWith(": 60000"));
    proxy.heal();
    const back = next(socket, "connect");
    socket.io.connect();
    await back;
    expect(shown.at(-1)).toMatch(/^[12]: 60000$/);
  });
});

describe.each(modes)("manager.rtt() and stats(), over $name", (mode) => {
  it("measure with a stock server, while events go on (STT-1)", async () => {
    const server = await serve(mode.server);
    server.io.on("connection", (far) => {
      far.on("echo", (value: unknown, answer: (value: unknown) => void) => answer(value));
    });
    const socket = await settled(client(server.url, mode.options), mode);
    const { id } = socket;
    statsOf(socket.io);
    const results = await Promise.all([
      rtt(socket.io),
      socket.emitWithAck("echo", new Uint8Array([1])),
      rtt(socket.io),
      socket.emitWithAck("echo", "text"),
    ]);
    expect(results[0]).toBeGreaterThan(0);
    expect(results[3]).toBe("text");
    const stats = statsOf(socket.io);
    expect(stats).toMatchObject({ state: "open", transport: mode.settles, reconnects: 0 });
    expect(stats.rtt.last).toBeGreaterThan(0);
    expect(stats.rtt.smoothed).toBeGreaterThan(0);
    expect(stats.packetsOut).toBeGreaterThanOrEqual(5);
    expect(stats.bytesIn).toBeGreaterThan(stats.packetsIn);
    expect(JSON.parse(JSON.stringify(stats))).toEqual(stats);
    expect(socket.id).toBe(id);
  });

  it("count the times that the connection came back (STT-7)", async () => {
    const server = await serve(mode.server);
    const socket = await connected(client(server.url, mode.options));
    statsOf(socket.io);
    for (const times of [1, 2]) {
      await settled(socket, mode);
      const back = next(socket, "connect");
      socket.io.engine?.close();
      await back;
      expect(statsOf(socket.io).reconnects).toBe(times);
    }
  });
});
