import { randomId } from "../platform/browser.js";
import type { Cancel, TabPort } from "../platform/platform.js";
import type { TabHost } from "../platform/tabs.js";
import { hold } from "./host-lock.js";
import { type BusMessage, messageOf } from "./messages.js";

/** Who is told by a presence. */
export interface PresenceOwner {
  /** The other tabs can see by its lock that this one is there. */
  present(): void;
  /** Something was posted to all tabs. */
  posted(message: readonly unknown[]): void;
  /** The host is to know whether the page is shown. */
  ping(): void;
  /** The page is put away, frozen or left. */
  depart(): void;
}

/** One stay of a tab among those of its scope: how they know that it is there, and what is said to all of them. */
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
      // a host takes a tab for gone whose lock is free: it is held before any host hears of this tab
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
