import { host } from "../platform/browser.js";
import type { WebSocketLike } from "../platform/platform.js";
import { utf8Length } from "../protocol/engine-payload.js";
import type { Closing } from "./events.js";
import type { WebSocketData } from "./options.js";

/** A copy of the message: the app may change its buffer while the message waits. */
export function keep(data: unknown): WebSocketData {
  return ArrayBuffer.isView(data)
    ? data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength)
    : ((data as string | undefined)?.slice?.(0) ?? String(data));
}

/** Bytes that a host sends for this message. */
export function sizeOf(data: unknown): number {
  const { byteLength, size } = data as { byteLength?: number; size?: number };
  return byteLength ?? size ?? utf8Length(data as string);
}

/**
 * The code and reason of a close frame, checked.
 *
 * @throws DOMException InvalidAccessError, SyntaxError, as the host's `close()`
 */
export function checked(code: number | undefined, reason: string | undefined): Closing {
  const isCode = /^(undefined|1000|[34]\d{3})$/.test(`${code}`);
  if (!isCode || utf8Length(`${reason}`) > 123)
    throw new (host.DOMException ?? Error)(
      `close(${code}, ${reason})`,
      isCode ? "SyntaxError" : "InvalidAccessError",
    );
  return { code, reason };
}

/** Closes a socket; where a host refuses the code or the reason, without them. */
export function hangUp(socket: WebSocketLike | undefined, farewell: Closing): void {
  for (const { code, reason } of [farewell, {}])
    try {
      return socket?.close(code, reason);
    } catch {
      // the next turn has neither code nor reason
    }
}

/** Closes a socket that has no listeners any more. */
export function drop(socket: WebSocketLike | undefined, farewell: Closing = {}): void {
  if (!socket) return;
  socket.onopen = socket.onmessage = socket.onclose = null;
  // some hosts throw for an error after close() that has no listener
  socket.onerror = () => {};
  hangUp(socket, farewell);
}
