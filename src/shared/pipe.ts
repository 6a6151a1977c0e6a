import { atEndOfTick } from "../platform/browser.js";
import type { TabPort } from "../platform/platform.js";

/** Two ports within one tab. What is posted to one arrives at the other at the end of the tick, uncloned. */
export function pipe(): [TabPort, TabPort] {
  const ends = [end(), end()] as [TabPort, TabPort];
  const [near, far] = ends;
  join(near, far);
  join(far, near);
  return ends;
}

function end(): TabPort {
  const port: TabPort = {
    onmessage: null,
    postMessage() {},
    close: () => {
      port.onmessage = null;
      port.postMessage = () => {};
    },
  };
  return port;
}

function join(from: TabPort, to: TabPort): void {
  from.postMessage = (data) => atEndOfTick(() => to.onmessage?.({ data }));
}
