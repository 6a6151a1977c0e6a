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
