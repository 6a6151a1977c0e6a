import { describeDetour, describeError, describeLoss } from "./reasons.js";

/**
 * A socket's connection as one value. Times are those of `Date.now()`.
 *
 * @typedef {object} Connection
 * @property {"idle" | "connecting" | "connected" | "waiting" | "disconnected"} phase
 * @property {string | undefined} transport the one in use, while there is one
 * @property {number} attempt of reconnecting, from 1; 0 when none is going on
 * @property {number | undefined} nextTryAt when it tries to connect again, while it waits
 * @property {number | undefined} nextUpgradeAt when it tries a better transport again, while it has to do without
 * @property {number | undefined} lostAt when the connection was lost that it had, until the one after it is lost
 * @property {number | undefined} backAt when it was connected last
 * @property {boolean} recovered whether the server took up the session where it was lost
 * @property {Failure | undefined} failure the last one
 *
 * @typedef {object} Failure
 * @property {string} code
 * @property {string} message
 * @property {string} [hint]
 * @property {object[]} attempts
 * @property {number} at
 * @property {boolean} [isDetour] the connection stands, but on another transport
 */

const IDLE = {
  phase: "idle",
  transport: undefined,
  attempt: 0,
  nextTryAt: undefined,
  nextUpgradeAt: undefined,
  lostAt: undefined,
  backAt: undefined,
  recovered: false,
  failure: undefined,
};

/** Milliseconds from a failed upgrade to the next: the client's, doubled each time (docs/transports.md). */
const FIRST_UPGRADE_DELAY = 60_000;
const LONGEST_UPGRADE_DELAY = 15 * 60_000;

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
      unfollow = follow(socket, change, () => connection);
    },
    connect() {
      change({ phase: "connecting", nextTryAt: undefined });
      // A socket that waits for its manager's next try has nothing to do itself.
      if (socket.active) socket.io.connect();
      else socket.connect();
    },
    disconnect() {
      // A socket that was not connected says nothing about it.
      change({ phase: "disconnected", transport: undefined, attempt: 0, nextTryAt: undefined });
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
function follow(socket, change, read) {
  const manager = socket.io;
  const failed = (failure) => {
    const phase = socket.active ? "waiting" : "disconnected";
    change({ phase, transport: undefined, nextUpgradeAt: undefined, failure });
  };
  const followEngine = () => followUpgrades(manager, change);
  const undo = [
    listen(manager, "open", followEngine),
    listen(manager, "state", (state, _old, _why, _attempt, delay) => {
      change({ nextTryAt: state === "waiting" ? Date.now() + delay : undefined });
    }),
    listen(manager, "reconnect_attempt", (attempt) => change({ phase: "connecting", attempt })),
    listen(manager, "reconnect_failed", () => change({ phase: "disconnected", attempt: 0 })),
    listen(socket, "connect", () => {
      const recovered = socket.recovered === true;
      change({ phase: "connected", attempt: 0, recovered, backAt: Date.now() });
    }),
    listen(socket, "disconnect", (reason) => {
      if (reason === "io client disconnect")
        change({ phase: "disconnected", transport: undefined });
      else {
        change({ lostAt: Date.now() });
        failed(describeLoss(reason));
      }
    }),
    listen(socket, "connect_error", (error) => {
      // Why it was lost says more than that it can't be had back yet, while nothing else is known.
      if (read().phase === "connected") change({ lostAt: Date.now() });
      failed(describeError(error));
    }),
  ];

  change({ ...IDLE, phase: phaseOf(socket) });
  if (manager.engine?.readyState === "open") followEngine();
  return () => {
    for (const stop of undo) stop();
  };
}

/** A session on a transport that was not the first choice, and its way to the better one. */
function followUpgrades(manager, change) {
  const { engine } = manager;
  const isCurrent = () => engine === manager.engine;
  const detour = describeDetour(engine);
  let delay = FIRST_UPGRADE_DELAY;
  const later = () => {
    const nextUpgradeAt = Date.now() + delay;
    delay = Math.min(delay * 2, LONGEST_UPGRADE_DELAY);
    return { nextUpgradeAt };
  };
  change({ transport: engine.transport.name, nextUpgradeAt: undefined });
  if (detour) change({ failure: detour, ...(detour.code !== "timeout" && later()) });
  engine.on("upgrading", () => isCurrent() && change({ nextUpgradeAt: undefined }));
  engine.on("upgradeError", () => isCurrent() && change(later()));
  engine.on("upgrade", (transport) => {
    if (isCurrent()) change({ transport: transport.name, nextUpgradeAt: undefined });
  });
}

function phaseOf({ connected, active }) {
  if (connected) return "connected";
  return active ? "connecting" : "disconnected";
}

function listen(emitter, event, handler) {
  emitter.on(event, handler);
  return () => emitter.off(event, handler);
}
