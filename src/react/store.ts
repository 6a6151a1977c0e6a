import { atEndOfTick } from "../platform/browser.js";
import type { Cancel } from "../platform/platform.js";
import { inFrame } from "./frames.js";

/** What changes outside of React. */
export interface Store<S> {
  /** The same object until something changes. */
  readonly snapshot: S;
  /** What some component has read. */
  readonly wanted: Set<string>;
  subscribe(listener: () => void): Cancel;
}

/** Something changed. */
export interface Change<S> {
  (news?: Partial<S>): void;
  /** It is to be shown with the next frame. */
  soon(news: Partial<S>): void;
}

/**
 * A store that listens while somebody listens to it.
 *
 * @param known - before anything is read
 * @param read - what can be read at any time
 * @param start - listens to what can't; called for a listener that is the first
 */
export function createStore<S extends object>(
  known: S,
  read: (known: S) => Partial<S>,
  start: (change: Change<S>, wanted: Set<string>) => Cancel[],
): Store<S> {
  const listeners = new Set<Cancel>();
  const wanted = new Set<string>();
  let stops: Cancel[] | undefined;
  const look = (news?: Partial<S>): S => {
    const next = { ...known, ...read(known), ...news };
    for (const name in next) if (next[name] !== known[name]) return (known = next);
    return known;
  };
  const tell = (): void => {
    for (const listener of [...listeners]) listener();
  };
  const change: Change<S> = (news) => {
    if (known !== look(news)) tell();
  };
  change.soon = (news) => {
    look(news);
    inFrame(tell);
  };
  return {
    wanted,
    get snapshot() {
      return look();
    },
    subscribe(listener) {
      stops ??= start(change, wanted);
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        // who comes back at once, as under StrictMode and by hot reloading, finds it going on
        atEndOfTick(() => {
          if (listeners.size || !stops) return;
          for (const stop of stops) stop();
          stops = undefined;
        });
      };
    },
  };
}
