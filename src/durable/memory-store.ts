import type { OpenStore, StoredPacket } from "./store.js";

/** Runs in a later tick, as any other store does. */
const done = <T>(work: () => T): Promise<T> => Promise.resolve().then(work);

/**
 * A store that lasts as long as the process: for tests, and for hosts without IndexedDB. Sockets to which the same one is
 * given share it.
 *
 * @example io(url, { outbox: durable({ store: memoryStore(), name: "app", identity: user.id }) });
 */
export function memoryStore(): OpenStore {
  const scopes = new Map<string, Map<number, StoredPacket>>();
  let last = 0;
  return (scope) => {
    const packets = scopes.get(scope) ?? new Map<number, StoredPacket>();
    scopes.set(scope, packets);
    return {
      add: (added) =>
        done(() =>
          added.map((packet) => {
            packets.set(++last, { ...packet, id: last });
            return last;
          }),
        ),
      read: (after, limit) =>
        done(() => [...packets.values()].filter(({ id }) => id > after).slice(0, limit)),
      update: (packet) => done(() => packets.has(packet.id) && packets.set(packet.id, packet)),
      remove: (ids) => done(() => ids.forEach((id) => packets.delete(id))),
      count: () => done(() => packets.size),
    };
  };
}
