/** The number of CONNECT in the Socket.IO protocol. */
const CONNECT = 0;

/**
 * A server with connection state recovery adds an offset to each event, as its last value. It is the protocol's, not the
 * app's. Such a server has given a `pid` with CONNECT.
 *
 * @param {object} socket a Socket of the client
 * @returns {(values: unknown[]) => unknown[]} takes the offset away, where there is one
 */
export function offsetReader(socket) {
  let hasOffsets = false;
  socket.io.on("packet", ({ type, nsp, data }) => {
    if (type === CONNECT && nsp === socket.nsp) hasOffsets = typeof data?.pid === "string";
  });
  // Several servers that pass events on by publish and subscribe give a pid all the same, and no offsets.
  return (values) =>
    hasOffsets && values.length > 1 && typeof values.at(-1) === "string"
      ? values.slice(0, -1)
      : values;
}
