/**
 * A `NetworkSignals` that a test plays by hand.
 *
 *   const network = networkDouble();
 *   const manager = new Manager(url, { network });
 *   network.tell("wake");
 *   network.subscribers;   // how many listen now
 *   network.leak("wake");  // tells those too who have unsubscribed, as a careless host would
 *
 * To extend: record more of what is asked of it; what a real host would do by itself belongs into one test.
 */
import type { NetworkEvent, NetworkSignals } from "../../src/index.js";

export const networkEvents: NetworkEvent[] = [
  "online",
  "offline",
  "wake",
  "sleep",
  "networkchange",
];

export interface NetworkDouble extends NetworkSignals {
  readonly subscribers: number;
  tell(event: NetworkEvent): void;
  leak(event: NetworkEvent): void;
}

/** @param greeting - told to each listener while it subscribes */
export function networkDouble(greeting?: NetworkEvent): NetworkDouble {
  const now = new Set<object>();
  const ever: { listener: (event: NetworkEvent) => void }[] = [];
  return {
    get subscribers() {
      return now.size;
    },
    subscribe(listener) {
      const entry = { listener };
      now.add(entry);
      ever.push(entry);
      if (greeting) listener(greeting);
      return () => now.delete(entry);
    },
    tell(event) {
      for (const entry of ever) if (now.has(entry)) entry.listener(event);
    },
    leak(event) {
      for (const { listener } of ever) listener(event);
    },
  };
}
