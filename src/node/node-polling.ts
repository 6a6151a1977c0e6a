import { host } from "../platform/browser.js";
import { fetchCarrier, xhrCarrier } from "../transports/http-request.js";
import { Polling } from "../transports/polling.js";
import type { TransportOptions } from "../transports/transport.js";
import { httpCarrier } from "./http-carrier.js";
import { requestOptions } from "./host-options.js";
import { globalDispatcher, isPlain } from "./unref.js";

/**
 * Long-polling in Node, over node:http: fetch gives a poll up after 300 s, and refuses the ports that browsers refuse. An app that
 * has set up something else for fetch (a proxy, a double of a test) means polling too, but for what the options ask of node:http. A
 * host that plays a browser (jsdom) has its XMLHttpRequest used.
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
