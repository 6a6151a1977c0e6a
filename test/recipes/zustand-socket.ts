import type { StateCreator } from "zustand/vanilla";
import type { Socket } from "../../src/index.js";

export interface WithSocket {
  isConnected: boolean;
}

/** Middleware: keeps `isConnected` in the store, and passes each event to the handler with its name. */
export function withSocket<T extends object>(
  socket: Socket,
  create: StateCreator<T & WithSocket, [], [], T>,
  handlers: Record<string, (state: T, ...args: any[]) => Partial<T>>,
): StateCreator<T & WithSocket, [], [], T & WithSocket> {
  return (set, get, api) => {
    const update = () => set({ isConnected: socket.connected } as Partial<T & WithSocket>);
    socket.on("connect", update).on("disconnect", update);
    for (const [event, handler] of Object.entries(handlers))
      socket.on(event, (...args: unknown[]) =>
        set((state) => handler(state, ...args) as Partial<T & WithSocket>),
      );
    return { ...create(set, get, api), isConnected: socket.connected };
  };
}
