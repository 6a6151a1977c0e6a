/** (state, event) -> next state, as plain data; a pair that is not listed is ignored. */
export type Table<S extends string, E extends string> = {
  readonly [state in S]: { readonly [event in E]?: S };
};

/** Runs when a state is entered; what it returns runs when the state is left. */
export type Entry<P, H = void> = (payload: P, host: H) => void | (() => void);

/** What is done when a state is entered: shared by all machines of a kind. */
export type Entries<S extends string, P, H = void> = { readonly [state in S]?: Entry<P, H> };

/**
 * A table-driven state machine. Whoever needs a timer, a listener or a request for the time of a state
 * creates it in that state's entry and undoes it in the function that the entry returns, so that a stale
 * callback cannot exist. A `send` from inside an entry is queued until the entry has returned.
 */
export class Machine<S extends string, E extends string, P = void, H = void> {
  readonly #table: Table<S, E>;
  readonly #entries: Entries<S, P, H>;
  readonly #changed: ((next: S, old: S, event: E, payload: P, host: H) => void) | undefined;
  readonly #host: H;
  #state: S;
  #exit: (() => void) | undefined;
  #queue: [E, P][] | undefined;

  /** @param host - whose states these are: handed to `entries` and `changed` */
  constructor(
    table: Table<S, E>,
    initial: S,
    entries: Entries<S, P, H>,
    changed?: (next: S, old: S, event: E, payload: P, host: H) => void,
    host?: H,
  ) {
    this.#table = table;
    this.#entries = entries;
    this.#changed = changed;
    this.#state = initial;
    this.#host = host as H;
  }

  get state(): S {
    return this.#state;
  }

  /** Makes the transition that the table lists for `event`. False when it lists none. */
  send(event: E, payload: P): boolean {
    if (this.#queue) {
      this.#queue.push([event, payload]);
      return true;
    }
    const old = this.#state;
    const next = this.#table[old][event];
    if (next === undefined) return false;
    this.#queue = [];
    this.#exit?.();
    this.#state = next;
    this.#exit = this.#entries[next]?.(payload, this.#host) ?? undefined;
    const queued = this.#queue;
    this.#queue = undefined;
    this.#changed?.(next, old, event, payload, this.#host);
    for (const [queuedEvent, queuedPayload] of queued) this.send(queuedEvent, queuedPayload);
    return true;
  }
}
