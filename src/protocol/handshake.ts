import { TautlineError, quote } from "../errors.js";

/** The server's first packet: `0{"sid":..}`. Times in milliseconds, sizes in bytes. */
export interface Handshake {
  sid: string;
  /** Names of transports that the session can move to. */
  upgrades: string[];
  pingInterval: number;
  pingTimeout: number;
  /** The largest HTTP body that the server accepts; 0 when it named none (Socket.IO 3 and 4.0). */
  maxPayload: number;
}

/**
 * Reads the first text that a server sent.
 *
 * @throws TautlineError `unsupported-version` for Engine.IO 3 (Socket.IO 2), `not-socketio` for anything else
 * that isn't an Engine.IO 4 handshake.
 */
export function parseHandshake(text: string): Handshake {
  if (/^\d+:0\{/.test(text))
    throw new TautlineError("unsupported-version", "the server is Socket.IO 2 or older");
  const { sid, upgrades, pingInterval, pingTimeout, maxPayload } = Object(
    text.startsWith("0{") && parseJson(text.slice(1)),
  ) as Record<string, unknown>;
  if (typeof sid !== "string" || !sid || !isDuration(pingInterval) || !isDuration(pingTimeout))
    throw new TautlineError(
      "not-socketio",
      `the server sent ${quote(text)}: not an Engine.IO handshake`,
    );
  return {
    sid,
    upgrades: Array.isArray(upgrades) ? upgrades.filter((name) => typeof name === "string") : [],
    pingInterval,
    pingTimeout,
    maxPayload: isDuration(maxPayload) ? maxPayload : 0,
  };
}

/** What the JSON stands for; undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isDuration(value: unknown): value is number {
  return typeof value === "number" && value > 0 && value < Infinity;
}
