import type { TransportOptions } from "../transports/transport.js";

/** What Node's `tls.connect` takes, as socket.io-client hands it on. */
const TLS = ["ca", "cert", "ciphers", "key", "passphrase", "pfx", "rejectUnauthorized"] as const;

/** Those of the app's options that are for `tls.connect`. */
export function tlsOptions(options: TransportOptions): Record<string, unknown> {
  return pick(options, TLS);
}

/** Those that are for a request of node:http, node:https or `ws`. */
export function requestOptions(options: TransportOptions): Record<string, unknown> {
  // as in Node, false means a new agent for each request
  return pick(options, options["agent"] ? ["agent", ...TLS] : TLS);
}

function pick(options: TransportOptions, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    names.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
  );
}
