/**
 * Engine.IO protocol 4: the wire contract. A packet is one type digit and its data; a message with binary
 * data has no digit (WebSocket: a binary frame; payload: "b" and base64).
 */
export const EnginePacketType = {
  /** server -> client: the handshake, as JSON. */
  open: "0",
  /** both ways: the session is over. On WebSocket it is ignored, closing the socket is enough. */
  close: "1",
  /** server -> client: the heartbeat. client -> server: "2probe" on the transport of an upgrade only. */
  ping: "2",
  /** client -> server: the answer to the heartbeat. server -> client: "3probe". */
  pong: "3",
  /** both ways: one frame of the layer above. */
  message: "4",
  /** client -> server: the session goes on over this transport. */
  upgrade: "5",
  /** server -> client: ends a poll that has nothing to say. */
  noop: "6",
} as const;

/** The word for a type digit, as in the engine's "packet" events. */
export type EnginePacketName = keyof typeof EnginePacketType;

/** By type digit. */
const NAMES: readonly EnginePacketName[] = [
  "open",
  "close",
  "ping",
  "pong",
  "message",
  "upgrade",
  "noop",
];

/** Binary data that can be handed to a transport. */
export type BinaryData = ArrayBuffer | ArrayBufferView | Blob;
/** What travels: a text packet with its type digit, or the data of a binary message. Blobs are read before. */
export type EngineFrame = string | Exclude<BinaryData, Blob>;

/** One engine packet as other libraries see it in "packet" and "packetCreate" events. */
export interface EnginePacket {
  type: EnginePacketName;
  data?: string | BinaryData | undefined;
  options?: { compress: boolean };
}

/** A frame as {@link EnginePacket}; undefined when its type digit is unknown. */
export function describeFrame(frame: string | BinaryData): EnginePacket | undefined {
  if (typeof frame !== "string") return { type: "message", data: frame };
  const type = NAMES[frame.charCodeAt(0) - 48];
  return type && (frame.length > 1 ? { type, data: frame.slice(1) } : { type });
}
