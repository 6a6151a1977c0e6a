import type { Parts } from "./connection/parts.js";
import { Manager, type ManagerOptions } from "./manager/manager.js";
import { checkOptions } from "./options/check-options.js";
import { pageLocation } from "./platform/browser.js";
import { protocol } from "./protocol/socket-packet.js";
import type { DefaultEventsMap, EventsMap } from "./socket/event-types.js";
import { Socket } from "./socket/socket.js";
import type { SocketOptions } from "./socket/socket-options.js";
import { formatQuery, normalisePath, parseEndpoint } from "./url.js";

/** Options of `io()`. */
export interface LookupOptions extends ManagerOptions, SocketOptions {
  /** The older name of `forceNew`. @default false */
  "force new connection"?: boolean;
}

/** Gives the socket of a namespace; see {@link createIo}. */
export interface Lookup {
  <Listen extends EventsMap = DefaultEventsMap, Emit extends EventsMap = Listen>(
    options?: LookupOptions,
  ): Socket<Listen, Emit, Manager<Listen, Emit>>;
  /**
   * @param address - http(s) or ws(s); its path is the namespace. Without it: the page's origin. "/nsp" and "//host" are
   * relative to the page
   * @throws TautlineError `invalid-option`
   */
  <Listen extends EventsMap = DefaultEventsMap, Emit extends EventsMap = Listen>(
    address?: string,
    options?: LookupOptions,
  ): Socket<Listen, Emit, Manager<Listen, Emit>>;
}

/** An `io()` with its properties, as in socket.io-client. */
export interface Io extends Lookup {
  io: Lookup;
  connect: Lookup;
  Manager: typeof Manager;
  Socket: typeof Socket;
  protocol: number;
}

/**
 * Makes an `io()` out of parts: which manager serves this address and namespace? Namespaces of one origin and path share a
 * manager, unless `forceNew`, `multiplex: false`, or the namespace has been used there before.
 *
 * @example const io = createIo({ transports: { websocket: WebSocket } }, { signals });
 */
export function createIo(...parts: Parts[]): Io {
  const all = Object.assign({}, ...parts) as Parts;
  class PartsManager extends Manager {
    protected override get parts(): Parts {
      return all;
    }
  }
  const managers = new Map<string, Manager>();
  const io = ((address?: string | LookupOptions, given?: LookupOptions) => {
    const options = checkOptions((typeof address === "object" ? address : given) ?? {});
    const text = typeof address === "string" ? address : undefined;
    // without a page there is no origin to resolve a relative address against
    const { origin, path, query } = parseEndpoint(text, pageLocation());
    const key = origin + normalisePath(options.path) + (options.share?.key ?? "");
    const known = managers.get(key);
    const isAlone =
      options.forceNew ||
      options["force new connection"] ||
      options.multiplex === false ||
      known?.hasSocket(path);
    let manager = isAlone ? undefined : known;
    if (!manager) {
      const search = formatQuery(query);
      manager = new PartsManager(origin + (search && "/?" + search), options);
      if (!isAlone) managers.set(key, manager);
    }
    try {
      return manager.socket(path, options);
    } catch (error) {
      // a manager without a socket must not connect
      if (manager !== known) manager._close();
      if (manager !== known && !isAlone) managers.delete(key);
      throw error;
    }
  }) as Io;
  return Object.assign(io, { io, connect: io, Manager: PartsManager as never, Socket, protocol });
}
