import { useCallback, useEffect, useRef, useState } from "react";
import type { TautlineError } from "../errors.js";
import { checkOption } from "../options/check-options.js";
import type { EmitOptions } from "../pipeline/emit-options.js";
import { outcome } from "../pipeline/outcomes.js";
import type { SocketLike } from "../reading/waiting.js";
import type {
  AckAnswer,
  AllButLast,
  DefaultEventsMap,
  EventArgs,
  EventNames,
} from "../socket/event-types.js";
import type { Socket } from "../socket/socket.js";
import type { AnySocket } from "../adapters/socket-state.js";

/* eslint-disable @typescript-eslint/no-explicit-any -- only `any` lets every socket in */
/** Which events a socket may emit. */
export type EmitsOf<S> =
  NonNullable<S> extends Socket<any, infer Emit, any> ? Emit : DefaultEventsMap;
/* eslint-enable @typescript-eslint/no-explicit-any */

/** How {@link useAck} waits. */
export interface UseAckOptions {
  /** Milliseconds for the answer, then it fails with `ack-timeout`. @default none */
  timeout?: number | undefined;
}

interface AckState<T> {
  /** The last call is not answered yet. */
  pending: boolean;
  /** The last answer. It stays while the next call is pending. */
  data: T | undefined;
  /** Why the last call failed. */
  error: TautlineError | undefined;
}

/** What {@link useAck} gives. */
export interface UseAckResult<Args extends unknown[], T> extends AckState<T> {
  /**
   * Emits, and resolves with the answer. What is told by `error` needs no `catch`.
   *
   * @throws TautlineError (rejects) as `emitWithAck` does; `aborted` when the component is gone
   */
  emit(...args: Args): Promise<T>;
}

/**
 * A function that emits an event; always the same one. What it emits is sent even when the component is gone.
 *
 * @throws TautlineError the function: as `socket.emit` does; `disconnected` when there is no socket
 * @example const say = useEmit(socket, "chat"); say("hello");
 */
export function useEmit<S extends SocketLike | null | undefined, E extends EventNames<EmitsOf<S>>>(
  socket: S,
  event: E,
): (...args: EventArgs<EmitsOf<S>, E>) => void {
  return useCallback(
    (...args) => {
      if (!socket) throw outcome("disconnected", "not-sent");
      (socket as unknown as AnySocket).emit(event, ...(args as unknown[]));
    },
    [socket, event],
  );
}

/**
 * Emits an event that the server answers. The state is that of the last call. When the component is gone, or gets another
 * socket or event, what isn't answered is aborted.
 *
 * @throws TautlineError `invalid-option`
 * @example const { emit, pending, error } = useAck(socket, "order", { timeout: 5000 });
 */
export function useAck<S extends SocketLike | null | undefined, E extends EventNames<EmitsOf<S>>>(
  socket: S,
  event: E,
  { timeout }: UseAckOptions = {},
): UseAckResult<AllButLast<EventArgs<EmitsOf<S>, E>>, AckAnswer<EmitsOf<S>, E>> {
  type Answer = AckAnswer<EmitsOf<S>, E>;
  checkOption("timeout(ms)", timeout);
  const [state, setState] = useState<AckState<Answer>>(IDLE);
  const calls = useRef<{ abort?: AbortController | undefined; last?: object }>({});
  useEffect(
    () => () => {
      calls.current.abort?.abort();
      calls.current.abort = undefined;
    },
    [socket, event, calls],
  );
  const emit = useCallback(
    (...args: unknown[]) => {
      // made when needed: the effects of children run before ours
      const { signal } = (calls.current.abort ??= new AbortController());
      const call = (calls.current.last = {});
      const options = { signal, timeout } as EmitOptions;
      const change = (news: Partial<AckState<Answer>>): void => {
        if (calls.current.last === call) setState((old) => ({ ...old, ...news }));
      };
      change({ pending: true, error: undefined });
      const answer = socket
        ? ((socket as unknown as AnySocket).requestWith(options, [
            event,
            ...args,
          ]) as Promise<Answer>)
        : Promise.reject<Answer>(outcome("disconnected", "not-sent"));
      answer.then(
        (data) => change({ pending: false, data }),
        (error: TautlineError) =>
          change({ pending: false, error: signal.aborted ? undefined : error }),
      );
      return answer;
    },
    [socket, event, timeout, calls],
  );
  return { ...state, emit };
}

const IDLE = { pending: false, data: undefined, error: undefined };
