import { TautlineError, quote } from "../errors.js";
import type { BinaryData } from "./engine-packet.js";

/** The revision of the Socket.IO protocol that is spoken here. */
export const protocol = 5;

/** Socket.IO protocol 5: the wire contract. */
export const PacketType = {
  /** client -> server: enter a namespace, with the auth data. server -> client: entered, `{sid, pid?}`. */
  CONNECT: 0,
  /** both ways: leave a namespace. */
  DISCONNECT: 1,
  /** both ways: `[name, ...arguments]`. */
  EVENT: 2,
  /** both ways: `[...arguments]`, answering the event with the same id. */
  ACK: 3,
  /** server -> client: not entered, `{message, data?}`. */
  CONNECT_ERROR: 4,
  /** both ways: an EVENT with attachments. */
  BINARY_EVENT: 5,
  /** both ways: an ACK with attachments. */
  BINARY_ACK: 6,
} as const;

export type PacketType = (typeof PacketType)[keyof typeof PacketType];

/** One Socket.IO packet, decoded: its attachments are back in their places. */
export interface SocketPacket {
  type: PacketType;
  nsp: string;
  /** Ack id: the sender wants an answer, or this is one. */
  id?: number | undefined;
  data?: unknown;
  /** Only on packets handed to a custom parser's encoder. */
  options?: { compress: boolean };
}

/** What an encoded packet is sent as: one text, or several frames that belong together. */
export type Encoded = string | (string | BinaryData)[];

/** True for the names of events that the library itself emits on a socket. */
export function isReservedEvent(name: unknown): boolean {
  // called for each event, and most names are shorter than all of these
  if (typeof name !== "string" || name.length < 7) return false;
  switch (name) {
    case "connect":
    case "connect_error":
    case "disconnect":
    case "disconnecting":
    case "newListener":
    case "removeListener":
      return true;
    default:
      return false;
  }
}

/**
 * Servers close the connection of whoever sends an event that has neither a string nor a finite number for its name, or
 * one of the library's own names.
 *
 * @throws TautlineError `invalid-event`, `reserved-event`
 */
export function checkEventName(name: unknown): void {
  if (typeof name !== "string" && !Number.isFinite(name))
    throw new TautlineError("invalid-event", `${quote(name)} is not an event name`);
  if (isReservedEvent(name))
    throw new TautlineError("reserved-event", `${quote(name)} is a reserved event name`);
}
