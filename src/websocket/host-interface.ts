import { Target, type WebSocketCloseEvent, type WebSocketEventMap } from "./events.js";

type Handler<E> = ((event: E) => unknown) | null;

/** The part of the host's `WebSocket` that does not depend on a connection: its constants, and the `on...` properties. */
export class HostInterface<In> extends Target<In> {
  static get CONNECTING(): 0 {
    return 0;
  }
  static get OPEN(): 1 {
    return 1;
  }
  static get CLOSING(): 2 {
    return 2;
  }
  static get CLOSED(): 3 {
    return 3;
  }

  /** What stands in `onopen` and the others. */
  private readonly _handlers: { [type in "open" | "message" | "error" | "close"]?: unknown } = {};

  get CONNECTING(): 0 {
    return 0;
  }
  get OPEN(): 1 {
    return 1;
  }
  get CLOSING(): 2 {
    return 2;
  }
  get CLOSED(): 3 {
    return 3;
  }

  get onopen(): Handler<Event> {
    return (this._handlers.open as Handler<Event>) ?? null;
  }
  set onopen(handler: Handler<Event>) {
    this._handle("open", handler);
  }
  get onmessage(): Handler<MessageEvent<In>> {
    return (this._handlers.message as Handler<Event>) ?? null;
  }
  set onmessage(handler: Handler<MessageEvent<In>>) {
    this._handle("message", handler);
  }
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the host's WebSocket knows nothing of `event.error`
  get onerror(): Handler<any> {
    return (this._handlers.error as Handler<Event>) ?? null;
  }
  set onerror(handler: Handler<WebSocketEventMap<In>["error"]>) {
    this._handle("error", handler);
  }
  get onclose(): Handler<WebSocketCloseEvent> {
    return (this._handlers.close as Handler<Event>) ?? null;
  }
  set onclose(handler: Handler<WebSocketCloseEvent>) {
    this._handle("close", handler);
  }

  private _handle(type: "open" | "message" | "error" | "close", handler: unknown): void {
    const handlers = this._handlers;
    if (!(type in handlers))
      this.addEventListener(type, (event: Event) => {
        const handler = handlers[type];
        if (typeof handler === "function") handler.call(this, event);
      });
    handlers[type] = Object(handler) === handler ? handler : null;
  }
}
