import { mock } from "node:test";
import { setTimeout as later } from "node:timers/promises";
import "../support/host.js";
import type { Socket } from "../../src/index.js";
import { io as connect } from "../../src/index.js";
import { createFaultProxy } from "../support/fault-proxy.mjs";
import { startSocketIo } from "../support/servers.js";
import { serverContract } from "./server-contract.js";

serverContract("socket.io 4.8", async (options = {}) => {
  const server = await startSocketIo(options);
  const proxy = await createFaultProxy({ target: server.port });
  const sockets: Socket[] = [];
  return {
    io: server.io,
    client(path = "/", given = {}) {
      const socket = connect(proxy.url + path, { forceNew: true, ...given });
      sockets.push(socket);
      return socket;
    },
    async until(condition) {
      while (!condition()) await later(2);
    },
    settle: (promise) => promise,
    holdTime() {
      mock.timers.enable({ apis: ["setTimeout"] });
      return { pass: (ms) => mock.timers.tick(ms), release: () => mock.timers.reset() };
    },
    cut: () => void proxy.cut(),
    async close() {
      mock.timers.reset();
      for (const socket of sockets) socket.disconnect();
      await proxy.close();
      await server.close();
    },
  };
});
