import { drained as whenDrained, flush } from "../../src/delivery/index.js";
import { describe, expect, it } from "vitest";
import { client, connected, modes, proxyTo, serve, settled, until } from "../support/harness.js";

const MEGABYTE = 1024 * 1024;

describe("Volatile packets", () => {
  it.each(modes)("of a burst on an idle socket all arrive over $name (VOL-3)", async (mode) => {
    const server = await serve(mode.server);
    let received = 0;
    server.io.on("connection", (far) => {
      far.on("n", () => received++);
    });
    const socket = await settled(client(server.url, mode.options), mode);
    for (let n = 0; n < 1000; n++) socket.volatile.emit("n", n);
    await flush(socket);
    await until(() => received === 1000);
  });

  it.each(modes.slice(0, 2))("of 8 MB don't pile up over $name (VOL-4)", async (mode) => {
    const server = await serve({ ...mode.server, maxHttpBufferSize: 100 * MEGABYTE });
    let received = 0;
    server.io.on("connection", (far) => {
      far.on("big", () => received++);
    });
    const socket = await settled(client(server.url, mode.options), mode);
    const big = new Uint8Array(8 * MEGABYTE);
    let most = 0;
    for (let i = 0; i < 6; i++) {
      socket.volatile.emit("big", big);
      most = Math.max(most, socket.bufferedAmount);
    }
    await flush(socket);
    await until(() => received > 0);
    expect(received).toBe(1);
    // base64 makes a third more of it
    expect(most).toBeLessThan(11 * MEGABYTE);
  });

  it("are dropped while there is no connection (VOL-1)", async () => {
    const server = await serve();
    const socket = client(server.url, { autoConnect: false });
    socket.volatile.emit("n");
    expect(socket.sendBuffer).toEqual([]);
    await expect(socket.volatile.emitWithAck("n")).rejects.toMatchObject({
      code: "overflow",
      delivery: "not-sent",
    });
  });
});

describe("Backpressure", () => {
  it.each(modes.slice(0, 2))(
    "is felt, and over when it is over, over $name (VOL-7)",
    async (mode) => {
      const server = await serve({ ...mode.server, maxHttpBufferSize: 100 * MEGABYTE });
      const proxy = await proxyTo(server);
      const socket = await settled(client(proxy.url, mode.options), mode);
      await whenDrained(socket);
      proxy.set({ blackhole: "up" });
      for (let i = 0; i < 20; i++) socket.emit("big", new Uint8Array(MEGABYTE));
      expect(socket.bufferedAmount).toBeGreaterThan(MEGABYTE);
      let isDrained = false;
      const drained = whenDrained(socket, { below: 100_000 }).then(() => (isDrained = true));
      const abort = new AbortController();
      const aborted = whenDrained(socket, { signal: abort.signal });
      abort.abort();
      await expect(aborted).rejects.toMatchObject({ code: "aborted" });
      expect(isDrained).toBe(false);
      proxy.heal();
      await drained;
      expect(socket.bufferedAmount).toBeLessThan(100_000);
    },
  );

  it("ends with the socket (VOL-8)", async () => {
    const server = await serve();
    const socket = await connected(client(server.url, { transports: ["polling"] }));
    socket.emit("big", new Uint8Array(MEGABYTE / 4));
    const drained = whenDrained(socket, { below: 1 });
    socket.disconnect();
    await expect(drained).rejects.toMatchObject({ code: "disconnected" });
  });
});
