import { call } from "../errors.js";
import { host, hostTimers, listenTo, monotonicNow } from "./browser.js";
import type { Cancel, NetworkEvent, NetworkSignals } from "./platform.js";

/** A jump of the wall clock against the page's own clock, in milliseconds, that means that the machine has slept. */
const JUMP = 2000;

/** The shortest time between two wakes, and between two changes of network, in milliseconds. */
const SPACING = 1000;

type Listener = (event: NetworkEvent) => void;

/** All share one set of listeners to the page, which may have hundreds of managers. */
const listeners = new Set<Listener>();
let ears: Cancel[] = [];
/** The last {@link offset}. */
let drift = 0;
/** The kind of network, where the host tells. */
let network: string | undefined;
/** When the last of these was told. */
let wokenAt = -Infinity;
let changedAt = -Infinity;
/** A change of the network that is to be told later. */
let pending: Cancel | undefined;

/**
 * What a browser tells of its network and of the page's life: online and offline, visible again, back from the page
 * cache or from being frozen, another kind of network, and a clock that jumped. Where a host lacks one of them, it is
 * left out.
 */
export const browserSignals: NetworkSignals = {
  subscribe(listener: Listener): Cancel {
    if (!listeners.size) listen();
    listeners.add(listener);
    return () => {
      if (!listeners.delete(listener) || listeners.size) return;
      for (const stop of ears) stop();
      pending?.();
      pending = undefined;
    };
  },
};

function listen(): void {
  drift = offset();
  network = host.navigator?.connection?.type;
  wokenAt = changedAt = -Infinity;
  const to = (target: unknown, ...types: string[]): Cancel[] =>
    types.map((type) => listenTo(target, type, hear));
  ears = [
    ...to(globalThis, "online", "offline", "pageshow", "pagehide", "focus"),
    ...to(host.document, "visibilitychange", "resume"),
    ...to(host.navigator?.connection, "change"),
  ];
}

function hear({ type, persisted }: Event & { persisted?: boolean }): void {
  switch (type) {
    case "online":
    case "offline":
      return tell(type);
    case "change": {
      // the speed changes all the time and is ignored; "none" is reported by "offline"
      const kind = host.navigator?.connection?.type ?? "unknown";
      if (/none|unknown/.test(kind) || kind === network) return;
      network = kind;
      return change();
    }
    case "pagehide":
      if (!persisted) return;
      wokenAt = -Infinity;
      return tell("sleep");
    case "focus": {
      const before = drift;
      drift = offset();
      if (Math.abs(drift - before) <= JUMP) return;
      break;
    }
    case "pageshow":
      if (!persisted) return;
      break;
    case "visibilitychange":
      if (host.document?.visibilityState !== "visible") return;
    // a page is resumed before it is shown, if it is shown at all
  }
  // a restored page is resumed, shown and visible: that is one
  const now = monotonicNow();
  if (now - wokenAt < SPACING) return;
  wokenAt = now;
  tell("wake");
}

/** Tells of another network: at once, or when `SPACING` has passed since the last time. */
function change(): void {
  if (pending) return;
  const told = (): void => {
    pending = undefined;
    changedAt = monotonicNow();
    tell("networkchange");
  };
  const wait = changedAt + SPACING - monotonicNow();
  if (wait > 0) pending = hostTimers().after(wait, told);
  else told();
}

function tell(signal: NetworkEvent): void {
  for (const listener of [...listeners])
    // another one may have unsubscribed it meanwhile
    if (listeners.has(listener)) call(listener as () => void, undefined, [signal]);
}

/** Where the clock and the page's own time differ by more than before, the machine slept. */
function offset(): number {
  return host.performance ? Date.now() - host.performance.now() : 0;
}
