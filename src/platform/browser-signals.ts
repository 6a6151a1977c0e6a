import { listenTo } from "./browser.js";
import type { Cancel, NetworkEvent, NetworkSignals } from "./platform.js";

/** A clock that went on for longer than the page did, in milliseconds, means that the machine slept. */
const JUMP = 2000;

interface Page {
  document?: EventTarget & { visibilityState?: string };
  navigator?: { connection?: EventTarget };
  performance?: { now(): number };
}

/**
 * What a browser tells of its network and of the page's life: online and offline, visible again, back from the page
 * cache or from being frozen, another kind of connection, and a clock that jumped. Where a host lacks one of them, it is
 * left out.
 */
export const browserSignals: NetworkSignals = {
  subscribe(listener: (event: NetworkEvent) => void): Cancel {
    const host = globalThis as Page;
    const { document } = host;
    const offset = (): number => Date.now() - (host.performance?.now() ?? 0);
    let drift = offset();
    const look = (): void => {
      const now = offset();
      if (Math.abs(now - drift) > JUMP) listener("wake");
      drift = now;
    };
    const tell = (event: NetworkEvent) => () => listener(event);
    const persisted = (event: NetworkEvent) => (signal: { persisted?: boolean }) => {
      if (signal.persisted) listener(event);
    };
    const undo = [
      listenTo(globalThis, "online", tell("online")),
      listenTo(globalThis, "offline", tell("offline")),
      listenTo(globalThis, "pageshow", persisted("wake")),
      listenTo(globalThis, "pagehide", persisted("sleep")),
      listenTo(globalThis, "focus", look),
      listenTo(document, "visibilitychange", () => {
        if (document?.visibilityState === "visible") listener("wake");
      }),
      listenTo(document, "resume", tell("wake")),
      listenTo(host.navigator?.connection, "change", tell("networkchange")),
    ];
    return () => undo.forEach((stop) => stop());
  },
};
