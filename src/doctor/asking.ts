import { parseJson } from "../protocol/handshake.js";
import type { Timers } from "../platform/platform.js";

/** What a check needs. */
export interface Asking {
  readonly timers: Timers;
  /** Aborted when the time is over, or when the app aborts. */
  readonly signal: AbortSignal;
  /** The address of an endpoint of the server, with the query of a transport. */
  address(scheme: "http" | "ws", transport: string, sid?: string): string;
  /** The first packet: CONNECT of the namespace, with the auth data. */
  readonly connectPacket: string;
  /** When `timers` say that the time is over. */
  readonly deadline: number;
  readonly headers: Record<string, string>;
  readonly withCredentials: boolean;
}

/** The server's answer to CONNECT. */
export type Welcome =
  | { readonly kind: "let-in" }
  /** Without a session id, as in Socket.IO 2. */
  | { readonly kind: "old" }
  | { readonly kind: "refused"; readonly message: string };

/** Reads the answer to CONNECT, without the digit of an Engine.IO message; undefined for other packets. */
export function welcomeIn(packet: string): Welcome | undefined {
  const [, digit, data = ""] = /^4([04])(?:\/[^,]*,)?(.*)$/su.exec(packet) ?? [];
  if (digit === "0") return { kind: data.startsWith("{") ? "let-in" : "old" };
  if (digit !== "4") return undefined;
  const parsed = parseJson(data);
  const isObject = typeof parsed === "object" && parsed !== null;
  const message = isObject ? (parsed as { message?: unknown }).message : (parsed ?? data);
  return { kind: "refused", message: String(message).slice(0, 200) };
}

/**
 * Asked for where the answer to CONNECT is late: a server refuses a namespace that it does not have at once, so that a line that is
 * broken can be told from a middleware that says nothing.
 */
const ABSENT = "/tautline-doctor";
export const ABSENT_PACKET = `40${ABSENT},`;
/** After so many milliseconds the answer to CONNECT is late. */
export const LATE = 700;

/** Whether it is an answer to {@link ABSENT_PACKET}. */
export function isOfAbsent(packet: string): boolean {
  return packet.startsWith(ABSENT + ",", 2);
}

/** Milliseconds of the first answer from which on a server or its network is slow. */
const SLOW = 200;
/** What took so much longer than the first answer does not come any more. */
const LONGER = 3;

/**
 * Whether nobody can know yet that something will not come.
 *
 * @param first - milliseconds that the first answer took
 * @param waited - milliseconds that it has been waited for
 */
export function isTooEarly(first: number, waited: number): boolean {
  return first >= SLOW && waited < first * LONGER;
}
