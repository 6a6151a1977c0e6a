import type { TautlineError } from "../errors.js";
import { checkOption } from "../options/check-options.js";
import { type ReadOptions, stream } from "../stream/client.js";
import type { StreamSocket } from "../stream/follow.js";
import { inFrame } from "./frames.js";
import { optionKey } from "../adapters/option-key.js";
import { createStore } from "./store.js";
import { useKept } from "./use-kept.js";
import { useLatest } from "./use-latest.js";
import { useTracked } from "./use-tracked.js";

/** How {@link useStream} reads. */
export interface UseStreamOptions extends Omit<ReadOptions, "signal"> {
  /** False: it is not asked for, or ended. @default true */
  enabled?: boolean | undefined;
  /** How many items are kept; when there are more, the oldest go. @default Infinity */
  limit?: number | undefined;
}

/** What {@link useStream} gives. A component is rendered again only for what it has read of it, once a frame at most. */
export interface UseStreamResult<T> {
  /** What came so far, oldest first. */
  readonly items: readonly T[];
  /** Nothing more comes. */
  readonly isDone: boolean;
  /** Why it ended before its time. */
  readonly error: TautlineError | undefined;
}

const NOTHING = { items: [], isDone: false, error: undefined };

/**
 * A stream of the server, from when the component is shown until it is gone: see `stream()` of `tautline/stream`. It begins
 * anew for another socket, event or input; options are those with which it began.
 *
 * @throws TautlineError `invalid-option`
 * @example const { items, isDone } = useStream(socket, "answer", question);
 */
export function useStream<T = unknown>(
  socket: StreamSocket | null | undefined,
  event: string,
  input?: unknown,
  { enabled = true, limit = Infinity, ...options }: UseStreamOptions = {},
): UseStreamResult<T> {
  checkOption("limit", limit);
  const latest = useLatest({ input, options, limit });
  const key = optionKey(input);
  const store = useKept(() => {
    if (!socket) return;
    return createStore<UseStreamResult<T>>(
      NOTHING,
      () => ({}),
      (change) => {
        const ending = new AbortController();
        const { signal } = ending;
        let items: readonly T[] = [];
        const news: T[] = [];
        const show = (): void => {
          if (signal.aborted) return;
          const all = [...items, ...news.splice(0)];
          items = all.slice(Math.max(0, all.length - latest.current.limit));
          change({ items });
        };
        const read = async (): Promise<void> => {
          const reader = stream<T>(socket, event, latest.current.input, {
            ...latest.current.options,
            signal,
          });
          for (;;) {
            const { done, value } = (await reader.next()) as IteratorResult<T, undefined>;
            if (done) return;
            news.push(value);
            inFrame(show);
          }
        };
        const end = (error?: TautlineError): void => {
          show();
          if (!signal.aborted) change({ isDone: true, error });
        };
        change(NOTHING);
        read().then(() => end(), end);
        return [() => ending.abort()];
      },
    );
  }, [socket, event, key, latest]);
  return useTracked(enabled ? store : undefined, NOTHING, {}) as UseStreamResult<T>;
}
