import { VOLATILE_LIMIT } from "../pipeline/pointless.js";
import { HOST_GONE } from "../protocol/close-reason.js";
import type { BinaryData } from "../protocol/engine-packet.js";
import type { TransportFailure } from "../transports/transport.js";

/** Bytes. */
const LEAST = 128;

/** Tabs with different numbers do not see each other. Change it with every change of the messages below. */
export const PROTOCOL = 2;

/** Prefix of the names of locks and channels. */
export const SCOPE = "tautline";

/** Milliseconds of silence after which a host counts as dead. */
export const PATIENCE = 1500;

/**
 * A tab that has passed so many bytes to the host waits until the connection has taken some. The connection is busy
 * while as many bytes wait in it.
 */
export const WINDOW = VOLATILE_LIMIT;

/**
 * How many events of a namespace a tab has received: the private id of the server's session, the number of events, and
 * the offset of the last one. The number compares two tabs; the offset is for the server.
 */
export type Position = readonly [pid: string, count: number, offset: string | undefined];

/** By namespace. */
export type Positions = ReadonlyMap<string, Position>;

/** Why a session of a tab ended, without what cannot be cloned. */
export type Ending = TransportFailure;

/** The host has closed its connection for a hand-over. */
export const GONE: Ending = { kind: "close", message: "shared close", ...HOST_GONE };

/** Messages on the channel that all tabs of a scope share. */
export type BusMessage =
  /** guest -> host: who is the host? */
  | readonly ["who"]
  /** host -> all: this tab is the host, and can be reached. */
  | readonly ["host", id: string]
  /** guest -> host: requests a session, on the channel with its name. */
  | readonly [
      "open",
      host: string,
      session: string,
      tab: string | undefined,
      positions: Positions,
      isVisible: boolean,
    ]
  /** to all: the user has logged out; every socket of this key disconnects. */
  | readonly ["out"];

/** tab -> switch, on the channel of a session. */
export type UpMessage =
  /** Engine packets. */
  | readonly ["data", frames: readonly (string | BinaryData)[]]
  /** The events of this namespace that have listeners; null: all events. */
  | readonly ["listen", nsp: string, names: readonly string[] | null]
  /** Asks whether the other side is alive. */
  | readonly ["ping", isVisible: boolean]
  /** The last message of this session. */
  | readonly ["paused"]
  | readonly ["close"];

/** switch -> tab. */
export type DownMessage =
  /** Engine packets that belong together, with the position after them. */
  | readonly [
      "data",
      frames: readonly (string | BinaryData)[],
      nsp?: string | undefined,
      position?: Position | undefined,
    ]
  | readonly ["pong", tabs: number, positions: Positions]
  /** The connection has taken this many more bytes of this tab, see {@link sizeOf}. */
  | readonly ["taken", bytes: number]
  /** The host hands over: the tab must stop sending, and confirm it. */
  | readonly ["pause"]
  /** @param isYours - this tab is to take the lock */
  | readonly ["end", ending: Ending, positions: Positions, isYours: boolean];

/** A message of another tab, if it has the shape of one: an array that begins with a string. */
export function messageOf(data: unknown): readonly unknown[] {
  return Array.isArray(data) ? (data as unknown[]) : [];
}

/** The size that a frame counts for: its bytes (of text: its length), but at least the cost of one message. */
export function sizeOf(frame: unknown): number {
  const { byteLength, length } = frame as { byteLength?: number; length: number };
  return Math.max(byteLength ?? length, LEAST);
}
