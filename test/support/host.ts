/**
 * Makes Node a host like a browser, as far as the client needs it: Node 20 has fetch, but no WebSocket of its own.
 * A setup file of the tests that meet real servers.
 */
import { WebSocket } from "ws";

Object.defineProperty(globalThis, "WebSocket", {
  value: WebSocket,
  configurable: true,
  writable: true,
});
