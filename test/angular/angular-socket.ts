import { DestroyRef, inject, PLATFORM_ID, signal } from "@angular/core";
import { toSignal } from "@angular/core/rxjs-interop";
import { io } from "../../src/index.js";
import { events } from "../recipes/rxjs-socket.js";

/** A socket for a component, a directive or a service: call it where `inject()` may be called. */
export function injectSocket(url: string) {
  const socket = io(url, { autoConnect: false });
  const isConnected = signal(false);
  const update = () => isConnected.set(socket.connected);
  if (inject(PLATFORM_ID) === "browser") {
    socket.on("connect", update).on("disconnect", update).connect();
    inject(DestroyRef).onDestroy(() => {
      socket.disconnect().off("connect", update).off("disconnect", update);
    });
  }
  return {
    socket,
    isConnected: isConnected.asReadonly(),
    /** The last value of an event. For every value, use `events(socket, event)`. */
    lastOf: <T>(event: string) => toSignal(events<T>(socket, event)),
  };
}
