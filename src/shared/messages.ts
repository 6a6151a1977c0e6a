import { VOLATILE_LIMIT } from "../pipeline/pointless.js";
import { HOST_GONE } from "../protocol/close-reason.js";
import type { BinaryData } from "../protocol/engine-packet.js";
import type { TransportFailure } from "../transports/transport.js";

/** Bytes. */
const LEAST = 128;

/** Tabs whose numbers differ do not see each other. It changes with every change of the messages below. */
export const PROTOCOL = 2;

/** How the names of locks and channels begin. */
export const SCOPE = "tautline";

/** A host that has been silent for so many milliseconds is given up. */
export const PATIENCE = 1500;

/** A tab that has handed over so many bytes waits until the line has taken some; the line is busy when as many wait in it. */
export const WINDOW = VOLATILE_LIMIT;

/**
 * How far a tab has got in the events of a namespace: the private id of the server's session, how many events there were, and
 * the offset of the last one. The number tells which of two tabs has got further; the offset is what the server understands.
 */
export type Position = readonly [pid: string, count: number, offset: string | undefined];

/** By namespace. */
export type Positions = ReadonlyMap<string, Position>;

/** Why a session of a tab ends: of this, what can be cloned. */
export type Ending = TransportFailure;

/** The tab that had the connection let it go. */
export const GONE: Ending = { kind: "close", message: "shared close", ...HOST_GONE };

/** On the channel that all tabs of a scope have open. */
export type BusMessage =
  /** guest -> host: who is it? */
  | readonly ["who"]
  /** host -> all: it is me, and I can be reached. */
  | readonly ["host", id: string]
  /** guest -> host: a session, please; on the channel of its name. */
  | readonly [
      "open",
      host: string,
      session: string,
      tab: string | undefined,
      positions: Positions,
      isVisible: boolean,
    ]
  /** to all: the user has left; every socket of this key disconnects. */
  | readonly ["out"];

/** tab -> switch, on the channel of a session. */
export type UpMessage =
  /** Engine packets. */
  | readonly ["data", frames: readonly (string | BinaryData)[]]
  /** The events that somebody listens to in this namespace; null: all. */
  | readonly ["listen", nsp: string, names: readonly string[] | null]
  /** Are you alive? */
  | readonly ["ping", isVisible: boolean]
  /** Nothing more comes. */
  | readonly ["paused"]
  | readonly ["close"];

/** switch -> tab. */
export type DownMessage =
  /** Engine packets that belong together; with the position that they lead to. */
  | readonly [
      "data",
      frames: readonly (string | BinaryData)[],
      nsp?: string | undefined,
      position?: Position | undefined,
    ]
  | readonly ["pong", tabs: number, positions: Positions]
  /** The line has taken so much more of what the tab has sent, see {@link sizeOf}. */
  | readonly ["taken", bytes: number]
  /** The host hands over: send nothing more, and say so. */
  | readonly ["pause"]
  /** @param isYours - this tab is to take the lock */
  | readonly ["end", ending: Ending, positions: Positions, isYours: boolean];

/** What another tab sent, as far as it has the shape of a message: a list of something. */
export function messageOf(data: unknown): readonly unknown[] {
  return Array.isArray(data) ? (data as unknown[]) : [];
}

/** What a frame counts for: its bytes (of text: its length), but not less than a message costs whatever is in it. */
export function sizeOf(frame: unknown): number {
  const { byteLength, length } = frame as { byteLength?: number; length: number };
  return Math.max(byteLength ?? length, LEAST);
}
