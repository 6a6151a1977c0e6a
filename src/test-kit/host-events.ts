import { type AnyListener, call } from "../errors.js";

type Handler = ((event: never) => void) | null;

/** An event target with `on...` properties. They are called in the order in which they were set, as in browsers. */
export class HostTarget extends EventTarget {
  private readonly _handlers = new Map<string, Handler>();
  /** Errors of listeners are reported like errors of other callbacks, even where the host would end the process. */
  private readonly _guarded = new WeakMap<object, EventListener>();

  constructor(types: readonly string[]) {
    super();
    const listeners = new Map<string, EventListener>();
    for (const type of types) {
      listeners.set(type, (event) => {
        const handler = this._handlers.get(type);
        if (typeof handler === "function") handler.call(this, event as never);
      });
      Object.defineProperty(this, `on${type}`, {
        get: () => this._handlers.get(type) ?? null,
        set: (handler: unknown) => {
          const known = this._handlers.get(type) ?? null;
          const next = Object(handler) === handler ? (handler as Handler) : null;
          this._handlers.set(type, next);
          const listener = listeners.get(type) as EventListener;
          if (known && !next) this.removeEventListener(type, listener);
          if (!known && next) this.addEventListener(type, listener);
        },
        configurable: true,
        enumerable: true,
      });
    }
  }

  override addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void {
    super.addEventListener(type, listener && this._guard(listener), options);
  }

  override removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void {
    super.removeEventListener(type, listener && this._guard(listener), options);
  }

  private _guard(listener: EventListenerOrEventListenerObject): EventListener {
    let guarded = this._guarded.get(listener);
    if (!guarded) {
      guarded = (event) => {
        if (typeof listener === "function") call(listener as AnyListener, this, [event]);
        else call((one) => listener.handleEvent(one as Event), undefined, [event]);
      };
      this._guarded.set(listener, guarded);
    }
    return guarded;
  }

  /** Fires an event with these properties, also events for which the host has no class. */
  protected fire(type: string, properties: object = {}): void {
    this.dispatchEvent(withProperties(new Event(type), properties));
  }
}

/** The host's error for a wrong call. */
export function hostError(name: string, message: string): Error {
  return new DOMException(message, name);
}

export function withProperties(event: Event, properties: object): Event {
  for (const [name, value] of Object.entries(properties))
    Object.defineProperty(event, name, { value, enumerable: true });
  return event;
}
