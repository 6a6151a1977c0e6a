import { pageLocation } from "./platform/browser.js";
import type { Manager } from "./manager/manager.js";
import type { LookupOptions, ManagerOptions } from "./manager/options.js";
import type { DefaultEventsMap, EventsMap } from "./socket/event-types.js";
import type { Socket } from "./socket/socket.js";
import { formatQuery, parseEndpoint } from "./url.js";

/** Gives the socket of a namespace; see {@link createLookup}. */
export interface Lookup<M extends Manager> {
  /**
   * @param address - http(s) or ws(s); its path is the namespace. Without it: the page's origin. "/nsp" and "//host" are
   * relative to the page
   * @throws TautlineError `invalid-option`
   */
  <Listen extends EventsMap = DefaultEventsMap, Emit extends EventsMap = Listen>(
    address?: string,
    options?: LookupOptions,
  ): Socket<Listen, Emit, M>;
  <Listen extends EventsMap = DefaultEventsMap, Emit extends EventsMap = Listen>(
    options?: LookupOptions,
  ): Socket<Listen, Emit, M>;
}

/**
 * Makes an `io()`: which manager serves this address and namespace? Namespaces of one origin and path share a
 * manager, unless `forceNew`, `multiplex: false`, or the namespace is already in use there.
 */
export function createLookup<M extends Manager>(
  ManagerClass: new (address: string, options: ManagerOptions) => M,
): Lookup<M> {
  const managers = new Map<string, M>();
  return (address?: string | LookupOptions, given?: LookupOptions) => {
    const options = (typeof address === "object" ? address : given) ?? {};
    const text = typeof address === "string" ? address : undefined;
    const endpoint = parseEndpoint(text, pageLocation());
    const { path } = endpoint;
    const key = endpoint.origin + (options.path ?? "/socket.io");
    const known = managers.get(key);
    const alone = options.forceNew || options.multiplex === false || known?.hasSocket(path);
    let manager = alone ? undefined : known;
    if (!manager) {
      const search = formatQuery(endpoint.query);
      manager = new ManagerClass(endpoint.origin + (search && "/?" + search), options);
      if (!alone) managers.set(key, manager);
    }
    return manager.socket(path, options) as never;
  };
}
