import { tOr } from "../parts/texts.js";

/**
 * Sends messages, and tells how each of them stands: `waiting` for a connection, `sending`, `delivered` when the
 * server has said so, `refused` when it will not have it.
 *
 * A message whose answer was lost with the connection is sent again; its key keeps the room from seeing it twice.
 *
 * @param {object} socket
 * @param {(key: string, state: "waiting" | "sending" | "delivered" | "refused", detail?: string) => void} mark
 */
export function createOutgoing(socket, mark) {
  const open = new Set();
  const markOpen = (key) => mark(key, socket.connected ? "sending" : "waiting");
  const markAll = () => open.forEach(markOpen);
  socket.on("connect", markAll);
  socket.on("disconnect", markAll);

  const settle = (key, answer) => {
    open.delete(key);
    if (answer.ok) mark(key, "delivered");
    else mark(key, "refused", tOr(`chat.refusals.${answer.code}`, answer.error));
  };

  const trySend = async (message) => {
    const wasConnected = socket.connected;
    try {
      settle(message.key, await socket.emitWithAck("chat message", message));
    } catch {
      // Lost on the way: into the buffer with it, before what is written later. Thrown out of the buffer: not again
      // before there is a connection.
      if (!wasConnected) await new Promise((resolve) => socket.once("connect", resolve));
      await trySend(message);
    }
  };

  return {
    /** @param {string} key @param {string} text */
    send(key, text) {
      open.add(key);
      markOpen(key);
      void trySend({ key, text });
    },
    /** The room already has it. */
    confirm(key) {
      if (open.delete(key)) mark(key, "delivered");
    },
  };
}
