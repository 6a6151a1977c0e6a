import type { EngineOptions } from "../engine/options.js";
import type { NetworkSignals } from "../platform/platform.js";
import type { CustomParser } from "../protocol/parser-codec.js";
import type { SocketOptions } from "../socket/socket.js";

/** How a manager keeps its connection, besides how the connection is made. */
export interface ManagerOptions extends EngineOptions {
  /** Whether to reconnect. @default true */
  reconnection?: boolean;
  /** How often before it gives up. @default Infinity */
  reconnectionAttempts?: number;
  /** First delay, in milliseconds; 0 means none. @default 1000 */
  reconnectionDelay?: number;
  /** No delay is above this, in milliseconds. @default 5000 */
  reconnectionDelayMax?: number;
  /** 0 to 1: the delay is drawn from d * (1 - factor) to d * (1 + factor), never above the longest. @default 0.5 */
  randomizationFactor?: number;
  /**
   * Milliseconds that a connection must last for the delays to begin again from the first.
   *
   * @default 5000
   */
  minUptime?: number;
  /**
   * Where the signals come from that end waiting and raise doubts; false: from nowhere.
   *
   * @default the browser's own; React Native apps hand in `reactNativeSignals(..)`
   */
  network?: NetworkSignals | false;
  /** Milliseconds that a connection in doubt has to prove that it is alive. @default 2000 */
  probeTimeout?: number;
  /** Milliseconds until a connect is given up; false = never. @default 20000 */
  timeout?: number | false;
  /** Connect at once. @default true */
  autoConnect?: boolean;
  /** An `{Encoder, Decoder}` to use instead of the protocol's own, on both sides. */
  parser?: CustomParser;
}

/** Options of `io()`. */
export interface LookupOptions extends ManagerOptions, SocketOptions {
  /** A connection of its own. @default false */
  forceNew?: boolean;
  /** Whether to share a connection with other namespaces of the same server. @default true */
  multiplex?: boolean;
}
