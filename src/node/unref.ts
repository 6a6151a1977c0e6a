import net from "node:net";
import tls from "node:tls";

/** What undici, which is Node's own fetch and WebSocket, hands to the function that connects. */
interface Target {
  hostname: string;
  port: string;
  protocol: string;
  servername?: string | null;
}
type Connected = (error: Error | null, socket: net.Socket | null) => void;
type AgentClass = new (options: { connect: (target: Target, done: Connected) => void }) => object;

/** Where undici keeps the dispatcher of all requests. */
const GLOBAL_DISPATCHER = Symbol.for("undici.globalDispatcher.1");

/** Undefined until fetch was used, or a dispatcher was set. */
export function globalDispatcher(): object | undefined {
  return (globalThis as { [GLOBAL_DISPATCHER]?: object })[GLOBAL_DISPATCHER];
}

/** It is what Node itself sets up: no proxy, no double. */
export function isPlain(dispatcher: object): boolean {
  return dispatcher.constructor.name === "Agent";
}

/**
 * A dispatcher for Node's own WebSocket: its connection is made with these TLS options, and doesn't hold the process if that is
 * asked for. Node doesn't export the class; it is that of the global dispatcher.
 *
 * @returns undefined where that is another one
 */
export function dispatcherOf(
  tlsOptions: Record<string, unknown>,
  autoUnref: boolean,
): object | undefined {
  const known = globalDispatcher();
  if (!known || !isPlain(known)) return undefined;
  const Agent = known.constructor as AgentClass;
  return new Agent({
    connect({ hostname, port, protocol, servername }, done) {
      const isSecure = protocol === "https:" || protocol === "wss:";
      const host = hostname.replace(/[[\]]/g, "");
      const target = { host, port: Number(port) || (isSecure ? 443 : 80) };
      const name = servername ?? (net.isIP(host) ? undefined : host);
      const socket = isSecure
        ? tls.connect({
            ...tlsOptions,
            ...target,
            ...(name !== undefined && { servername: name }),
            ALPNProtocols: ["http/1.1"],
          })
        : net.connect(target);
      if (autoUnref) socket.unref();
      socket.setNoDelay(true);
      socket.once(isSecure ? "secureConnect" : "connect", () => {
        socket.off("error", done);
        done(null, socket);
      });
      socket.once("error", done);
    },
  });
}
