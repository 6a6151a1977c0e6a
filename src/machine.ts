/** (state, event) -> next state, as plain data; a pair that is not listed is ignored. */
export type Table<S extends string, E extends string> = {
  readonly [state in S]: { readonly [event in E]?: S };
};

/** Runs when a state is entered; what it returns runs when the state is left. */
export type Entry<P> = (payload: P) => void | (() => void);

/**
 * A table-driven state machine. Whoever needs a timer, a listener or a request for the time of a state
 * creates it in that state's entry and undoes it in the function that the entry returns, so that a stale
 * callback cannot exist. A `send` from inside an entry is queued until the entry has returned.
 */
export class Machine<S extends string, E extends string, P = void> {
  readonly #table: Table<S, E>;
  readonly #entries: { readonly [state in S]?: Entry<P> };
  readonly #changed: ((next: S, old: S, event: E, payload: P) => void) | undefined;
  #state: S;
  #exit: (() => void) | undefined;
  #queue: [E, P][] | undefined;

  constructor(
    table: Table<S, E>,
    initial: S,
    entries: { readonly [state in S]?: Entry<P> },
    changed?: (next: S, old: S, event: E, payload: P) => void,
  ) {
    this.#table = table;
    this.#entries = entries;
    this.#changed = changed;
    this.#state = initial;
  }

  get state(): S {
    return this.#state;
  }

  /** True when the current state has a transition for `event`. */
  can(event: E): boolean {
    return this.#table[this.#state][event] !== undefined;
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
    this.#exit = this.#entries[next]?.(payload) ?? undefined;
    const queued = this.#queue;
    this.#queue = undefined;
    this.#changed?.(next, old, event, payload);
    for (const [queuedEvent, queuedPayload] of queued) this.send(queuedEvent, queuedPayload);
    return true;
  }
}
