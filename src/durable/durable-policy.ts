import type { TautlineError } from "../errors.js";
import type { OutcomeCode } from "../pipeline/outcomes.js";
import { type Packet, release } from "../pipeline/packet.js";
import type { DeliveryPolicy, OwnerHost } from "../pipeline/policy.js";
import {
  type CloseDetails,
  type CloseReason,
  PAGE_LEFT,
  PAGE_PUT_AWAY,
} from "../protocol/close-reason.js";
import { Durable } from "./durable.js";
import { Ledger } from "./ledger.js";
import type { DurableOptions } from "./options.js";
import { Stay, TAG } from "./stay.js";

/** Only a connection that is lost within this many milliseconds after a packet counts as evidence against it. */
const DIRECTLY = 3000;

/** The delivery policy of durable packets. The app's other packets are left to the policy below. */
export class DurablePolicy implements DeliveryPolicy {
  readonly durable: Durable;
  readonly acksAll: boolean;
  readonly isLossy: boolean;
  readonly tag: DeliveryPolicy["tag"];
  readonly mark: DeliveryPolicy["mark"];
  private readonly _host: OwnerHost;
  private readonly _ledger: Ledger;
  private readonly _inner: DeliveryPolicy | undefined;

  constructor(
    host: OwnerHost,
    nsp: string,
    options: DurableOptions,
    inner: DeliveryPolicy | undefined,
  ) {
    this._host = host;
    this._ledger = new Ledger(host, nsp, options);
    this.durable = new Durable(this._ledger);
    this._inner = inner;
    this.isLossy = !inner;
    this.acksAll = !!inner?.acksAll;
    this.tag = inner?.tag?.bind(inner);
    this.mark = inner?.mark?.bind(inner);
  }

  get isOpen(): boolean {
    const { stay } = this._ledger;
    // with `retries`, one packet is in flight at a time
    const isFree = stay?.isOpen && !(this.acksAll && stay.first);
    return !!isFree && this._inner?.isOpen !== false;
  }

  untag(args: unknown[]): void {
    const last = args[args.length - 1];
    if (typeof last === "object" && last !== null && TAG in last) args.pop();
  }

  sent(packet: Packet): void {
    if (this._ledger.stay?.sent(packet)) return;
    if (this._inner) this._inner.sent(packet);
    else if (packet.id === undefined) release(packet);
  }

  answered(id: number): void {
    this._inner?.answered(id);
  }

  find(id: number): Packet | undefined {
    return this._inner?.find(id);
  }

  ended(packet: Packet, code: OutcomeCode): void {
    if (!this._ledger.stay?.ended(packet, code)) this._inner?.ended(packet, code);
  }

  question(done: (error?: TautlineError) => void): void {
    (this._ledger.stay = new Stay(this._ledger)).begin();
    if (this._inner?.question) this._inner.question(done);
    else done();
  }

  lost(reason: CloseReason | undefined, details: CloseDetails): Packet[] {
    const { stay } = this._ledger;
    const first = stay?.first;
    this._ledger.stay = undefined;
    // before another tab reads the store
    this._ledger.records.hurry();
    stay?.end();
    // a connection that this side closes is no evidence against a packet
    const isOwn = reason === "forced close" || details === PAGE_PUT_AWAY || details === PAGE_LEFT;
    if (first && reason && !isOwn && this._host.timers.now() - (first.sentAt ?? 0) < DIRECTLY)
      this._ledger.suspect(first);
    return this._inner?.lost(reason, details) ?? [];
  }
}
