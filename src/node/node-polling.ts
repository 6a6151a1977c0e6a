import { host } from "../platform/browser.js";
import { type Carrier, fetchCarrier, xhrCarrier } from "../transports/http-request.js";
import { Polling } from "../transports/polling.js";
import type { TransportOptions } from "../transports/transport.js";
import { httpCarrier } from "./http-carrier.js";
import { requestOptions } from "./host-options.js";

// eslint-disable-next-line no-restricted-globals -- only looked at
const native = { fetch: globalThis.fetch, queueMicrotask };

/** Node's own fetch does nothing without queueMicrotask(), which fake timers take: node:http sends meanwhile. */
const workingCarrier: Carrier = {
  ...fetchCarrier,
  send(...args) {
    const { fetch, queueMicrotask } = globalThis;
    const isStuck = fetch === native.fetch && queueMicrotask !== native.queueMicrotask;
    return (isStuck ? httpCarrier : fetchCarrier).send(...args);
  },
};

/**
 * Long-polling in Node: over fetch, which obeys what an app sets up for it (proxies, doubles of tests); over node:http where the
 * options ask for what fetch can't. A host that plays a browser (jsdom) has its XMLHttpRequest used.
 */
export class NodePolling extends Polling {
  constructor(options: TransportOptions) {
    const { withCredentials, autoUnref } = options;
    const isAsked = withCredentials || autoUnref || Object.keys(requestOptions(options)).length > 0;
    super(options, host.XMLHttpRequest ? xhrCarrier : isAsked ? httpCarrier : workingCarrier);
  }
}
