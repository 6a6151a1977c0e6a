import type { Cancel } from "../platform/platform.js";

type Listener = (...args: never[]) => unknown;

/** Sockets, managers, engines and WebSockets alike. */
interface Source {
  addEventListener(event: string, listener: Listener): unknown;
  removeEventListener(event: string, listener: Listener): unknown;
}

/** Nothing is heard any more once it is over: the listener before this one may have ended it. */
export function listen(target: unknown, event: string, listener: Listener): Cancel {
  const source = target as Source;
  let isOver = false;
  const hear: Listener = (...args) => isOver || listener(...args);
  source.addEventListener(event, hear);
  return () => {
    isOver = true;
    source.removeEventListener(event, hear);
  };
}
