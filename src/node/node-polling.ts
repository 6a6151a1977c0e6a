import { host } from "../platform/browser.js";
import { fetchCarrier, xhrCarrier } from "../transports/http-request.js";
import { Polling } from "../transports/polling.js";
import type { TransportOptions } from "../transports/transport.js";
import { httpCarrier } from "./http-carrier.js";
import { requestOptions } from "./host-options.js";
import { globalDispatcher, isPlain } from "./unref.js";

/**
 * Long-polling in Node, over node:http: fetch ends a poll after 300 s, and refuses the ports that browsers refuse. When
 * an app has set another dispatcher for fetch (a proxy, a test double), polling uses fetch, unless an option needs
 * node:http. In a host that emulates a browser (jsdom), its XMLHttpRequest is used.
 */
export class NodePolling extends Polling {
  constructor(options: TransportOptions) {
    const { withCredentials, autoUnref } = options;
    const isAsked = withCredentials || autoUnref || Object.keys(requestOptions(options)).length > 0;
    const dispatcher = globalDispatcher();
    const isForFetch = !isAsked && dispatcher && !isPlain(dispatcher);
    super(options, host.XMLHttpRequest ? xhrCarrier : isForFetch ? fetchCarrier : httpCarrier);
  }
}
