import { EventEmitter } from "eventemitter3";
import { type AnyListener, call, quote, reportError, TautlineError } from "./errors.js";

type Name<E> = keyof E & string;
/**
 * The listener of an event. A conditional type, as TypeScript decides it for the library's own events also where the app's
 * are a type parameter.
 */
type Listener<Own, Apps, K> = K extends keyof Own ? Own[K] : K extends keyof Apps ? Apps[K] : never;
type Wrapped = AnyListener & { once?: AnyListener };

/**
 * eventemitter3, typed once for the whole library, with the aliases of socket.io-client's emitter.
 * An error that a listener throws goes to the host's global error handler, and the other listeners are still called.
 *
 * `Own`: the library's events. `Apps`: those of the app; where both name one, it is the library's.
 */
export class Emitter<Own extends object, Apps extends object = object> {
  /** Undefined until somebody listens. */
  private _events: EventEmitter | undefined;
  /** Some event has, or had, several listeners. */
  private _isCrowded = false;

  /** Frameworks that wrap plain objects in deep proxies (Vue's `reactive`) skip objects with a tag of their own. */
  get [Symbol.toStringTag](): string {
    return "Tautline";
  }

  /**
   * Calls `listener` at each `event`. Returns this.
   *
   * @throws TautlineError `invalid-option` when it is no function
   */
  on<K extends Name<Own> | Name<Apps>>(event: K, listener: Listener<Own, Apps, K>): this {
    checkListener(listener);
    this._isCrowded ||= this.hasListeners(event);
    (this._events ??= new EventEmitter()).on(event, listener as AnyListener, this);
    this.listenersChanged();
    return this;
  }

  /** Calls `listener` at the next `event` only. */
  once<K extends Name<Own> | Name<Apps>>(event: K, listener: Listener<Own, Apps, K>): this {
    checkListener(listener);
    const wrapped: Wrapped = (...args) => {
      this.off(event, wrapped as Listener<Own, Apps, K>);
      (listener as AnyListener).apply(this, args);
    };
    wrapped.once = listener as AnyListener;
    return this.on(event, wrapped as Listener<Own, Apps, K>);
  }

  /**
   * Removes a listener of an event, and when it was added several times, the first of them. Without a listener: all of
   * the event; without an event: all of them.
   */
  off<K extends Name<Own> | Name<Apps>>(event?: K, listener?: Listener<Own, Apps, K>): this {
    if (event === undefined) this._events = undefined;
    else {
      const kept = this._known(event);
      const at = kept.findIndex((known) => known === listener || known.once === listener);
      if (listener === undefined) kept.length = 0;
      else if (at >= 0) kept.splice(at, 1);
      // eventemitter3 itself removes every occurrence of a listener
      this._events?.off(event);
      for (const known of kept) this._events?.on(event, known, this);
    }
    this.listenersChanged();
    return this;
  }

  /** The listeners of an event, as they were handed in. */
  listeners<K extends Name<Own> | Name<Apps>>(event: K): Listener<Own, Apps, K>[] {
    return this._known(event).map((known) => (known.once ?? known) as Listener<Own, Apps, K>);
  }

  hasListeners(event: Name<Own> | Name<Apps>): boolean {
    return !!this._events?.listenerCount(event);
  }

  addEventListener<K extends Name<Own> | Name<Apps>>(
    event: K,
    listener: Listener<Own, Apps, K>,
  ): this {
    return this.on(event, listener);
  }
  addListener<K extends Name<Own> | Name<Apps>>(event: K, listener: Listener<Own, Apps, K>): this {
    return this.on(event, listener);
  }
  removeListener<K extends Name<Own> | Name<Apps>>(
    event?: K,
    listener?: Listener<Own, Apps, K>,
  ): this {
    return this.off(event, listener);
  }
  removeEventListener<K extends Name<Own> | Name<Apps>>(
    event?: K,
    listener?: Listener<Own, Apps, K>,
  ): this {
    return this.off(event, listener);
  }
  removeAllListeners<K extends Name<Own> | Name<Apps>>(
    event?: K,
    listener?: Listener<Own, Apps, K>,
  ): this {
    return this.off(event, listener);
  }

  /** Called when a listener was added or removed: subclasses make costly events only while somebody listens. */
  protected listenersChanged(): void {}

  /** Calls the listeners of `args[0]` with the rest of `args`, over a snapshot. */
  protected dispatch(args: unknown[]): void {
    const events = this._events;
    const event = args[0] as Name<Own>;
    if (!events) return;
    if (this._isCrowded && events.listenerCount(event) > 1) {
      const rest = args.slice(1);
      for (const listener of this._known(event)) call(listener, this, rest);
      return;
    }
    try {
      // the usual lengths without apply(), which costs
      if (args.length === 2) events.emit(event, args[1]);
      else if (args.length === 3) events.emit(event, args[1], args[2]);
      else events.emit.apply(events, args as [string, ...unknown[]]);
    } catch (error) {
      reportError(error);
    }
  }

  /** {@link dispatch} for the library's own events. */
  protected announce<K extends Name<Own>>(
    event: K,
    ...args: Own[K] extends (...args: infer A) => void ? A : never
  ): void {
    if (this.hasListeners(event)) this.dispatch([event, ...(args as unknown[])]);
  }

  private _known(event: string): Wrapped[] {
    return (this._events?.listeners(event) ?? []) as Wrapped[];
  }
}

function checkListener(listener: unknown): void {
  if (typeof listener !== "function")
    throw new TautlineError("invalid-option", `a listener is a function, not ${quote(listener)}`);
}
