import type { BinaryData } from "../protocol/engine-packet.js";

/** So many packets are read at a time. */
export const PAGE = 1000;

/** A packet as a store is given it. All of it is plain data: texts, numbers, and binary data in `data`. */
export interface NewPacket {
  /** The packet's frames: a text, or texts and binary data. With a cipher: what it made of each. */
  readonly data: string | readonly (string | BinaryData)[];
  /** With a cipher: for each frame "t" for a text and "b" for binary data. */
  readonly kinds?: string;
  /** With which id and number a server with `dedupe()` knows it, in all sessions. */
  readonly stream: string;
  readonly number: number;
  /** Milliseconds since 1970: when it was emitted, and when it expires. Without the second: never. */
  readonly at: number;
  readonly expires?: number;
  /** How often it was sent in vain. */
  readonly tries: number;
}

export interface StoredPacket extends NewPacket {
  /** Given by the store: a safe integer above 0. */
  readonly id: number;
}

/**
 * Keeps packets of one scope. A method that fails rejects, or throws; what it throws becomes a `TautlineError`. `storage-full`
 * for what is named "QuotaExceededError", `storage-newer` for "VersionError", `storage-blocked` for "TimeoutError",
 * otherwise `storage-failed`; a `TautlineError` is left as it is. Calls may be made while others are under way.
 * `checkStore()` tells whether a store is right.
 */
export interface OutboxStore {
  /**
   * Keeps all of them or none. Fulfilled when they are there after a crash.
   *
   * @returns their ids: each is higher than all ids before, also than those of packets that were removed, or that were
   * lost under an open page
   */
  add(packets: readonly NewPacket[]): Promise<number[]>;
  /** At most `limit` packets with an id above `after`, by ascending id. */
  read(after: number, limit: number): Promise<StoredPacket[]>;
  /** Puts it in the place of the packet with its id. Does nothing when there is none. */
  update(packet: StoredPacket): Promise<unknown>;
  /** Ids that are not there are ignored. */
  remove(ids: readonly number[]): Promise<unknown>;
  /** How many there are. */
  count(): Promise<number>;
}

/**
 * Makes the store of one scope. Opening it belongs into its first method, so that a failure is a failure of that.
 *
 * @param scope - whose packets these are: name, identity and namespace in one text. Scopes share nothing
 */
export type OpenStore = (scope: string) => OutboxStore;
