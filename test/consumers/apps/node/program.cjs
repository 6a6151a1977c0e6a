/** The same, as CommonJS. */
require("../conversation.js");
const { io } = require("tautline");

const transportOptions = globalThis.WebSocket
  ? {}
  : { websocket: { WebSocket: require("ws").WebSocket } };
globalThis
  .report(io, { transportOptions }, require("node:process").env.SITE)
  .then(globalThis.print);
