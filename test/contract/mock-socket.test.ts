import { WebSocket } from "mock-socket";
import type { WebSocketClass } from "../../src/platform/platform.js";
import { WebSocketTransport } from "../../src/transports/websocket.js";
import { MockSocketPeer } from "../support/mock-socket-peer.js";
import { itKeepsTheContract, optionsFor } from "./transport-contract.js";

const host = { WebSocket: WebSocket as unknown as WebSocketClass };

itKeepsTheContract({
  name: "WebSocketTransport over mock-socket",
  failure: "websocket error",
  ending: "close",
  hasBase64: true,
  keepsLastWords: true,
  rig: (options) => {
    const all = optionsFor("websocket", 3210, { ...host, ...options });
    return Promise.resolve({
      transport: new WebSocketTransport(all),
      peer: new MockSocketPeer("ws://127.0.0.1:3210/engine.io/"),
    });
  },
  lonely: () => Promise.resolve(new WebSocketTransport(optionsFor("websocket", 3211, host))),
});
