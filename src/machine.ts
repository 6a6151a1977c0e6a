/** (state, event) -> next state, as plain data; a pair that is not listed is ignored. */
export type Table<S extends string, E extends string> = {
  readonly [state in S]: { readonly [event in E]?: S };
};

/** What all machines of a kind have in common. `P`: what comes with an event. `H`: the host, whose states these are. */
export interface Chart<S extends string, E extends string, P = void, H = void> {
  readonly table: Table<S, E>;
  /** Called for each transition at once; nested transitions follow in their order. */
  readonly moved?: (payload: P, host: H, old: S, event: E) => void;
  /**
   * Run when their state is entered; what they return runs when it is left. A timer, listener or request that belongs
   * to a state is created here and undone there, so that a stale callback cannot exist.
   */
  readonly entries?: {
    readonly [state in S]?: (payload: P, host: H) => void | ((host: H) => void);
  };
  /**
   * Run when the transition into their state is complete: listeners are told here, and what they send is not queued. Only
   * the machine's state says whether a later line of an announcement still holds.
   */
  readonly announcements?: {
    readonly [state in S]?: (payload: P, host: H, old: S, event: E) => void;
  };
}

/** A table-driven state machine. A `send` from inside an entry is queued until the entry has returned. */
export class Machine<S extends string, E extends string, P = void, H = void> {
  private readonly _chart: Chart<S, E, P, H>;
  private readonly _host: H;
  private _state: S;
  private _exit: ((host: H) => void) | undefined;
  private _queue: [E, P][] | undefined;
  private _transitions = 0;

  /** @param host - whose states these are: handed to what the chart runs */
  constructor(chart: Chart<S, E, P, H>, initial: S, host?: H) {
    this._chart = chart;
    this._state = initial;
    this._host = host as H;
  }

  get state(): S {
    return this._state;
  }

  /** How many there were. A callback compares it to find out whether the machine has left the state meanwhile. */
  get transitions(): number {
    return this._transitions;
  }

  /** Makes the transition that the table lists for `event`. False when it lists none. */
  send(event: E, payload: P): boolean {
    if (this._queue) {
      this._queue.push([event, payload]);
      return true;
    }
    const chart = this._chart;
    const host = this._host;
    const old = this._state;
    const next = chart.table[old][event];
    if (next === undefined) return false;
    const queue: [E, P][] = (this._queue = []);
    try {
      this._exit?.(host);
      this._exit = undefined;
      this._state = next;
      this._transitions++;
      chart.moved?.(payload, host, old, event);
      this._exit = chart.entries?.[next]?.(payload, host) ?? undefined;
    } finally {
      // events after an entry that throws are still handled
      this._queue = undefined;
    }
    chart.announcements?.[next]?.(payload, host, old, event);
    for (const [queuedEvent, queuedPayload] of queue) this.send(queuedEvent, queuedPayload);
    return true;
  }
}
