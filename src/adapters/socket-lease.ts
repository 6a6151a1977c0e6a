import type { Lookup, LookupOptions } from "../io.js";
import { isServer } from "../platform/browser.js";
import { createLease, type Leasable, type Lease, leaseOf } from "./leases.js";
import type { AnySocket } from "./socket-state.js";

/** An option of managers that are made here. */
const OURS = /* @__PURE__ */ Symbol();

/**
 * The lease of the socket that all get who ask with this key: not connected before somebody retains it.
 *
 * @throws TautlineError `invalid-option`
 */
export function leaseSocket(
  io: Lookup,
  url: string | undefined,
  key: string,
  options: LookupOptions,
): Lease<AnySocket> {
  const isOnce = isServer();
  const isManual = options.autoConnect === false;
  const of: Leasable<AnySocket> = {
    make() {
      // a server keeps nothing of a page that it has rendered
      const once = isOnce && { forceNew: true };
      const given = { ...options, autoConnect: false, ...once, [OURS]: true };
      const socket = io(url, given) as AnySocket;
      const { opts } = socket.io;
      // other namespaces may share this manager; one that the app has made is the app's
      if (!isManual && OURS in opts) delete opts.autoConnect;
      return socket;
    },
    begin(socket) {
      if (!isManual) socket.connect();
    },
    end(socket) {
      socket.disconnect();
    },
  };
  const found = isOnce ? createLease(of) : leaseOf(key, of);
  // it shares a manager that connects at once, and this render may never be shown
  if (found.isIdle() && found.value.active) found.retain()();
  return found;
}
