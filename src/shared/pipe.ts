import { atEndOfTick } from "../platform/browser.js";
import type { TabPort } from "../platform/platform.js";

/**
 * Two connected ports within one tab. A message arrives at the other port at the end of the tick, without being cloned.
 */
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
