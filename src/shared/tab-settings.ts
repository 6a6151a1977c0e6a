import type { ConnectionSettings } from "../connection/options.js";
import type { Sharer } from "../manager/share.js";
import type { NetworkSignals } from "../platform/platform.js";
import { PortTransport, type TransportOwner } from "./port-transport.js";

/** What the settings of a tab need of it. */
export interface SettingsOwner extends TransportOwner, NetworkSignals {
  /** The last session ended because the host has changed: that is no loss of the connection. */
  readonly isMoving: boolean;
}

/** By what the connection of a tab to its host goes: what is not its own is read where the app changes it. */
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
