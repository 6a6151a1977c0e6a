/*
 * What a test can ask of the app. Each gets `tell`, which says what happens on the way, and what the test hands in; its
 * result goes back. Bytes cross as `{ bytes: [..] }`. To extend: one more function here, and a test that runs it.
 */
import { AppState } from "react-native";
import NetInfo from "@react-native-community/netinfo";
import { Fetch, io, TautlineError } from "tautline";
import { drained, flush } from "tautline/delivery";
import { events } from "tautline/reading";
import { reactNativeSignals } from "tautline/react-native";

// as a library that was compiled to CommonJS has it
const slim = require("tautline/slim");
const required = require("tautline");

let socket;

/** What a test handed in, with bytes. */
function withBytes(value) {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(withBytes);
  if (Array.isArray(value.bytes)) return new Uint8Array(value.bytes);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withBytes(item)]));
}

/** The same the other way. */
function withoutBytes(value) {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutBytes);
  if (value instanceof ArrayBuffer) return { bytes: [...new Uint8Array(value)] };
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, withoutBytes(item)]),
  );
}

function once(emitter, event) {
  return new Promise((resolve) => emitter.once(event, resolve));
}

async function connected() {
  if (!socket.connected) await once(socket, "connect");
}

export const scenarios = {
  /** Makes the socket, and tells all that it says. `transports` may have "fetch", `network` may be "native". */
  open(tell, url, { transports, network, ...options } = {}) {
    socket = io(url, {
      forceNew: true,
      reconnectionDelay: 20,
      reconnectionDelayMax: 100,
      ...options,
      ...(transports && {
        transports: transports.map((name) => (name === "fetch" ? Fetch : name)),
      }),
      ...(network && { network: reactNativeSignals({ AppState, NetInfo }) }),
    });
    const { io: manager } = socket;
    socket.on("connect", () =>
      tell("connect", {
        id: socket.id,
        recovered: socket.recovered,
        transport: manager.engine.transport.name,
      }),
    );
    socket.on("disconnect", (reason) => tell("disconnect", reason));
    socket.on("connect_error", ({ code, message, isFinal, attempts }) =>
      tell("connect_error", { code, message, isFinal, attempts }),
    );
    socket.onAny((event, ...args) => tell("heard", event, ...withoutBytes(args)));
    manager.on("state", (state) => tell("state", state));
    manager.on("error", (error) => tell("report", String(error)));
  },

  /** Waits for the connection, and for the transport on which it ends up. */
  async settled(_tell, transport) {
    await connected();
    const { engine } = socket.io;
    while (engine.transport.name !== transport) await once(engine, "upgrade");
    return { id: socket.id, recovered: socket.recovered };
  },

  close() {
    socket.disconnect();
  },

  lose() {
    socket.io.engine.close();
  },

  emit(_tell, event, ...args) {
    socket.emit(event, ...withBytes(args));
  },

  async ask(_tell, event, ...args) {
    return withoutBytes(await socket.emitWithAck(event, ...withBytes(args)));
  },

  /** Answers the next event of this name with what came. */
  async answer(_tell, event) {
    socket.once(event, (...args) => args.pop()(...args));
  },

  async sendBlob(_tell, event, text) {
    const blob = new Blob([text]);
    return {
      canBeRead: typeof blob.arrayBuffer,
      answer: withoutBytes(await socket.emitWithAck(event, blob)),
    };
  },

  async sendForm(_tell, event) {
    const form = new FormData();
    form.append("name", "value");
    return socket.emitWithAck(event, form);
  },

  /** Reads `count` events one after another, in a loop that Babel has compiled. */
  async read(tell, event, count) {
    const all = [];
    tell("reading");
    for await (const args of events(socket, event)) {
      all.push(args);
      if (all.length === count) break;
    }
    return { all, symbol: typeof Symbol.asyncIterator };
  },

  /** Ends a loop by a signal of React Native's AbortController. */
  async abortReading(_tell, event) {
    const controller = new AbortController();
    const reading = events(socket, event, { signal: controller.signal }).next();
    controller.abort();
    return reading.then(
      () => "read",
      (error) => [error instanceof TautlineError, error.code],
    );
  },

  async abortAck(_tell, event) {
    const controller = new AbortController();
    const asking = socket.signal(controller.signal).emitWithAck(event);
    controller.abort();
    return asking.then(
      () => "answered",
      ({ code }) => code,
    );
  },

  async flushAndDrain(_tell, event, data) {
    socket.emit(event, data);
    await drained(socket);
    await flush(socket);
  },

  async timeout(_tell, event, ms) {
    return socket
      .timeout(ms)
      .emitWithAck(event)
      .then(
        () => "answered",
        ({ code }) => code,
      );
  },

  /** Without an address there must be a page. */
  openWithoutAddress(tell) {
    try {
      io().on("connect_error", ({ code }) => tell("refused", code));
    } catch (error) {
      tell("refused", error.code);
    }
  },

  /** Which of these globals are there. */
  globals(_tell, names) {
    return names.filter((name) => name.split(".").reduce((at, key) => at?.[key], globalThis));
  },

  isOneLibrary() {
    return slim.TautlineError === TautlineError && required === io && required.io === io;
  },
};
