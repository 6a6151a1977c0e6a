import { signals } from "./signals.js";

/** By which `npm run demo:cluster` sends all requests of this page to one node. */
const client = Math.random().toString(36).slice(2);

const TRANSPORTS = ["websocket", "polling", "webtransport"];

/** Where the Socket.IO server is: another origin, learned from the server of the pages. */
export async function readConfig() {
  const response = await fetch("/config.json");
  return response.json();
}

/**
 * Connects with what the page's address asks for: `?transports=polling`, `websocket`, or a list in order.
 * Without it the client chooses for itself. The client is the global of the script tag.
 */
export function connect(url, options = {}) {
  const transports = wantedTransports();
  return globalThis.io.connect(url, {
    query: { client },
    ...options,
    network: signals,
    ...(transports && { transports }),
  });
}

/** @returns {string[] | undefined} those of the address that there are: none is the client's choice */
export function wantedTransports() {
  const names = new URLSearchParams(location.search).get("transports")?.split(",") ?? [];
  const known = names.filter((name) => TRANSPORTS.includes(name));
  return known.length > 0 ? known : undefined;
}
