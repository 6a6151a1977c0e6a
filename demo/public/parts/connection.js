import { describeDetour, describeError, explainDisconnect } from "./reasons.js";

/**
 * A socket's connection as one value.
 *
 * @typedef {object} Connection
 * @property {"idle" | "connecting" | "connected" | "waiting" | "disconnected"} phase
 * @property {string | undefined} transport the one in use, while there is one
 * @property {number} attempt of reconnecting, from 1; 0 when none is going on
 * @property {boolean} recovered whether the server took up the session where it was lost
 * @property {{ code: string, message: string, hint?: string, attempts: object[], at: number } | undefined} failure the last one
 */

const IDLE = {
  phase: "idle",
  transport: undefined,
  attempt: 0,
  recovered: false,
  failure: undefined,
};

/** Follows one socket at a time, and tells everybody who watches how its connection stands. */
export function createMonitor() {
  const listeners = new Set();
  let connection = IDLE;
  let socket;
  let unfollow = () => {};

  const change = (changes) => {
    connection = { ...connection, ...changes };
    for (const listener of listeners) listener(connection);
  };

  return {
    /** @param {object} next a Socket of the client; the one followed before is let go */
    follow(next) {
      unfollow();
      socket = next;
      unfollow = follow(socket, change);
    },
    connect() {
      change({ phase: "connecting" });
      // A socket that waits for its manager's next try has nothing to do itself.
      if (socket.active) socket.io.connect();
      else socket.connect();
    },
    disconnect() {
      // A socket that was not connected says nothing about it.
      change({ phase: "disconnected", transport: undefined, attempt: 0 });
      socket.disconnect();
    },
    /** @param {(connection: Connection) => void} listener called at once, and at each change */
    watch(listener) {
      listeners.add(listener);
      listener(connection);
    },
  };
}

/** @returns {() => void} lets go of the socket */
function follow(socket, change) {
  const manager = socket.io;
  const lost = (failure) => {
    change({ phase: socket.active ? "waiting" : "disconnected", transport: undefined, failure });
  };
  const followEngine = () => {
    const { engine } = manager;
    const detour = describeDetour(engine);
    change({ transport: engine.transport.name, ...(detour && { failure: detour }) });
    engine.on("upgrade", (transport) => {
      if (engine === manager.engine) change({ transport: transport.name });
    });
  };
  const undo = [
    listen(manager, "open", followEngine),
    listen(manager, "reconnect_attempt", (attempt) => change({ phase: "connecting", attempt })),
    listen(manager, "reconnect_failed", () => change({ phase: "disconnected", attempt: 0 })),
    listen(socket, "connect", () => {
      change({ phase: "connected", attempt: 0, recovered: socket.recovered === true });
    }),
    listen(socket, "disconnect", (reason) => {
      const asked = reason === "io client disconnect";
      const message = explainDisconnect(reason);
      if (asked) change({ phase: "disconnected", transport: undefined });
      else lost({ code: reason, message, attempts: [], at: Date.now() });
    }),
    listen(socket, "connect_error", (error) => lost(describeError(error))),
  ];

  change({ ...IDLE, phase: phaseOf(socket) });
  if (manager.engine?.readyState === "open") followEngine();
  return () => {
    for (const stop of undo) stop();
  };
}

function phaseOf({ connected, active }) {
  if (connected) return "connected";
  return active ? "connecting" : "disconnected";
}

function listen(emitter, event, handler) {
  emitter.on(event, handler);
  return () => emitter.off(event, handler);
}
