import type { ConnectionSettings } from "../connection/options.js";
import type { Sharer } from "../manager/share.js";
import type { NetworkSignals } from "../platform/platform.js";
import { PortTransport, type TransportOwner } from "./port-transport.js";

/** What the settings need of their tab. */
export interface SettingsOwner extends TransportOwner, NetworkSignals {
  /** The last session ended because of a hand-over, which is not a loss of the connection. */
  readonly isMoving: boolean;
}

/**
 * The settings of a tab's connection to its host. Options that it does not replace are read from the app's object each
 * time.
 */
export function tabSettings(manager: Sharer, owner: SettingsOwner): ConnectionSettings {
  class TabTransport extends PortTransport {
    constructor() {
      super(owner);
    }
  }
  const own = {
    opts: Object.assign(Object.create(manager.opts), {
      transports: [TabTransport],
      network: owner,
      addresses: [],
      query: undefined,
      extraHeaders: undefined,
      transportOptions: undefined,
    }) as ConnectionSettings["opts"],
    timeout: (): false => false,
    reconnection: () => owner.isMoving || manager.reconnection(),
    reconnectionAttempts: () => (owner.isMoving ? Infinity : manager.reconnectionAttempts()),
  };
  return Object.assign(Object.create(manager) as ConnectionSettings, own);
}
