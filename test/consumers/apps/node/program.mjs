/** A program as people write one. It ends by itself when it has disconnected. */
import "../conversation.js";
import { io } from "tautline";

// what Node 22 and newer have of their own
const transportOptions = globalThis.WebSocket
  ? {}
  : { websocket: { WebSocket: (await import("ws")).WebSocket } };
globalThis.print(await globalThis.report(io, { transportOptions }, process.env.SITE));
