import type { Socket } from "../socket/socket.js";

const METHODS = ["on", "off", "onAny", "prependAny", "offAny"] as const;

type Methods = Record<(typeof METHODS)[number], (...args: unknown[]) => unknown>;

/**
 * Watches what an app listens to on a socket.
 *
 * @param changed - called when listeners came or went
 * @returns the names of the events, when it is asked; null: all events
 */
export function watchListeners(socket: Socket, changed: () => void): () => string[] | null {
  const names = new Set<string>();
  // all other methods that add or remove listeners call these
  const methods = socket as unknown as Methods;
  for (const name of METHODS) {
    const method = methods[name].bind(socket);
    methods[name] = (...args) => {
      method(...args);
      if (name === "on") names.add(args[0] as string);
      changed();
      return socket;
    };
  }
  return () =>
    socket.listenersAny().length
      ? null
      : [...names].filter((name) => socket.hasListeners(name) || names.delete(name) === null);
}
