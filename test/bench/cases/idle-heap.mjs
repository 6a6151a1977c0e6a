import { connectFake, connected } from "../lib/connect.mjs";
import { FakeWebSocket } from "../lib/fake-websocket.mjs";
import { heapUsed } from "../lib/heap.mjs";

const CLIENTS = 500;
const NAMESPACES = 2000;

/** Bytes of heap, a number a round: `{ client, namespace, closed }`, each by side. */
export async function measure(sides, { rounds }) {
  const result = { client: {}, namespace: {}, closed: {} };
  const webSocket = await heapOfFake();
  for (let round = -1; round < rounds; round++) {
    for (const side of sides) {
      if (side.io === undefined) continue;
      const sample = {
        client: (await heapOfClient(side)) - webSocket,
        ...(await heapOfNamespaces(side)),
      };
      if (round < 0) continue; // warming up
      for (const [name, bytes] of Object.entries(sample))
        (result[name][side.name] ??= []).push(bytes);
    }
  }
  return result;
}

async function heapOfClient(side) {
  await connectFake(side);
  FakeWebSocket.instances = [];
  const before = await heapUsed();
  const clients = [];
  for (let index = 0; index < CLIENTS; index++) {
    clients.push((await connectFake(side)).client);
    FakeWebSocket.instances = [];
  }
  const bytes = ((await heapUsed()) - before) / CLIENTS;
  for (const client of clients) client.disconnect();
  return bytes;
}

/** What the fake itself takes, which is no part of a client. */
async function heapOfFake() {
  const fakes = [];
  const before = await heapUsed();
  for (let index = 0; index < CLIENTS; index++) {
    const fake = new FakeWebSocket(`ws://bench.invalid/socket.io/?EIO=4&transport=websocket`);
    FakeWebSocket.instances = [];
    fakes.push(fake);
  }
  await new Promise((resolve) => setTimeout(resolve, 0));
  const bytes = ((await heapUsed()) - before) / CLIENTS;
  if (fakes.some((fake) => fake.readyState !== 1)) throw new Error("a fake did not open");
  return bytes;
}

async function heapOfNamespaces(side) {
  const { client, ws } = await connectFake(side);
  const manager = client.io;
  const open = async (prefix, count) => {
    const sockets = [];
    for (let index = 0; index < count; index++) {
      const socket = manager.socket(`/${prefix}-${index}`);
      ws.deliver(`40/${prefix}-${index},{"sid":"bench-socket"}`);
      sockets.push(socket);
    }
    await Promise.all(sockets.map((socket) => connected(socket)));
    return sockets;
  };
  for (const socket of await open("warm", 100)) socket.disconnect();
  const before = await heapUsed();
  const sockets = await open("room", NAMESPACES);
  const namespace = ((await heapUsed()) - before) / NAMESPACES;
  while (sockets.length > 0) sockets.pop().disconnect();
  const closed = ((await heapUsed()) - before) / NAMESPACES;
  client.disconnect();
  return { namespace, closed };
}
