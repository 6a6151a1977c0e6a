import type { TautlineError } from "../errors.js";
import type { Acks } from "./acks.js";
import type { Line } from "./line.js";
import type { Outbox } from "./outbox.js";
import type { Timers } from "../platform/platform.js";
import type { CloseDetails, CloseReason } from "../protocol/close-reason.js";
import type { OutcomeCode } from "./outcomes.js";
import type { Packet } from "./packet.js";

/** What a policy may ask of the pipeline that it serves. */
export interface PolicyHost {
  readonly timers: Timers;
  /** How much may be sent and unacked. */
  readonly bounds: { readonly maxPackets: number; readonly maxBytes: number };
  /** Milliseconds that the app gives each ack; undefined: none. */
  readonly ackTimeout: number | undefined;
  /** Sends a packet that the server answers once it has received everything before; see connection/probes.ts. */
  probe(answered: (error?: TautlineError) => void): void;
  /** Emits past the pipeline, on the namespace, with an ack: only before the first packet. */
  ask(args: unknown[], answered: () => void): unknown;
  /** The policy is open again: what waits is sent. */
  flush(): void;
  /** Packets that were sent wait again, in this order, before all others. */
  takeBack(packets: readonly Packet[]): void;
  /** Ends the packet with an error, of which its ack or the manager's "drop" tells. */
  fail(packet: Packet, code: OutcomeCode): void;
}

/** What a policy may ask that puts packets of its own into the pipeline. */
export interface OwnerHost extends PolicyHost {
  readonly line: Line;
  readonly outbox: Outbox;
  readonly acks: Acks;
}

/**
 * What becomes of packets that were sent: a policy of the one pipeline, never a second queue. Without one, packets that
 * were sent when the connection dies are lost ("at-most-once").
 */
export interface DeliveryPolicy {
  /** False while nothing more may be sent. */
  readonly isOpen: boolean;
  /** Each packet gets an ack id, and its deadline is the policy's. */
  readonly acksAll?: boolean;
  /** What the app emits by the socket itself does not come back: as without a policy. */
  readonly isLossy?: boolean;
  /** What `socket.durable` is. */
  readonly durable?: unknown;
  /** The arguments as they travel. */
  tag?(args: unknown[]): unknown[];
  /** Arguments that were read back, as the app emitted them. */
  untag?(args: unknown[]): void;
  /** The packet was handed to the connection. */
  sent(packet: Packet): void;
  /** The app of the server answered the packet with this ack id: it has it, and everything that was sent before. */
  answered(id: number): void;
  /** Returns what to call once the server has received everything that was sent until now. */
  mark?(): () => void;
  /** The packet with this ack id, if it may come back. */
  find(id: number): Packet | undefined;
  /** The packet has ended: it does not come back. */
  ended(packet: Packet, code: OutcomeCode): void;
  /**
   * Nothing that was sent will be acked any more: gives back what has to be sent again, in order.
   *
   * @param reason - how the connection ended; undefined when it goes on without this namespace
   */
  lost(reason: CloseReason | undefined, details: CloseDetails): Packet[];
  /**
   * Asks the server something before the first packet of a connection. `done` is called once, or never when the
   * connection is lost meanwhile.
   */
  question?(done: (error?: TautlineError) => void): void;
}

/** The `outbox` option: `indexedDb()` or `durable()` of `tautline/durable`. */
export interface OutboxPart {
  readonly name?: string;
  /** Whose packets it keeps. */
  readonly identity?: string | number;
  /** Called once for each socket. Serves what the app emits durably, and leaves the rest to `inner`. */
  wrap(host: OwnerHost, nsp: string, inner: DeliveryPolicy | undefined): DeliveryPolicy;
}

/** The `delivery` option: `atLeastOnce()`, `exactlyOnce()`, or one's own. */
export interface Delivery {
  /** Called once for each socket. */
  createPolicy(host: PolicyHost): DeliveryPolicy;
}
