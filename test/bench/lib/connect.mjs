import { answerHandshake, FakeWebSocket } from "./fake-websocket.mjs";
import { RawClient } from "./raw-client.mjs";

const URL_OF_NOBODY = "ws://bench.invalid/";

/**
 * A connected client of one side over a fake WebSocket that from now on answers nothing.
 *
 * @param side `{ name, io }`; `io` is absent for the raw client
 * @returns `{ client, ws }`; for several namespaces also `clients`, in their order
 */
export async function connectFake(side, { namespaces = ["/"], options = {} } = {}) {
  globalThis.WebSocket = FakeWebSocket;
  const before = FakeWebSocket.instances.length;
  if (side.io === undefined) {
    const client = new RawClient(URL_OF_NOBODY);
    await client.connected;
    const ws = FakeWebSocket.latest();
    ws.settle();
    return { client, clients: [client], ws };
  }
  const first = side.io(URL_OF_NOBODY, {
    transports: ["websocket"],
    forceNew: true,
    reconnection: false,
    ...options,
  });
  const clients = namespaces.map((name) => (name === "/" ? first : first.io.socket(name)));
  if (!namespaces.includes("/")) clients.push(first);
  await Promise.all(clients.map((client) => connected(client)));
  if (FakeWebSocket.instances.length !== before + 1) {
    throw new Error(`${side.name} opened ${FakeWebSocket.instances.length - before} WebSockets`);
  }
  const ws = FakeWebSocket.latest();
  ws.settle();
  return { client: clients[0], clients, ws };
}

/** A client whose connection is open and whose namespace waits for the server's answer: `{ client, ws }`. */
export async function openUnanswered(side, options = {}) {
  globalThis.WebSocket = FakeWebSocket;
  FakeWebSocket.answer = () => {};
  const client = side.io(URL_OF_NOBODY, { transports: ["websocket"], forceNew: true, ...options });
  await new Promise((resolve) => client.io.once("open", resolve));
  FakeWebSocket.answer = answerHandshake;
  return { client, ws: FakeWebSocket.latest() };
}

/** Resolves once the namespace has been accepted. */
export function connected(socket) {
  return new Promise((resolve, reject) => {
    if (socket.connected) {
      resolve();
      return;
    }
    socket.once("connect", resolve);
    socket.once("connect_error", reject);
  });
}

/** Waits, a microtask at a time, for what a client does later than it was told: it pays for that here. */
export async function reached(read, expected) {
  for (let turns = 0; read() !== expected; turns++) {
    if (turns > 100_000) throw new Error(`waited for ${expected}, got ${read()}`);
    await undefined;
  }
}
