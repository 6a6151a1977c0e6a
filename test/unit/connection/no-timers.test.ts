import { beforeEach, expect, it, vi } from "vitest";
import { isolate, scriptedClient, settle } from "../../support/scripted-client.js";

beforeEach(() => isolate());

it("leaves no timer behind after disconnect() while a plain ack still waits in the buffer", async () => {
  const client = scriptedClient();
  const socket = client.manager.socket("/");
  socket.emit("wait", () => {});
  socket.timeout(1000).emit("wait", () => {});
  socket.disconnect();
  await settle();
  expect(vi.getTimerCount()).toBe(0);
});
