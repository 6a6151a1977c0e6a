import type { TautlineError } from "../errors.js";
import { host } from "../platform/browser.js";
import { ABNORMAL_CLOSURE } from "../protocol/close-codes.js";
import type { WebSocketState } from "./websocket-table.js";

/** A connection has ended, or a try has failed. */
export interface WebSocketCloseEvent extends Event {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}

/** How a connection has ended: the properties of a host's `close` event. */
export interface Closing {
  code?: number | undefined;
  reason?: string | undefined;
  wasClean?: boolean;
}

/** Something failed. The following events say what that means for the connection. */
export interface WebSocketErrorEvent extends Event {
  readonly error: TautlineError;
  readonly message: string;
}

/** It waits before the next try. */
export interface ReconnectingEvent extends Event {
  /** 1 for the first try after a connection that lasted. */
  readonly attempt: number;
  /** Milliseconds until the try. */
  readonly delay: number;
  /** What has ended the connection or the try: an error of this side, or how the other side closed it. */
  readonly why: TautlineError | WebSocketCloseEvent;
  /** Bytes that were handed to the host and had not left this machine. They are lost. */
  readonly unsent: number;
}

export interface StateEvent extends Event {
  readonly state: WebSocketState;
  readonly old: WebSocketState;
}

/** The events of a {@link ReconnectingWebSocket}. */
export interface WebSocketEventMap<In> {
  open: Event;
  message: MessageEvent<In>;
  error: WebSocketErrorEvent;
  close: WebSocketCloseEvent;
  reconnecting: ReconnectingEvent;
  state: StateEvent;
}

type Listener<E> = ((event: E) => void) | { handleEvent(event: E): void };

/** An EventTarget with typed events. */
export interface MessageTarget<In> {
  addEventListener<K extends keyof WebSocketEventMap<In>>(
    type: K,
    listener: Listener<WebSocketEventMap<In>[K]> | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<K extends keyof WebSocketEventMap<In>>(
    type: K,
    listener: Listener<WebSocketEventMap<In>[K]> | null,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void;
  dispatchEvent(event: Event): boolean;
}

/**
 * The class that has listeners: the host's EventTarget. React Native's older versions have it without a name, as what their
 * WebSocket extends; what they dispatch need be no Event.
 */
export const Target = (host.EventTarget ??
  Object.getPrototypeOf(host.WebSocket ?? class extends Object {})) as new <
  In,
>() => MessageTarget<In>;

/** An event of the host's class, or what has the same properties. */
export function eventOf(type: string, fields: object, name = "Event"): Event {
  const Class = host[name as "Event"] ?? host.Event;
  const event = (Class ? new Class(type, fields) : { type }) as unknown as Record<string, unknown>;
  for (const [key, value] of Object.entries(fields)) if (!(key in event)) event[key] = value;
  return event as unknown as Event;
}

export function errorEventOf(error: TautlineError): Event {
  return eventOf("error", { error, message: error.message });
}

export function closeEventOf({
  code = ABNORMAL_CLOSURE,
  reason = "",
  wasClean = false,
}: Closing = {}): WebSocketCloseEvent {
  return eventOf("close", { code, reason, wasClean }, "CloseEvent") as WebSocketCloseEvent;
}
