import type { ErrorCode } from "../errors.js";
import type { Cipher } from "./cipher.js";
import type { Status } from "./entry.js";
import type { OpenStore } from "./store.js";

/** How packets are kept that outlive the page. */
export interface OutboxOptions {
  /** Of the outbox: one for each server that the origin's apps talk to. */
  name: string;
  /** Whose packets these are. Another identity never sees nor sends them. */
  identity: string | number;
  /** Milliseconds that a packet may wait, over all sessions: on the clock of the device, which may be set. @default Infinity */
  ttl?: number;
  /** So many packets may be stored; `emit` rejects with `overflow` then. @default 10000 */
  maxPackets?: number;
  /** A packet that was sent in vain so often is refused. docs/durable.md says what counts. @default 10 */
  tries?: number;
  /** Milliseconds that the server's app has for its ack; then the packet was sent in vain. @default 30000 */
  ackTimeout?: number;
  /** Milliseconds that the store has for an answer; then it counts as failed. @default 5000 */
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
