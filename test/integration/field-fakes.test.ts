/** An app under test, whose runner has put fakes in the place of the host's clocks. The network is real. */
import { mock } from "node:test";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { io } from "../../src/index.node.js";
import { connected, modes, serve, until } from "../support/harness.js";
import { stubGlobal } from "../support/field.js";

describe.each(modes.slice(0, 2))("A queueMicrotask() that nobody runs, over $name", (mode) => {
  it.each([false, true])("holds no packet back, withCredentials: %s", async (withCredentials) => {
    const server = await serve(mode.server);
    const received: unknown[] = [];
    server.io.on("connection", (far) => far.on("n", (n: unknown) => received.push(n)));
    const socket = io(server.url, { ...mode.options, forceNew: true, withCredentials });
    onTestFinished(() => void socket.disconnect());
    await connected(socket);
    stubGlobal("queueMicrotask", () => {});
    for (const n of [1, 2]) {
      socket.emit("n", n);
      await until(() => received.length === n);
    }
    expect(received).toEqual([1, 2]);
  });
});

/** A client of a server that never answers. */
async function asking(options: object = {}) {
  const server = await serve();
  server.io.on("connection", (far) => far.on("silent", () => {}));
  const socket = io(server.url, { forceNew: true, transports: ["websocket"], ...options });
  onTestFinished(() => void socket.disconnect());
  await connected(socket);
  return socket;
}

describe("Where only the timers are fake", () => {
  it("acks time out when the test says so", async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    onTestFinished(() => mock.timers.reset());
    const socket = await asking();
    // a pause of the machine is time too
    const now = performance.now();
    const clock = vi.spyOn(performance, "now").mockReturnValue(now);
    onTestFinished(() => clock.mockRestore());
    const told: unknown[] = [];
    for (const ms of [1000, 3000])
      socket.timeout(ms).emit("silent", (error: unknown) => told.push(error ? ms : "answer"));
    mock.timers.tick(999);
    expect(told).toEqual([]);
    // of a fraction of a millisecond a whole one is made, and a timer that was late begins late
    mock.timers.tick(2);
    expect(told).toEqual([1000]);
    mock.timers.tick(2010);
    expect(told).toEqual([1000, 3000]);
  });
});

describe("useNativeTimers", () => {
  it.each([
    ["stands still", (now: number) => () => now],
    ["jumps ahead", (now: number) => () => now + 3_600_000],
  ])("doesn't notice a fake clock that %s", async (_how, fake) => {
    const socket = await asking({ useNativeTimers: true });
    let losses = 0;
    socket.io.on("close", () => losses++);
    const begun = Date.now();
    const timedOut = socket.timeout(300).emitWithAck("silent");
    stubGlobal("performance", { now: fake(performance.now()) });
    await expect(timedOut).rejects.toMatchObject({ code: "ack-timeout" });
    await expect(socket.timeout(300).emitWithAck("silent")).rejects.toMatchObject({
      code: "ack-timeout",
    });
    expect(Date.now() - begun).toBeGreaterThan(590);
    expect(losses).toBe(0);
  });
});
