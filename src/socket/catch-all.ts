import { call } from "../errors.js";
import { checkOption } from "../options/check-options.js";

export type CatchAllListener = (...args: unknown[]) => void;

/** The listeners of `onAny` and of `onAnyOutgoing`: they get the event's name and its arguments. */
export class CatchAll {
  readonly listeners: CatchAllListener[] = [];

  add(listener: CatchAllListener): void {
    checkOption("listener", listener ?? null);
    this.listeners.push(listener);
  }

  prepend(listener: CatchAllListener): void {
    checkOption("listener", listener ?? null);
    this.listeners.unshift(listener);
  }

  /** Removes one, or all. */
  remove(listener?: CatchAllListener): void {
    if (!listener) this.listeners.length = 0;
    else {
      const at = this.listeners.indexOf(listener);
      if (at >= 0) this.listeners.splice(at, 1);
    }
  }

  notify(self: unknown, args: readonly unknown[]): void {
    for (const listener of this.listeners.slice()) call(listener, self, args as unknown[]);
  }
}
