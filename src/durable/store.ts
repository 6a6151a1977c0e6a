import type { BinaryData } from "../protocol/engine-packet.js";

/** How many packets are read at a time. */
export const PAGE = 1000;

/** A packet as the store gets it. It is plain data: strings, numbers, and binary data in `data`. */
export interface NewPacket {
  /** The packet's frames: a string, or strings and binary data. With a cipher: the encrypted form of each. */
  readonly data: string | readonly (string | BinaryData)[];
  /** With a cipher: for each frame "t" for text and "b" for binary data. */
  readonly kinds?: string;
  /** The stream and the number by which a server with `dedupe()` knows it, in all sessions. */
  readonly stream: string;
  readonly number: number;
  /** Milliseconds since 1970: when it was emitted, and when it expires. Without the second it never expires. */
  readonly at: number;
  readonly expires?: number;
  /** How often it was sent without success. */
  readonly tries: number;
}

export interface StoredPacket extends NewPacket {
  /** Given by the store: a safe integer above 0. */
  readonly id: number;
}

/**
 * Stores the packets of one scope. A method that fails rejects, or throws; its error becomes a `TautlineError`:
 * `storage-full` for the name "QuotaExceededError", `storage-newer` for "VersionError", `storage-blocked` for
 * "TimeoutError", otherwise `storage-failed`. A `TautlineError` stays as it is. Calls may overlap. `checkStore()`
 * checks a store.
 */
export interface OutboxStore {
  /**
   * Stores all of them or none. Resolves when a crash can no longer lose them.
   *
   * @returns their ids: each is higher than all ids before, also than those of packets that were removed, or that were
   * lost under an open page
   */
  add(packets: readonly NewPacket[]): Promise<number[]>;
  /** At most `limit` packets with an id above `after`, by ascending id. */
  read(after: number, limit: number): Promise<StoredPacket[]>;
  /** Replaces the packet with this id. Does nothing when there is none. */
  update(packet: StoredPacket): Promise<unknown>;
  /** Ids that do not exist are ignored. */
  remove(ids: readonly number[]): Promise<unknown>;
  /** How many there are. */
  count(): Promise<number>;
}

/**
 * Makes the store of one scope. Open it in its first method, so that a failure is a failure of that method.
 *
 * @param scope - whose packets these are: name, identity and namespace in one text. Scopes share nothing
 */
export type OpenStore = (scope: string) => OutboxStore;
