import { host } from "../platform/browser.js";
import type { TabLocks, TabPort } from "../platform/platform.js";
import { type TabHost, tabHost } from "../platform/tabs.js";

/** The part of a SharedWorker that is used. */
export interface SharedWorkerLike {
  readonly port: TabPort;
}

/** Where the connection of a scope is; each manager asks once. Undefined: the manager has its own connection. */
export type SharedHost = () => TabHost | undefined;

/**
 * The connection is in a SharedWorker of the app's, which calls `serveTabs()`. Messages go over its ports, and what the
 * server sends to one tab alone is transferred.
 *
 * @param worker - a SharedWorker, or what makes one: it is asked again when the worker does not answer any more
 * @example shared({ key: user.id, host: inWorker(() => new SharedWorker("/worker.js")) })
 */
export function inWorker(worker: SharedWorkerLike | (() => SharedWorkerLike)): SharedHost {
  return () => {
    const page = tabHost();
    return page && besideWorker(worker, page);
  };
}

/** The place of a tab whose host is a worker: it never holds the lock. */
export function besideWorker(
  worker: SharedWorkerLike | (() => SharedWorkerLike),
  page: TabHost,
): TabHost {
  const create = typeof worker === "function" ? worker : (): SharedWorkerLike => worker;
  let current = create();
  let scope: string | undefined;
  let far: MessagePort | undefined;
  const bus: TabPort = {
    onmessage: null,
    postMessage: (message) => {
      const ports = far ? [far] : [];
      far = undefined;
      current.port.postMessage([scope, ...(message as unknown[])], ports);
    },
    close: () => {
      bus.onmessage = null;
    },
  };
  const listen = (): void => {
    current.port.onmessage = (event) => bus.onmessage?.(event);
  };
  const locks: TabLocks = {
    query: () => page.locks.query(),
    request: (name, options, granted) => {
      if (name !== scope) return page.locks.request(name, options, granted);
      if (options.steal) {
        current = create();
        listen();
      }
      return new Promise(() => {});
    },
  };
  return {
    locks,
    on: (type, listener) => page.on(type, listener),
    get isHidden() {
      return page.isHidden;
    },
    channel: (name) => {
      // the port of the scope is opened first; a session's port comes with the next message
      scope ??= name;
      if (name === scope) {
        listen();
        return bus;
      }
      const { port1, port2 } = new (host.MessageChannel as typeof MessageChannel)();
      far = port2;
      return port1;
    },
  };
}
