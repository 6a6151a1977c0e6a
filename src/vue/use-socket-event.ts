import { type MaybeRefOrGetter, toValue, watch } from "vue";
import { listen } from "../adapters/listen.js";
import type { Heard } from "../adapters/socket-state.js";
import { isServer } from "../platform/browser.js";
import type { Cancel } from "../platform/platform.js";
import type { SocketLike } from "../reading/waiting.js";
import type { EventArgs, EventNames } from "../socket/event-types.js";

type Handler = (...args: unknown[]) => void;

/**
 * Calls the handler for each `event`, from now until the scope (a component, a store) is over. On a server it hears nothing.
 *
 * @param socket - of `useSocket()`, or the app's own; while there is none, nothing is heard
 * @returns ends it earlier
 * @example useSocketEvent(instance, "chat", (text) => lines.value.push(text));
 */
export function useSocketEvent<
  S extends SocketLike | null | undefined,
  E extends EventNames<Heard<S>>,
>(
  socket: MaybeRefOrGetter<S>,
  event: MaybeRefOrGetter<E>,
  handler: (...args: EventArgs<Heard<S>, E>) => void,
): Cancel {
  if (isServer()) return () => {};
  return watch(
    [() => toValue(socket), () => toValue(event)] as const,
    ([target, name], _before, onCleanup) => {
      if (target) onCleanup(listen(target, name, handler as unknown as Handler));
    },
    { immediate: true, flush: "sync" },
  );
}
