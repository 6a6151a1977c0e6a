import { checkOption } from "../options/check-options.js";
import type { EmitOptions } from "../pipeline/emit-options.js";
import type {
  AckAnswer,
  AllButLast,
  DefaultEventsMap,
  EventArgs,
  EventNames,
  EventsMap,
  WithError,
} from "./event-types.js";

/** Anything that can emit with options. */
export interface EmitTarget {
  emitWith(options: EmitOptions, args: unknown[]): void;
  requestWith(options: EmitOptions, args: unknown[]): Promise<unknown>;
}

/**
 * A socket seen through some options: `socket.timeout(5000).volatile`. It can be kept and used again: each
 * modifier gives a new view, and none changes the socket.
 */
export class Emission<
  Target extends EmitTarget,
  EmitEvents extends EventsMap = DefaultEventsMap,
  Timed extends boolean = false,
> {
  private readonly _target: Target;
  private readonly _options: EmitOptions;

  constructor(target: Target, options: EmitOptions) {
    this._target = target;
    this._options = options;
  }

  /** Emits with these options. Returns the socket. */
  emit<Event extends EventNames<EmitEvents>>(
    event: Event,
    ...args: Timed extends true
      ? WithError<EventArgs<EmitEvents, Event>>
      : EventArgs<EmitEvents, Event>
  ): Target;
  emit(...args: unknown[]): Target {
    this._target.emitWith(this._options, args);
    return this._target;
  }

  /** Emits the event "message". */
  send(...args: unknown[]): Target {
    this._target.emitWith(this._options, ["message", ...args]);
    return this._target;
  }

  /** Emits and waits for the answer. @see Socket.emitWithAck */
  emitWithAck<Event extends EventNames<EmitEvents>>(
    event: Event,
    ...args: AllButLast<EventArgs<EmitEvents, Event>>
  ): Promise<AckAnswer<EmitEvents, Event>> {
    return this._target.requestWith(this._options, [event, ...(args as unknown[])]) as Promise<
      AckAnswer<EmitEvents, Event>
    >;
  }

  /** Milliseconds until the ack fails with "operation has timed out". The ack callback is error-first. */
  timeout(ms: number): Emission<Target, EmitEvents, true> {
    checkOption("timeout(ms)", ms);
    return this._with({ timeout: ms });
  }

  /** Drop it rather than let it wait: see docs/delivery.md for when. */
  get volatile(): Emission<Target, EmitEvents, Timed> {
    return this._with({ volatile: true });
  }

  /** Whether the transport should compress it. Browsers ignore it. */
  compress(compress: boolean): Emission<Target, EmitEvents, Timed> {
    return this._with({ compress });
  }

  /** Aborting takes the packet back while it waits, and forgets its ack otherwise (error code "aborted"). */
  signal(signal: AbortSignal): Emission<Target, EmitEvents, Timed> {
    checkOption("signal", signal ?? "");
    return this._with({ signal });
  }

  /** Milliseconds that the packet may wait for a connection (error code "expired"). */
  ttl(ms: number): Emission<Target, EmitEvents, Timed> {
    checkOption("ttl", ms);
    return this._with({ ttl: ms });
  }

  /** While it waits, a newer packet of the same key takes its place (error code "evicted"). */
  key(key: string): Emission<Target, EmitEvents, Timed> {
    checkOption("key(key)", key);
    return this._with({ key });
  }

  private _with<T extends boolean>(options: EmitOptions): Emission<Target, EmitEvents, T> {
    return new Emission(this._target, { ...this._options, ...options });
  }
}
