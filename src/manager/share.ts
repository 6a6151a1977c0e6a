import type { Connection } from "../connection/connection.js";
import type { ConnectionEvents } from "../connection/events.js";
import type { ConnectionSettings } from "../connection/options.js";
import type { Parts } from "../connection/parts.js";
import type { Timers } from "../platform/platform.js";
import type { Codec } from "../protocol/codec.js";
import type { Socket } from "../socket/socket.js";

/** What a shared connection needs of the manager of a tab. */
export interface Sharer extends ConnectionSettings {
  readonly connection: Connection;
  emit<K extends keyof ConnectionEvents>(
    event: K,
    ...args: Parameters<ConnectionEvents[K]>
  ): unknown;
}

/** What takes the place of a manager's own settings and parts. */
export interface ShareMember {
  readonly settings: ConnectionSettings;
  readonly parts: Parts;
  /** A socket of the manager was made. */
  adopt(socket: Socket): void;
}

/** The `share` option: `shared()` of `tautline/shared`. */
export interface Share {
  /** Connections with different keys are separate. */
  readonly key: string;
  /** Asked once by each manager, before its connection is made. */
  join(manager: Sharer, parts: Parts, timers: Timers, codec: Codec): ShareMember;
}
