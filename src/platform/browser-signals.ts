import type { Cancel, NetworkEvent, NetworkSignals } from "./platform.js";

/** A clock that went on for longer than the page did, in milliseconds, means that the machine slept. */
const JUMP = 2000;

interface Page {
  document?: EventTarget & { visibilityState?: string };
  navigator?: { connection?: EventTarget };
  performance?: { now(): number };
}

type Hear = (event: { type: string; persisted?: boolean }) => void;

/**
 * What a browser tells of its network and of the page's life: online and offline, visible again, back from the page
 * cache or from being frozen, another kind of connection, and a clock that jumped. Where a host lacks one of them, it is
 * left out.
 */
export const browserSignals: NetworkSignals = {
  subscribe(listener: (event: NetworkEvent) => void): Cancel {
    const page = globalThis as Page;
    let drift = offset(page);
    // one listener for everything: every manager has one
    const hear: Hear = ({ type, persisted }) => {
      if (type === "online" || type === "offline") listener(type);
      else if (type === "change") listener("networkchange");
      else if (type === "pagehide") {
        if (persisted) listener("sleep");
      } else if (type === "focus") {
        const now = offset(page);
        if (Math.abs(now - drift) > JUMP) listener("wake");
        drift = now;
      } else if (type === "pageshow") {
        if (persisted) listener("wake");
      }
      // a page is resumed before it is shown, if it is shown at all
      else if (type === "resume" || document?.visibilityState === "visible") listener("wake");
    };
    const { document, navigator } = page;
    const connection = navigator?.connection;
    listen("addEventListener", hear, document, connection);
    return () => listen("removeEventListener", hear, document, connection);
  },
};

/** Where the clock and the page's own time differ by more than before, the machine slept. */
function offset({ performance }: Page): number {
  return Date.now() - (performance?.now() ?? 0);
}

/** Adds or removes the listener; does nothing where a target takes none (React Native's global). */
function listen(
  how: "addEventListener" | "removeEventListener",
  hear: Hear,
  document: Page["document"],
  connection: EventTarget | undefined,
): void {
  const at = (target: Partial<EventTarget> | undefined, ...types: string[]): void => {
    for (const type of types) target?.[how]?.(type, hear as EventListener);
  };
  at(globalThis, "online", "offline", "pageshow", "pagehide", "focus");
  at(document, "visibilitychange", "resume");
  at(connection, "change");
}
