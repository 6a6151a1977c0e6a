/**
 * A TCP proxy that misbehaves on demand, to be put in front of a real server.
 *
 *     const proxy = await createFaultProxy({ target: server.port });
 *     proxy.set({ latency: 50 });              // each way
 *     proxy.set({ refuseUpgrade: 403 });       // from the next upgrade on
 *     proxy.set({ kill: { on: "websocket", direction: "up", afterFrames: 1, nth: 1 } });
 *     proxy.cut();                             // everything that is open, now
 *     await proxy.close();
 *
 * How to extend it:
 * - A new fault is a name in `NO_FAULTS` with its description in fault-proxy.d.mts, and one test in
 *   test/unit/support/fault-proxy.test.ts.
 * - Faults that concern a request are decided in `Connection.#onHead`, those that end a connection at a byte or a
 *   frame in fault-kill.mjs, and those that concern time in `Connection.#conditions`.
 * - Bytes go through a DelayLine for each direction; whatever the proxy answers by itself goes through them too, so
 *   that latency and stalls hold for it.
 *
 * It understands heads of HTTP/1.1 requests that follow one another on a connection, but no pipelining.
 */
import net from "node:net";
import { DelayLine } from "./delay-line.mjs";
import { allowance } from "./fault-kill.mjs";
import { FrameCounter } from "./frame-counter.mjs";
import { RequestSplitter, UpgradeResponse, withoutUpgrade } from "./http-heads.mjs";

export const NO_FAULTS = Object.freeze({
  refuseConnections: false,
  refuseUpgrade: 0,
  hangUpgrade: false,
  stripUpgrade: false,
  unknownSession: false,
  latency: 0,
  connectLatency: false,
  bandwidth: 0,
  blackhole: false,
  kill: null,
});

const REASONS = {
  400: "Bad Request",
  403: "Forbidden",
  426: "Upgrade Required",
  502: "Bad Gateway",
};

/** What may wait in a line before its source is paused: less when the line is slow, so that the sender notices. */
const HIGH_WATER = 4 * 1024 * 1024;
const HIGH_WATER_THROTTLED = 16 * 1024;

const opposite = { up: "down", down: "up" };

function each(value, direction) {
  return typeof value === "object" ? (value[direction] ?? 0) : value;
}

class Connection {
  client;
  server;
  isWebSocket = false;
  /** Its number among the connections, or among the WebSockets once it is one; from 1 on. */
  id;
  nth;
  upgraded = false;
  delivered = { up: 0, down: 0 };
  deliveredRaw = { up: 0, down: 0 };
  frames = { up: new FrameCounter(), down: new FrameCounter() };

  #proxy;
  #lines;
  #requests = new RequestSplitter();
  #response = new UpgradeResponse();
  #firstTrip;
  #dead = false;

  constructor(proxy, client, id) {
    this.#proxy = proxy;
    this.client = client;
    this.id = id;
    this.nth = id;
    this.#firstTrip = proxy.trips.client + 1;
    this.server = net.connect({ ...proxy.target, allowHalfOpen: true });
    this.#lines = {
      up: new DelayLine(() => this.#conditions("up")),
      down: new DelayLine(() => this.#conditions("down")),
    };
    // What is written before the server accepted would be forgotten by a kill, though it counts as passed.
    this.#lines.up.block();
    this.server.once("connect", () => this.#lines.up.unblock());
    if (proxy.faults.connectLatency) {
      const { latency } = proxy.faults;
      const trip = each(latency, "up") + each(latency, "down");
      this.#lines.up.notBefore(performance.now() + trip + each(latency, "up"));
    }
    this.#join("up", client, this.server);
    this.#join("down", this.server, client);
  }

  run() {
    this.#lines.up.run();
    this.#lines.down.run();
  }

  /** Ends it at once, whatever is under way in it. */
  end(how = "rst", side = "both") {
    this.#dead = true;
    this.#lines.up.close();
    this.#lines.down.close();
    for (const socket of side === "both" ? [this.client, this.server] : [this[side]]) {
      if (how === "rst") socket.resetAndDestroy();
      else socket.destroySoon();
    }
  }

  #conditions(direction) {
    const { latency, bandwidth, blackhole } = this.#proxy.faults;
    return {
      latency: each(latency, direction),
      bandwidth: each(bandwidth, direction),
      stalled: blackhole === "both" || blackhole === direction,
    };
  }

  #join(direction, source, sink) {
    source.setNoDelay(true);
    source.on("data", (chunk) => {
      if (this.#dead) return;
      if (direction === "up") this.#readUp(chunk);
      else this.#readDown(chunk);
      this.#holdBack(direction, source);
    });
    source.on("end", () => {
      if (this.#dead) source.destroySoon();
      else this.#lines[direction].push(0, () => sink.end());
    });
    source.on("error", () => this.#lines[direction].push(0, () => sink.resetAndDestroy()));
    source.on("close", () => {
      this.#lines[opposite[direction]].close();
      this.#lines[direction].push(0, () => sink.destroySoon());
      if (sink.closed) this.#proxy.connections.delete(this);
    });
    sink.on("drain", () => this.#lines[direction].unblock());
  }

  #holdBack(direction, source) {
    const limit = this.#conditions(direction).bandwidth > 0 ? HIGH_WATER_THROTTLED : HIGH_WATER;
    if (this.#lines[direction].queued > limit) source.pause();
  }

  #readUp(chunk) {
    for (const part of this.#requests.split(chunk)) {
      if (part.kind !== "head") this.#forward("up", part.kind, part.data);
      else this.#onHead(part.data, part.request);
      if (this.#dead) return;
    }
  }

  #readDown(chunk) {
    if (!this.isWebSocket || this.upgraded) {
      return this.#forward("down", this.upgraded ? "raw" : "response", chunk);
    }
    const response = this.#response.read(chunk);
    if (response === undefined) return;
    if (response.status === 101) {
      this.upgraded = true;
      this.#proxy.counts.webSockets++;
    } else this.isWebSocket = false;
    this.#forward("down", "response", response.head);
    if (response.tail.length > 0) {
      this.#forward("down", this.upgraded ? "raw" : "response", response.tail);
    }
  }

  #onHead(data, request) {
    const { faults, counts, hooks } = this.#proxy;
    counts.requests++;
    if (request.method === "GET") counts.gets++;
    if (request.method === "POST") counts.posts++;
    hooks.onRequest?.(this.id, request);
    if (!request.upgrade) {
      if (faults.unknownSession && request.sid !== null && request.transport === "polling") {
        const body = '{"code":1,"message":"Session ID unknown"}';
        return this.#answer(request, data, 400, body, "application/json");
      }
      return this.#forward("up", "head", data);
    }
    this.nth = ++counts.upgrades;
    if (faults.stripUpgrade) return this.#forward("up", "head", withoutUpgrade(data));
    this.isWebSocket = true;
    this.#requests.enterRaw();
    if (faults.refuseUpgrade)
      return this.#answer(request, data, faults.refuseUpgrade, "", "text/plain");
    if (faults.hangUpgrade === true || faults.hangUpgrade === this.nth) return undefined;
    return this.#forward("up", "head", data);
  }

  /** The proxy's own answer takes as long as the server's would. */
  #answer(request, head, status, body, type) {
    const origin = request.headers.origin;
    const lines = [
      `HTTP/1.1 ${status} ${REASONS[status] ?? "Fault"}`,
      `Content-Type: ${type}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      "Connection: close",
      ...(origin === undefined
        ? []
        : [`Access-Control-Allow-Origin: ${origin}`, "Access-Control-Allow-Credentials: true"]),
    ];
    const response = Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`);
    this.isWebSocket = false;
    this.#lines.up.push(head.length, () => {
      this.#forward("down", "response", response);
      this.#lines.down.push(0, () => this.client.end());
    });
  }

  #forward(direction, kind, data) {
    const { hooks, counts, trips } = this.#proxy;
    hooks.onChunk?.(direction, this.id, kind, data);
    if (this.#dead) return;
    const trip =
      direction === "up" ? Math.max(trips.client, this.#firstTrip) : Math.max(trips.server, 0) + 1;
    this.#lines[direction].push(data.length, () => {
      const { pass, kill } = allowance(this.#proxy.faults.kill, this, direction, kind, data);
      const passing = data.subarray(0, pass);
      const [source, sink] =
        direction === "up" ? [this.client, this.server] : [this.server, this.client];
      if (passing.length > 0) {
        counts[direction === "up" ? "bytesUp" : "bytesDown"] += passing.length;
        this.delivered[direction] += passing.length;
        if (kind === "raw") this.deliveredRaw[direction] += passing.length;
        const side = direction === "up" ? "server" : "client";
        trips[side] = Math.max(trips[side], trip);
        if (!sink.write(passing)) this.#lines[direction].block();
      }
      if (kill) {
        counts.kills++;
        this.end(this.#proxy.faults.kill.how, this.#proxy.faults.kill.side);
        hooks.onKill?.(this.id);
      } else if (source.isPaused() && this.#lines[direction].queued <= HIGH_WATER_THROTTLED / 2) {
        source.resume();
      }
    });
  }
}

/** See fault-proxy.d.mts for the types and what each fault means. */
export async function createFaultProxy({
  target,
  faults = {},
  hooks = {},
  port = 0,
  host = "127.0.0.1",
}) {
  const state = {
    target: typeof target === "number" ? { host: "127.0.0.1", port: target } : target,
    faults: { ...NO_FAULTS, ...faults },
    hooks: { ...hooks },
    counts: {
      connections: 0,
      requests: 0,
      gets: 0,
      posts: 0,
      upgrades: 0,
      webSockets: 0,
      bytesUp: 0,
      bytesDown: 0,
      kills: 0,
    },
    connections: new Set(),
    // How many round trips lie behind what each side has seen (Lamport's clock; an answer is one more).
    trips: { client: 0, server: 0 },
  };
  const server = net.createServer({ allowHalfOpen: true }, (client) => {
    if (state.faults.refuseConnections) return client.resetAndDestroy();
    state.connections.add(new Connection(state, client, ++state.counts.connections));
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return {
    port: address.port,
    url: `http://${host}:${address.port}`,
    hooks: state.hooks,
    counts: state.counts,
    get faults() {
      return { ...state.faults };
    },
    get open() {
      return [...state.connections].filter(({ client }) => !client.destroyed).length;
    },
    get roundTrips() {
      return state.trips.client;
    },
    set(changes) {
      Object.assign(state.faults, changes);
      for (const connection of [...state.connections]) connection.run();
    },
    heal() {
      this.set(NO_FAULTS);
    },
    cut({ how = "rst", side = "both", kind = "any" } = {}) {
      const hit = [...state.connections].filter(
        ({ isWebSocket }) => kind === "any" || isWebSocket === (kind === "websocket"),
      );
      for (const connection of hit) connection.end(how, side);
      return hit.length;
    },
    close() {
      for (const connection of [...state.connections]) connection.end("rst");
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
