import { afterEach, describe, expect, it, vi } from "vitest";
import { effectScope } from "vue";
import { useSocket, useWebSocket } from "../../src/vue/index.js";
import { echoServer, echoWebSocketServer } from "../support/adapter-servers.js";
import { until } from "../support/harness.js";

afterEach(() => {
  vi.unstubAllGlobals();
});

const options = { linger: 0, transports: ["websocket" as const] };

describe("The composables where there is no window", () => {
  it.each(["DedicatedWorkerGlobalScope", "SharedWorkerGlobalScope"])(
    "connect in a worker of a browser (%s) (VUE-18)",
    async (name) => {
      vi.stubGlobal(name, class {});
      const server = await echoServer();
      const plain = await echoWebSocketServer("");
      const scope = effectScope();
      const [{ isConnected }, { status }] = scope.run(
        () => [useSocket(server.url, options), useWebSocket(plain.address)] as const,
      )!;
      await until(() => isConnected.value && status.value === "OPEN");
      scope.stop();
      await until(() => server.clients() === 0 && plain.clients() === 0);
    },
  );

  it("open nothing on a server", async () => {
    const server = await echoServer();
    const scope = effectScope();
    const { instance } = scope.run(() => useSocket(server.url, options))!;
    expect(instance.value?.active).toBe(false);
    scope.stop();
  });
});
