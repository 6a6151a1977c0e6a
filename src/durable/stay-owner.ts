import type { OutcomeCode } from "../pipeline/outcomes.js";
import type { OwnerHost } from "../pipeline/policy.js";
import type { Entry } from "./entry.js";
import type { Records } from "./records.js";
import type { StoredPacket } from "./store.js";
import type { Turns, Voice } from "./tabs.js";

/** What a stay needs of its policy. */
export interface StayOwner {
  readonly host: OwnerHost;
  readonly nsp: string;
  /** The stream of the packets that this session has stored. */
  readonly stream: string;
  readonly turns: Turns;
  readonly voice: Voice;
  readonly records: Pick<Records, "read">;
  /** Milliseconds that the server has for an ack. */
  readonly ackTimeout: number;
  /** Milliseconds that a store has for an answer. */
  readonly storeTimeout: number;
  /** How many packets may be in flight. */
  readonly window: number;
  readonly unstored: Iterable<Entry>;
  /** The current stay. An earlier one does nothing more. */
  readonly stay: unknown;
  /** Undefined for a packet that must not be sent. */
  admit(record: StoredPacket): Promise<Entry | undefined>;
  heard(message: unknown): void;
  acked(entry: Entry, answer: unknown[]): void;
  /** It cannot be sent. */
  refuse(entry: Entry, code: OutcomeCode): void;
  /** It was sent without success. Its state says whether it may be sent again. */
  failed(entry: Entry, code: OutcomeCode): void;
  report(cause: unknown): void;
}
