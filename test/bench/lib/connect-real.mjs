import { connected } from "./connect.mjs";
import { RawClient } from "./raw-client.mjs";

/** A client of one side on its way to a real server; `client.ready` resolves when it is connected. */
export function dial(side, url, options = {}) {
  if (side.io === undefined) {
    const client = new RawClient(
      `${url.replace(/^http/, "ws")}/socket.io/?EIO=4&transport=websocket`,
    );
    return { client, ready: client.connected };
  }
  const client = side.io(url, { forceNew: true, reconnection: false, ...options });
  return { client, ready: connected(client) };
}

/** The transports by name, with polling over fetch where the host has no XMLHttpRequest (the peer needs the class). */
export function transports(side, names) {
  if (typeof XMLHttpRequest === "function") return names;
  const { Fetch, WebSocket } = side.module;
  const classes = { polling: Fetch, websocket: WebSocket };
  return names.map((name) => classes[name]);
}

export function request(side, client, name, argument) {
  return new Promise((resolve) => {
    if (side.io === undefined) client.emitWithAck(name, argument, resolve);
    else client.emit(name, argument, resolve);
  });
}

export function hangUp(side, client) {
  if (side.io === undefined) client.close();
  else client.disconnect();
}
