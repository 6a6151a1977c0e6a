import { DestroyRef, inject, PLATFORM_ID } from "@angular/core";
import { toSignal } from "@angular/core/rxjs-interop";
import { io } from "../../src/index.js";
import { connected, events } from "../recipes/rxjs-socket.js";

/** A socket for a component, a directive or a service: call it where `inject()` may be called. */
export function injectSocket(url: string) {
  const socket = io(url, { autoConnect: false });
  if (inject(PLATFORM_ID) === "browser") {
    socket.connect();
    inject(DestroyRef).onDestroy(() => socket.disconnect());
  }
  return {
    socket,
    isConnected: toSignal(connected(socket), { requireSync: true }),
    /** The last value of an event. Who must not miss any takes `events(socket, event)`. */
    lastOf: <T>(event: string) => toSignal(events<T>(socket, event)),
  };
}
