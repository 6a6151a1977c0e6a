import type { ErrorCode } from "../errors.js";
import { HOST_GONE } from "../protocol/close-reason.js";
import type { BinaryData } from "../protocol/engine-packet.js";

/** Tabs whose numbers differ do not see each other. It changes with every change of the messages below. */
export const PROTOCOL = 1;

/**
 * How far a tab has got in the events of a namespace: the private id of the server's session, how many events there were, and
 * the offset of the last one. The number tells which of two tabs has got further; the offset is what the server understands.
 */
export type Position = readonly [pid: string, count: number, offset: string | undefined];

/** By namespace. */
export type Positions = readonly (readonly [nsp: string, ...position: Position])[];

/** Why a session of a tab ends, as it travels: errors of the host have what cannot be cloned. */
export interface Ending {
  kind: "close" | "error";
  message: string;
  code?: ErrorCode | undefined;
  /** The reason in Socket.IO's words, or an HTTP status. */
  description?: string | number | undefined;
  /** Of a close frame. */
  wasClean?: boolean | undefined;
  hint?: string | undefined;
  retryAfter?: number | undefined;
}

/** The tab that had the connection let it go. */
export const GONE: Ending = {
  kind: "close",
  message: "shared close",
  description: HOST_GONE.description,
};

/** On the channel that all tabs of a scope have open. */
export type BusMessage =
  /** guest -> host: who is it? */
  | readonly ["who"]
  /** host -> all: it is me, and I can be reached. @param isOpen - there is a connection */
  | readonly ["host", id: string, isOpen: boolean]
  /** guest -> host: a session, please; on the channel of its name. */
  | readonly ["open", host: string, session: string, tab: string, positions: Positions]
  /** to all: the user has left; every socket of this key disconnects. */
  | readonly ["out"];

/** tab -> switch, on the channel of a session. */
export type UpMessage =
  /** One engine packet. */
  | readonly ["data", frame: string | BinaryData]
  /** The events that somebody listens to in this namespace; null: all. */
  | readonly ["listen", nsp: string, names: readonly string[] | null]
  /** Are you alive? */
  | readonly ["ping", isVisible: boolean]
  /** Nothing more comes until "resume". */
  | readonly ["paused"]
  | readonly ["close"];

/** switch -> tab. */
export type DownMessage =
  /** Engine packets that belong together; with the position that they lead to. */
  | readonly ["data", frames: readonly (string | BinaryData)[], ...Partial<[string, ...Position]>]
  | readonly ["pong", tabs: number, positions: Positions]
  /** The host is about to hand over: send nothing, and say when. */
  | readonly ["pause"]
  | readonly ["resume"]
  /** @param isYours - this tab is to take the lock */
  | readonly ["end", ending: Ending, positions: Positions, isYours: boolean];

/** What another tab sent, as far as it has the shape of a message: a type, and what belongs to it. */
export function messageOf(data: unknown): readonly unknown[] {
  return Array.isArray(data) ? (data as unknown[]) : [];
}

/** The positions in a message, by namespace. */
export function positionsOf(value: unknown): Map<string, Position> {
  const found = new Map<string, Position>();
  for (const one of messageOf(value)) {
    const [nsp, ...position] = messageOf(one);
    if (typeof nsp === "string" && isPosition(position)) found.set(nsp, position);
  }
  return found;
}

export function isPosition(value: readonly unknown[]): value is Position {
  const [pid, count, offset] = value;
  return typeof pid === "string" && typeof count === "number" && typeof offset !== "object";
}

/** A map as it travels. */
export function positionsIn(map: ReadonlyMap<string, Position>): Positions {
  return [...map].map(([nsp, position]) => [nsp, ...position] as const);
}
