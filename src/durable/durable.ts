import { Emitter } from "../emitter.js";
import type { TautlineError } from "../errors.js";
import type { DefaultEventsMap, EventArgs, EventNames, EventsMap } from "../socket/event-types.js";
import type { Ledger, LedgerOwner } from "./ledger.js";
import type { DurablePacket, Settled } from "./options.js";

/** An event's arguments without the ack, which the outbox uses itself. */
export type WithoutAck<Args extends unknown[]> = Args extends [...infer Rest, infer Last]
  ? Last extends (...args: never[]) => unknown
    ? Rest
    : Args
  : Args;

export interface DurableEvents {
  /** A packet of this session or an earlier one has ended. It may fire twice after a crash, and fires in each tab. */
  settled(settled: Settled): void;
  /** The store has failed where no call of the app waits for it. Packets in memory are not lost. */
  error(error: TautlineError): void;
}

/** `socket.durable`: its packets are stored, and survive the page. */
export class Durable<EmitEvents extends EventsMap = DefaultEventsMap>
  extends Emitter<DurableEvents>
  implements LedgerOwner
{
  private readonly _ledger: Ledger;

  /** Made with the socket. */
  constructor(ledger: Ledger) {
    super();
    this._ledger = ledger;
    ledger.owner = this;
  }

  /**
   * Stores an event, which is sent when there is a connection. Resolves with its id when it is stored: from then on it goes out
   * before what is emitted later, in this session or another one.
   *
   * @throws TautlineError (rejects) `storage-full`, `storage-blocked`, `storage-failed`, `storage-newer`: it is not stored, but
   * stays in memory and is sent. `overflow`, `unserializable`, `too-large`, `too-many-attachments`, `reserved-event`,
   * `invalid-event`: it is not sent
   * @example await socket.durable.emit("order", { id: 1 });
   */
  emit<Event extends EventNames<EmitEvents>>(
    event: Event,
    ...args: WithoutAck<EventArgs<EmitEvents, Event>>
  ): Promise<number>;
  async emit(...args: unknown[]): Promise<number> {
    return this._ledger.add(args);
  }

  /**
   * Stored packets that are not settled, oldest first, of all tabs. Packets of this tab that could not be stored come
   * last.
   *
   * @throws TautlineError (rejects) `storage-blocked`, `storage-failed`, `storage-newer`
   */
  list(): Promise<DurablePacket[]> {
    return this._ledger.list();
  }

  /**
   * Drops the stored packets of this identity. Packets in flight may still arrive. `settled` does not fire for them.
   *
   * @returns how many
   * @throws TautlineError (rejects) `storage-blocked`, `storage-failed`, `storage-newer`
   */
  clear(): Promise<number> {
    return this._ledger.clear();
  }

  /**
   * "exactly-once": the server has `dedupe()`. Undefined while there is no connection, or the server has not answered
   * yet.
   */
  get delivery(): "exactly-once" | "at-least-once" | undefined {
    const isDeduped = this._ledger.stay?.isDeduped;
    return isDeduped === undefined ? undefined : isDeduped ? "exactly-once" : "at-least-once";
  }

  /** Receives the events of its ledger. Apps don't need it. */
  tell(event: keyof DurableEvents, value: unknown): void {
    this.dispatch([event, value]);
  }
}
