import { randomId } from "../platform/browser.js";
import type { Cancel, TabPort } from "../platform/platform.js";
import type { TabHost } from "../platform/tabs.js";
import { hold } from "./host-lock.js";
import { type BusMessage, messageOf } from "./messages.js";

/** Receives the events of a presence. */
export interface PresenceOwner {
  /** The other tabs can see by its lock that this tab exists. */
  present(): void;
  /** A message to all tabs has arrived. */
  posted(message: readonly unknown[]): void;
  /** The visibility of the page has changed, and the host must know. */
  ping(): void;
  /** The page goes into the page cache, is frozen or left. */
  depart(): void;
}

/**
 * One stay of a tab among those of its scope: its lock, by which others see that it exists, and the channel of all
 * tabs.
 */
export class Presence {
  readonly id = randomId();
  private readonly _bus: TabPort;
  private readonly _ends: Cancel[];

  constructor(host: TabHost, scope: string, owner: PresenceOwner) {
    const depart = (): void => owner.depart();
    const present = (): void => owner.present();
    this._bus = host.channel(scope);
    this._bus.onmessage = ({ data }) => owner.posted(messageOf(data));
    this._ends = [
      // a host treats a tab with a free lock as closed, so the lock is taken before any host hears of this tab
      hold(host.locks, `${scope}:${this.id}`, present, {}, present),
      host.on("pagehide", depart),
      host.on("freeze", depart),
      host.on("visibilitychange", () => owner.ping()),
    ];
  }

  post(message: BusMessage): void {
    this._bus.postMessage(message);
  }

  end(): void {
    for (const end of this._ends) end();
    this._bus.close();
  }
}
