/** Packets that survive the page: docs/durable.md. */
export { durable, indexedDb } from "./outbox.js";
export { checkStore } from "./check-store.js";
export { memoryStore } from "./memory-store.js";
export type { Cipher } from "./cipher.js";
export type { Durable, DurableEvents } from "./durable.js";
export type {
  DurableOptions,
  DurablePacket,
  IndexedDbOptions,
  OutboxOptions,
  Settled,
} from "./options.js";
export type { NewPacket, OpenStore, OutboxStore, StoredPacket } from "./store.js";
