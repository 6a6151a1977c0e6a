import type { TautlineError } from "../errors.js";
import type { PipelineOptions } from "../pipeline/pipeline-host.js";
import type { Auth } from "./auth.js";

/** How a namespace is entered. */
export interface ChannelOptions extends PipelineOptions {
  /** Asked again at each CONNECT. */
  auth?: Auth;
  /**
   * Whether to ask `auth` and try again, after a delay of the reconnection's schedule, when the server refused the
   * namespace. Not called when the `auth` function has failed: that is always tried again.
   *
   * @param attempt - from 1, since the socket was last connected
   * @default only when the server says so: `error.data.retryable === true`
   */
  retryConnectError?: (error: TautlineError, attempt: number) => boolean;
}

/** Receives the events of a channel. */
export interface ChannelOwner {
  /** Asked at each CONNECT. */
  readonly auth: Auth;
  /** An event of the server's, or (`isOwn`) one of the library's: its name and arguments. */
  tell(args: unknown[], isOwn: boolean): void;
}
