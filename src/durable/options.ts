import type { ErrorCode } from "../errors.js";
import type { Cipher } from "./cipher.js";
import type { Status } from "./entry.js";
import type { OpenStore } from "./store.js";

/** Options of the packets that survive the page. */
export interface OutboxOptions {
  /** Name of the outbox: one for each server that the origin's apps use. */
  name: string;
  /** The owner of the packets. Another identity never sees or sends them. */
  identity: string | number;
  /**
   * Milliseconds that a packet may wait, over all sessions, by the clock of the device, which users can change.
   * @default Infinity
   */
  ttl?: number;
  /** How many packets may be stored; above, `emit` rejects with `overflow`. @default 10000 */
  maxPackets?: number;
  /** How often a packet is sent without success before it is refused. docs/durable.md says what counts. @default 10 */
  tries?: number;
  /**
   * Milliseconds that the server's app has for its ack; then the packet counts as sent without success. @default 30000
   */
  ackTimeout?: number;
  /**
   * Milliseconds that the store, and each function of `cipher`, has for an answer; then the call counts as failed.
   * @default 5000
   */
  storeTimeout?: number;
  /** Encrypts what is stored. @default none */
  cipher?: Cipher;
  /**
   * Whether the server's answer refuses the packet.
   *
   * @default answers with `$error`, as contracts give them
   */
  isRefused?: (...answer: unknown[]) => boolean;
}

export interface DurableOptions extends OutboxOptions {
  /** Where packets are kept. */
  store: OpenStore;
}

export interface IndexedDbOptions extends OutboxOptions {
  /** "strict" waits until the system has written to the disk: survives a loss of power. @default "relaxed" */
  durability?: "relaxed" | "strict";
}

/** A packet that is not settled. */
export interface DurablePacket {
  /** Undefined when it could not be stored. */
  readonly id: number | undefined;
  readonly event: string;
  readonly args: unknown[];
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly expires: number | undefined;
  readonly tries: number;
}

/** How a packet ended. */
export interface Settled {
  readonly id: number | undefined;
  readonly status: Status;
  readonly event: string;
  readonly args: unknown[];
  /** The server's answer, if there was one. */
  readonly answer: unknown[] | undefined;
  /** Why it was refused without an answer; "expired". */
  readonly code: ErrorCode | undefined;
}
