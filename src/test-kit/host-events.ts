type Handler = ((event: never) => void) | null;

/**
 * An event target with `on...` properties. They are called in the place where they were first set, as in browsers.
 *
 * To extend: name the events in `types`.
 */
export class HostTarget extends EventTarget {
  private readonly _handlers = new Map<string, Handler>();

  constructor(types: readonly string[]) {
    super();
    for (const type of types)
      Object.defineProperty(this, `on${type}`, {
        get: () => this._handlers.get(type) ?? null,
        set: (handler: unknown) => {
          const isNew = !this._handlers.has(type);
          this._handlers.set(type, typeof handler === "function" ? (handler as Handler) : null);
          if (isNew)
            this.addEventListener(type, (event) =>
              this._handlers.get(type)?.call(this, event as never),
            );
        },
        configurable: true,
        enumerable: true,
      });
  }

  /** Fires an event with these properties, also those that the host has no class for. */
  protected fire(type: string, properties: object = {}): void {
    const event = new Event(type);
    for (const [name, value] of Object.entries(properties))
      Object.defineProperty(event, name, { value, enumerable: true });
    this.dispatchEvent(event);
  }
}

/** An error of the host's, as it is thrown at wrong calls. */
export function hostError(name: string, message: string): Error {
  return new DOMException(message, name);
}
