import { check, checkNames, isDuration } from "./checks.js";
import type { EngineConfig } from "./engine-session.js";

/** Options of a server, named as socket.io's are. */
export interface ServerOptions {
  /** Path of its endpoint. @default "/socket.io/" */
  path?: string;
  /** Milliseconds. @default 25000 */
  pingInterval?: number;
  /** Milliseconds. @default 20000 */
  pingTimeout?: number;
  /** Milliseconds that a client has to enter a namespace. @default 45000 */
  connectTimeout?: number;
  /** Bytes of the longest message. @default 1000000 */
  maxHttpBufferSize?: number;
  /** @default true */
  allowUpgrades?: boolean;
  /** Keeps the state of clients that lose their connection, and sends what they missed. @default none */
  connectionStateRecovery?: { maxDisconnectionDuration?: number };
  /** Means nothing here: there are no HTTP headers. */
  cors?: unknown;
  /** Means nothing here. */
  serveClient?: boolean;
}

/** {@link ServerOptions} with their defaults. */
export interface ServerSettings {
  readonly path: string;
  /** Milliseconds; undefined: none. */
  readonly recovery: number | undefined;
  readonly connectTimeout: number;
  readonly engine: EngineConfig;
}

/** Milliseconds, as in socket.io. */
const RECOVERY_DURATION = 120_000;
const NAMES = [
  "path",
  "pingInterval",
  "pingTimeout",
  "connectTimeout",
  "maxHttpBufferSize",
  "allowUpgrades",
  "connectionStateRecovery",
  "cors",
  "serveClient",
];

/** @throws TautlineError `invalid-option` */
export function settingsOf(options: ServerOptions): ServerSettings {
  checkNames(options, NAMES, "a server in memory");
  const {
    path = "/socket.io/",
    pingInterval = 25_000,
    pingTimeout = 20_000,
    connectTimeout = 45_000,
    maxHttpBufferSize: limit = 1_000_000,
    allowUpgrades: upgrades = true,
    connectionStateRecovery: recovery,
  } = options;
  check("path", path, typeof path === "string");
  check("allowUpgrades", upgrades, typeof upgrades === "boolean");
  const times = { pingInterval, pingTimeout, connectTimeout, maxHttpBufferSize: limit };
  for (const [name, value] of Object.entries(times)) check(name, value, isDuration(value));
  return {
    path: path.replace(/\/?$/, "/"),
    recovery: recovery && (recovery.maxDisconnectionDuration ?? RECOVERY_DURATION),
    connectTimeout,
    engine: { upgrades, limit, toldLimit: limit, pingInterval, pingTimeout },
  };
}
