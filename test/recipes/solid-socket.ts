import { type Accessor, from, onCleanup } from "solid-js";
import { isServer } from "solid-js/web";
import { io, type Socket } from "../../src/index.js";

/** A socket that lives as long as the component that calls this. */
export function createSocket(url: string) {
  const socket = io(url, { autoConnect: false });
  if (!isServer) {
    socket.connect();
    onCleanup(() => socket.disconnect());
  }
  return socket;
}

export function createConnected(socket: Socket): Accessor<boolean> {
  return from<boolean>((set) => {
    const update = () => set(socket.connected);
    socket.on("connect", update).on("disconnect", update);
    return () => socket.off("connect", update).off("disconnect", update);
  }, socket.connected);
}

/** The last `limit` arguments of an event: none is missed, even if several arrive before Solid renders. */
export function createList<T>(socket: Socket, event: string, limit = 100): Accessor<T[]> {
  return from<T[]>((set) => {
    const add = (value: T) => set((list) => [...(list ?? []), value].slice(-limit));
    socket.on(event, add);
    return () => socket.off(event, add);
  }, []);
}
