import type { WebSocketLike } from "../platform/platform.js";
import { utf8Length } from "../protocol/engine-payload.js";
import type { Closing } from "./events.js";
import type { WebSocketData } from "./options.js";

/** The message as it is now: the app may change its buffer while the message waits. */
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

/** Ends a socket that nobody listens to any more. */
export function drop(socket: WebSocketLike | undefined, { code, reason }: Closing = {}): void {
  if (!socket) return;
  socket.onopen = socket.onmessage = socket.onclose = null;
  // some hosts throw when nobody listens to an error that comes after close()
  socket.onerror = () => {};
  try {
    socket.close(code, reason);
  } catch {
    // a code that can't be sent
  }
}
