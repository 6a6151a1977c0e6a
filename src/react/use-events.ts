import type { Heard } from "../adapters/socket-state.js";
import { useMemo, useSyncExternalStore } from "react";
import { checkOption } from "../options/check-options.js";
import type { Cancel } from "../platform/platform.js";
import type { SocketLike } from "../reading/waiting.js";
import type { EventArgs, EventNames } from "../socket/event-types.js";
import { inFrame } from "./frames.js";
import { useKept } from "./use-kept.js";
import { useSource } from "./use-socket-event.js";

/** The last events, shown a frame at a time. */
interface Feed {
  list(): unknown[][];
  push(args: unknown[], limit: number): void;
  subscribe(listener: Cancel): Cancel;
}

function createFeed(): Feed {
  let shown = NONE;
  let news: unknown[][] = [];
  let most = 0;
  let tell: Cancel | undefined;
  const last = (all: unknown[][]): unknown[][] => all.slice(Math.max(0, all.length - most));
  const show = (): void => {
    if (!tell || !news.length) return;
    shown = last([...shown, ...news.splice(0)]);
    tell();
  };
  return {
    list: () => shown,
    push(args, limit) {
      most = limit;
      if (news.push(args) > 2 * limit) news = last(news);
      inFrame(show);
    },
    subscribe(listener) {
      tell = listener;
      // under StrictMode, and when a hidden part is shown again
      inFrame(show);
      return () => {
        tell = undefined;
      };
    },
  };
}

const NONE: unknown[][] = [];

/**
 * The arguments of the last events, oldest first, from this render on. However many come, it renders once a frame at most.
 *
 * @param options - `limit`: how many are kept, 100 by default; when there are more, the oldest go
 * @throws TautlineError `invalid-option`
 * @example const lines = useEvents(socket, "chat", { limit: 50 }); // [[text, from], ..]
 */
export function useEvents<S extends SocketLike | null | undefined, E extends EventNames<Heard<S>>>(
  socket: S,
  event: E,
  { limit = 100 }: { limit?: number | undefined } = {},
): readonly EventArgs<Heard<S>, E>[] {
  checkOption("limit", limit);
  const feed = useKept(createFeed, [socket, event]);
  useSource(socket, event, (...args) => feed.push(args, limit));
  const list = useSyncExternalStore(feed.subscribe, feed.list, () => NONE);
  const most = useMemo(() => (list.length > limit ? list.slice(-limit) : list), [list, limit]);
  return most as EventArgs<Heard<S>, E>[];
}
