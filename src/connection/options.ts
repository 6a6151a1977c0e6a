import type { EngineOptions } from "../engine/options.js";
import type { NetworkSignals } from "../platform/platform.js";

/** How a connection is kept, besides how it is made. */
export interface ConnectionOptions extends EngineOptions {
  /**
   * Further addresses of the same service. When the address in use can't be reached, the next one is tried at once; after the
   * whole round, the delay of a reconnect begins. A loss begins with the address that worked last, or the
   * one behind it when the connection had not lasted `minUptime`.
   */
  addresses?: readonly string[];
  /** Whether to reconnect. @default true */
  reconnection?: boolean;
  /** How often before it gives up; 0 means Infinity, as in socket.io-client. @default Infinity */
  reconnectionAttempts?: number;
  /** First delay, in milliseconds; 0 means none. @default 1000 */
  reconnectionDelay?: number;
  /** No delay is above this, in milliseconds; 0 means the default. @default 5000 */
  reconnectionDelayMax?: number;
  /** 0 to 1: the delay is drawn from d * (1 - factor) to d * (1 + factor), never above the longest. @default 0.5 */
  randomizationFactor?: number;
  /** Milliseconds that a connection must last for the delays to begin again from the first. @default 5000 */
  minUptime?: number;
  /**
   * The source of the signals that end a delay or cause a probe; false: none.
   *
   * @default the browser's own; React Native apps hand in `reactNativeSignals(..)`
   */
  network?: NetworkSignals | false;
  /** Milliseconds to wait for the answer to a probe. @default 2000 */
  probeTimeout?: number;
  /** Milliseconds until a connect is given up; false = never. @default 20000 */
  timeout?: number | false;
}

/** Settings that may be changed at any time; read when they are needed. */
export interface ConnectionSettings {
  /** http(s) or ws(s); undefined: the options or the page say where. */
  uri: string | undefined;
  readonly opts: ConnectionOptions;
  reconnection(): boolean;
  reconnectionAttempts(): number;
  reconnectionDelay(): number;
  reconnectionDelayMax(): number;
  randomizationFactor(): number;
  timeout(): number | false;
}
