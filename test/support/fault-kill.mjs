/**
 * How much of a piece may still pass before a programmed kill strikes, and whether it strikes in this piece.
 *
 * Frame 0 is the HTTP head that makes the WebSocket; frames of the WebSocket count from 1.
 *
 * @param {import("./fault-proxy.d.mts").Kill | null} kill
 * @param {any} connection
 * @param {"up" | "down"} direction
 * @param {string} kind
 * @param {Buffer} data
 * @returns {{ pass: number, kill: boolean }}
 */
export function allowance(kill, connection, direction, kind, data) {
  // The counting must go on while no kill is programmed: one can be programmed later.
  const parts = framesOf(connection, direction, kind, data);
  const everything = { pass: data.length, kill: false };
  if (kill === null || !concerns(kill, connection)) return everything;
  if (kill.direction !== direction && kill.direction !== "either") return everything;
  if (kill.afterBytes !== undefined) return byBytes(kill, connection, kind, data);
  for (const { frame, from, to, ends } of parts) {
    if (kill.beforeFrame === frame) return { pass: from, kill: true };
    if (kill.afterFrames === frame && ends) return { pass: to, kill: true };
  }
  return everything;
}

function concerns({ on = "any", nth }, { isWebSocket, nth: own }) {
  if (on !== "any" && isWebSocket !== (on === "websocket")) return false;
  return nth === undefined || nth === own;
}

function byBytes(kill, connection, kind, data) {
  const raw = kill.on === "websocket";
  if (raw && kind !== "raw") return { pass: data.length, kill: false };
  const { up, down } = raw ? connection.deliveredRaw : connection.delivered;
  const passed = { up, down, either: up + down }[kill.direction];
  const left = kill.afterBytes - passed;
  // At 0 bytes left it strikes with the next byte, or there would be no difference between N and never.
  return left < data.length || (left === data.length && left > 0)
    ? { pass: Math.max(left, 0), kill: true }
    : { pass: data.length, kill: false };
}

function framesOf({ isWebSocket, frames }, direction, kind, data) {
  if (kind === "raw") return frames[direction].scan(data);
  if (isWebSocket && data.length > 0) return [{ frame: 0, from: 0, to: data.length, ends: true }];
  return [];
}
