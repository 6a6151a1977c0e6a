import type { Connection } from "../connection/connection.js";
import { host, listenTo, randomId } from "../platform/browser.js";
import type { TabLocks, TabPort } from "../platform/platform.js";
import { messageOf, SCOPE } from "./messages.js";
import { Switch } from "./switch.js";

/** Milliseconds after which a connection without a tab is closed. */
const LINGER = 1000;

/** Serves the tabs of one key. */
interface Served {
  readonly lines: Switch;
  readonly ports: Set<TabPort>;
}

/** A host without locks: a tab that crashes keeps its place until the worker ends. */
const NO_LOCKS: TabLocks = {
  request: () => new Promise(() => {}),
  query: () => Promise.resolve({}),
};

/**
 * In a SharedWorker: holds the connections of the tabs that have it as `host`. Call it once, while the worker starts.
 *
 * @param create - makes the manager of a key: with the address and the options of the connection, and `autoConnect: false`
 * @example serveTabs((key) => new Manager("https://api.example.com", { autoConnect: false }));
 */
export function serveTabs(create: (key: string) => { readonly connection: Connection }): void {
  const accept = tabServer(create, host.navigator?.locks ?? NO_LOCKS);
  listenTo(globalThis, "connect", (event) => {
    for (const port of (event as MessageEvent).ports) accept(port);
  });
}

/** Returns a function that takes the port of a tab. */
export function tabServer(
  create: (key: string) => { readonly connection: Connection },
  locks: TabLocks,
): (port: TabPort) => void {
  const id = randomId();
  const served = new Map<string, Served>();
  const begin = (scope: string): Served | undefined => {
    let key: unknown;
    try {
      [, key] = messageOf(JSON.parse(scope.slice(SCOPE.length)));
    } catch {
      // not a tab of this library
    }
    if (typeof key !== "string") return undefined;
    const { connection } = create(key);
    const end = (): void => {
      if (lines.seats.size || served.get(scope) !== one) return;
      served.delete(scope);
      lines.close();
    };
    const changed = (): void => {
      if (!lines.seats.size) connection.timers.after(LINGER, end);
    };
    // each session comes with its own port
    const channel = (): never => {
      throw new Error("a session without a port");
    };
    const lines: Switch = new Switch(connection, scope, { locks, channel }, { changed }, false);
    const one = { lines, ports: new Set<TabPort>() };
    served.set(scope, one);
    return one;
  };
  return (port) => {
    port.onmessage = (event: MessageEvent) => {
      const [scope, type, first, ...opening] = messageOf(event.data);
      if (typeof scope !== "string") return;
      const one = served.get(scope) ?? begin(scope);
      const [session] = event.ports;
      const say = (to: TabPort, ...message: unknown[]): void => to.postMessage(message);
      one?.ports.add(port);
      if (type === "who") say(port, "host", id);
      else if (type === "open" && first === id && session) one?.lines.accept(opening, session);
      else if (type === "out")
        for (const other of one?.ports ?? []) if (other !== port) say(other, "out");
    };
  };
}
