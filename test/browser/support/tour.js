/**
 * What every place must be able to do, as one script for pages and workers of all kinds: `tour(address)` resolves with what happened.
 * In a worker it begins when a message brings the address, and answers with a message.
 *
 * To extend: a stop is one more function of `stops`, and one more line of what everywhere.test.ts expects.
 */
import { io } from "../../../src/index.ts";

const event = (emitter, name) => new Promise((resolve) => emitter.once(name, resolve));

const stops = {
  async "events with bytes, and acks"(socket) {
    const bytes = await socket.emitWithAck("echo", { deep: [new Uint8Array([1, 2, 255])] });
    return [...new Uint8Array(bytes.deep[0])];
  },

  async "an ack that does not come"(socket) {
    const error = await socket
      .timeout(50)
      .emitWithAck("silence")
      .catch((reason) => reason);
    return error.code;
  },

  async "events of the server's, in order"(socket) {
    const heard = [];
    const last = new Promise((resolve) => {
      socket.on("n", (n) => {
        heard.push(n);
        if (n === 99) resolve();
      });
    });
    socket.emit("count", 100);
    await last;
    return heard.every((n, at) => n === at) && heard.length;
  },

  async "another namespace, with a token"(socket) {
    const admin = socket.io.socket("/admin", { auth: { token: "old" } });
    admin.connect();
    const { message, data } = await event(admin, "connect_error");
    admin.auth = { token: "new" };
    admin.connect();
    await event(admin, "connect");
    const isOne = admin.io.engine === socket.io.engine;
    admin.disconnect();
    return [message, data, isOne];
  },

  async "a connection that is cut"(socket) {
    const lost = event(socket, "disconnect");
    const back = event(socket, "connect");
    socket.emit("cut");
    const reason = await lost;
    for (let n = 0; n < 5; n++) socket.emit("kept", n);
    await back;
    const kept = await socket.emitWithAck("what was kept");
    return [reason.startsWith("transport"), socket.recovered, kept];
  },
};

globalThis.tour = async (address) => {
  const told = {};
  for (const transports of [["websocket"], ["polling"], ["polling", "websocket"]]) {
    const socket = io(address, { transports, forceNew: true, reconnectionDelay: 20 });
    await event(socket, "connect");
    const { engine } = socket.io;
    if (transports.length === 2 && engine.transport.name === "polling")
      await event(engine, "upgrade");
    const results = { transport: engine.transport.name };
    for (const [name, stop] of Object.entries(stops)) results[name] = await stop(socket);
    socket.disconnect();
    told[transports.join(", ")] = results;
  }
  return told;
};

const answer = async ({ data }, port) => {
  try {
    port.postMessage(await globalThis.tour(data));
  } catch (error) {
    port.postMessage(String(error && error.stack));
  }
};

if (!globalThis.document) {
  globalThis.onmessage = (message) => answer(message, message.ports[0] || globalThis);
  globalThis.onconnect = ({ ports: [port] }) =>
    (port.onmessage = (message) => answer(message, port));
}
