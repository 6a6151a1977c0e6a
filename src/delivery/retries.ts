import type { Cancel } from "../platform/platform.js";
import type { OutcomeCode } from "../pipeline/outcomes.js";
import { advance, type Packet } from "../pipeline/packet.js";
import type { DeliveryPolicy, PolicyHost } from "../pipeline/policy.js";

/**
 * The `retries` option: one packet is under way at a time, first in first out. It is sent again, with the same ack id and
 * number, when its ack doesn't come in time or its connection dies, until `retries` + 1 tries have failed.
 */
class Retries implements DeliveryPolicy {
  readonly acksAll = true;
  private readonly _host: PolicyHost;
  private readonly _retries: number;
  private readonly _inner: DeliveryPolicy | undefined;
  private _head: Packet | undefined;
  private _tries = 0;
  private _timer: Cancel | undefined;

  constructor(host: PolicyHost, retries: number, inner: DeliveryPolicy | undefined) {
    this._host = host;
    this._retries = retries;
    this._inner = inner;
    // what numbers packets, or asks the server, goes on doing so
    this.tag = inner?.tag?.bind(inner);
    this.untag = inner?.untag?.bind(inner);
    this.question = inner?.question?.bind(inner);
  }

  readonly tag: DeliveryPolicy["tag"];
  readonly untag: DeliveryPolicy["untag"];
  readonly question: DeliveryPolicy["question"];

  get isOpen(): boolean {
    return this._head?.state !== "sent";
  }

  sent(packet: Packet): void {
    if (packet !== this._head) this._tries = 0;
    this._head = packet;
    this._tries++;
    const timeout = packet.options.timeout ?? this._host.ackTimeout;
    if (timeout !== undefined && timeout < Infinity)
      this._timer = this._host.timers.after(timeout, () => {
        this._host.takeBack(this._failed("ack-timeout"));
        this._host.flush();
      });
  }

  answered(id: number): void {
    const { _head } = this;
    if (_head?.id !== id) return;
    this._rest();
    this._head = undefined;
    advance(_head, "answered");
  }

  find(id: number): Packet | undefined {
    return this._head?.id === id ? this._head : undefined;
  }

  ended(packet: Packet): void {
    if (packet !== this._head) return;
    this._rest();
    this._head = undefined;
    this._host.flush();
  }

  lost(): Packet[] {
    return this.isOpen ? [] : this._failed("disconnected");
  }

  /** A try has failed: gives back what is tried again. */
  private _failed(code: OutcomeCode): Packet[] {
    const { _head } = this;
    this._rest();
    if (!_head) return [];
    if (this._tries <= this._retries) return [_head];
    this._host.fail(_head, code);
    return [];
  }

  private _rest(): void {
    this._timer?.();
    this._timer = undefined;
  }
}

/** Makes the policy of the `retries` option, over that of the `delivery` option if there is one. */
export function createRetries(
  host: PolicyHost,
  retries: number,
  inner: DeliveryPolicy | undefined,
): DeliveryPolicy {
  return new Retries(host, retries, inner);
}
