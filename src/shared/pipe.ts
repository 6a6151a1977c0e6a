import { atEndOfTick } from "../platform/browser.js";
import type { TabPort } from "../platform/platform.js";

/** Two ports within one tab. What is posted to one arrives at the other at the end of the tick, uncloned. */
export function pipe(): TabPort[] {
  const ports: TabPort[] = [1, 0].map((other) => ({
    onmessage: null,
    postMessage: (data) => atEndOfTick(() => ports[other]?.onmessage?.({ data })),
    close() {
      this.onmessage = null;
    },
  }));
  return ports;
}
