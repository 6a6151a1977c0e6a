import type { Cancel } from "../platform/platform.js";

type Listener = (...args: never[]) => void;

/** Sockets, managers, engines and WebSockets alike. */
interface Source {
  addEventListener(event: string, listener: Listener): unknown;
  removeEventListener(event: string, listener: Listener): unknown;
}

export function listen(target: unknown, event: string, listener: Listener): Cancel {
  const source = target as Source;
  source.addEventListener(event, listener);
  return () => source.removeEventListener(event, listener);
}
