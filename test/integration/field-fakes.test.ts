/** An app under test, whose runner has put fakes in the place of the host's clocks. The network is real. */
import { describe, expect, it, onTestFinished } from "vitest";
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
