import { reply, textOf } from "./untrusted.mjs";

/**
 * What the connection test page talks to: the namespace `/echo` tells the sender what it sent, and the others what
 * was said. An ack, when the client asks for one, carries the server's clock.
 */
export function createEcho() {
  return { open };
}

function open({ io }) {
  io.of("/echo").on("connection", (socket) => {
    socket.on("message", (text, ack) => {
      const shown = textOf(text, 2000);
      socket.emit("message", `[Echo] You sent -> ${shown}`);
      socket.broadcast.emit("message", `[user] ${shown}`);
      reply(ack, Date.now());
    });
  });
}
