import { createFaultProxy } from "../../test/support/fault-proxy.mjs";

/** What each switch does to the way between the pages and the Socket.IO server while it is on. */
const FAULTS = {
  websocketBlocked: { refuseUpgrade: 403 },
  websocketHangs: { hangUpgrade: true },
  slow: { latency: 400, connectLatency: true },
  silent: { blackhole: "both" },
  cut: { refuseConnections: true },
};

/** What it ends at the moment when it is turned on, so that one need not wait to see it. */
const ENDS = { websocketBlocked: "websocket", websocketHangs: "websocket", cut: "any" };

/**
 * A proxy in front of the Socket.IO server that can be told to misbehave.
 *
 * @typedef {Awaited<ReturnType<typeof openSwitchboard>>} Switchboard
 *
 * @param {{ upstream: { readonly port: number }, port: number, host: string }} options `upstream` is asked at each
 *   connection; `port` is the wish, and a free one is taken when it is in use
 */
export async function openSwitchboard({ upstream, port, host }) {
  const target = {
    host: "127.0.0.1",
    get port() {
      return upstream.port;
    },
  };
  const proxy = await openProxy(target, port, host);
  let state = Object.fromEntries(Object.keys(FAULTS).map((name) => [name, false]));

  return {
    port: proxy.port,
    /** @returns {Record<string, boolean>} */
    get state() {
      return state;
    },
    /** @param {Record<string, boolean>} changes */
    set(changes) {
      const before = state;
      state = { ...state, ...changes };
      const on = Object.keys(FAULTS).filter((name) => state[name]);
      proxy.heal();
      proxy.set(Object.assign({}, ...on.map((name) => FAULTS[name])));
      for (const name of on) if (!before[name] && ENDS[name]) proxy.cut({ kind: ENDS[name] });
    },
    /**
     * WebSockets that are open now are dead from now on, and no browser is told. New ones work, and so do HTTP requests:
     * browsers themselves drop idle connections when they wake up.
     */
    strand() {
      proxy.cut({ side: "server", kind: "websocket" });
    },
    close: () => proxy.close(),
  };
}

async function openProxy(target, port, host) {
  try {
    return await createFaultProxy({ target, port, host });
  } catch {
    return createFaultProxy({ target, host });
  }
}
