/** Calls a listener. */
export type Invoke = (listener: (...args: never[]) => unknown, args: unknown[]) => void;

/** The part of a socket.io server's socket by which events are handed on. */
export interface HandOnSocket {
  readonly connected: boolean;
  run(event: unknown[], done: (error?: unknown) => void): void;
  listenersAny(): ((...args: never[]) => void)[];
  rawListeners(event: string): ((...args: never[]) => unknown)[];
}

/**
 * Hands an event to `onAny` listeners, middlewares and handlers, as socket.io does it.
 *
 * @param isReceived - also when the client has left meanwhile: what was received counts as received
 * @param invoke - calls the handlers
 */
export function handOn(
  socket: HandOnSocket,
  event: unknown[],
  isReceived: boolean,
  invoke?: Invoke,
): void {
  const apply: Invoke = (listener, args) => void Reflect.apply(listener, socket, args);
  for (const listener of [...socket.listenersAny()]) apply(listener, event);
  socket.run(event, (error) =>
    process.nextTick(() => {
      if (!isReceived && !socket.connected) return;
      const [name, ...args] = error ? ["error", error] : event;
      const how = error ? apply : (invoke ?? apply);
      for (const listener of socket.rawListeners(name as string)) how(listener, args);
    }),
  );
}

/** A filter before the listeners of a socket: a contract. Gets events with their acks as the last argument. */
export type Guard = (event: unknown[], isReceived: boolean) => void;

const guards = new WeakMap<object, Guard>();
/** Sockets whose events pass through `dedupe()`, which asks for the guard by itself. */
const gated = new WeakSet<object>();

/** The guard of a socket, if it has one. */
export const guardOf = (socket: object): Guard | undefined => guards.get(socket);
export const markGated = (socket: object): unknown => gated.add(socket);
export const isGated = (socket: object): boolean => gated.has(socket);
export const setGuard = (socket: object, guard: Guard): unknown => guards.set(socket, guard);
