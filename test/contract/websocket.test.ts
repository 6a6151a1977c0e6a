import { WebSocket } from "ws";
import type { WebSocketClass } from "../../src/platform/platform.js";
import { WebSocketTransport } from "../../src/transports/websocket.js";
import { closedPort } from "../support/servers.js";
import { WebSocketPeer } from "../support/websocket-peer.js";
import { itKeepsTheContract, optionsFor } from "./transport-contract.js";

const host = { WebSocket: WebSocket as unknown as WebSocketClass };

itKeepsTheContract({
  name: "WebSocketTransport over ws",
  failure: "websocket error",
  ending: "close",
  hasBase64: true,
  keepsLastWords: true,
  rig: async (options) => {
    const peer = await WebSocketPeer.listen();
    const all = optionsFor("websocket", peer.port, { ...host, ...options });
    return { transport: new WebSocketTransport(all), peer };
  },
  lonely: async () => new WebSocketTransport(optionsFor("websocket", await closedPort(), host)),
});
