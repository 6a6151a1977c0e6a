import { useEffect, useMemo } from "react";
import type { Heard } from "../adapters/socket-state.js";
import { call } from "../errors.js";
import type { SocketLike } from "../reading/waiting.js";
import type { EventArgs, EventNames } from "../socket/event-types.js";
import { listen } from "../adapters/listen.js";
import { record } from "./recordings.js";
import { useLatest } from "./use-latest.js";

type Handler = (...args: unknown[]) => void;

/**
 * Calls the handler of the last render for each `event`, from this render on: nothing that comes before its effects have run
 * is missed. It listens once, whatever handler is given. A handler that throws stops nothing: its error goes to the host.
 *
 * @param socket - of `useSocket()`; none: nothing is heard
 * @example useSocketEvent(socket, "chat", (text) => setLines((lines) => [...lines, text]));
 */
export function useSocketEvent<
  S extends SocketLike | null | undefined,
  E extends EventNames<Heard<S>>,
>(socket: S, event: E, handler: (...args: EventArgs<Heard<S>, E>) => void): void {
  useSource(socket, event, handler as unknown as Handler);
}

/** {@link useSocketEvent} of whatever can be listened to. */
export function useSource(
  source: object | null | undefined,
  event: string,
  handler: Handler,
): void {
  const latest = useLatest(handler);
  const take = useMemo(() => source && record(source, event), [source, event]);
  useEffect(() => {
    if (!source || !take) return;
    let isListening = true;
    const listener: Handler = (...args) => {
      // the handler before this one may have unmounted it
      if (isListening) latest.current(...args);
    };
    const stop = listen(source, event, listener);
    for (const args of take()) call(listener, undefined, args);
    return () => {
      isListening = false;
      stop();
    };
  }, [source, event, take, latest]);
}
