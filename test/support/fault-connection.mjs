import net from "node:net";
import { DelayLine } from "./delay-line.mjs";
import { allowance } from "./fault-kill.mjs";
import { FrameCounter } from "./frame-counter.mjs";
import { RequestSplitter, UpgradeResponse, withoutUpgrade } from "./http-heads.mjs";

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

/** A client's connection and its other half to the server, with the faults of the proxy between them. */
export class FaultyConnection {
  client;
  server;
  isWebSocket = false;
  /** Its number among the connections, or among the WebSockets once it is one; from 1 on. */
  id;
  nth;
  upgraded = false;
  /** The answer to the upgrade has reached the client: from now on it is a WebSocket to both. */
  open = false;
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
    const { latency, detour, bandwidth, blackhole } = this.#proxy.faults;
    const more = detour[this.isWebSocket ? "webSocket" : "http"] ?? 0;
    return {
      latency: each(latency, direction) + each(more, direction),
      bandwidth: each(bandwidth, direction),
      stalled: this.#isStalled(blackhole, direction),
    };
  }

  #isStalled(blackhole, direction) {
    if (blackhole === false) return false;
    if (typeof blackhole === "object") {
      return this.open && this.#isStalled(blackhole.webSocket, direction);
    }
    return blackhole === "both" || blackhole === direction;
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
        if (kind === "response" && this.upgraded) this.open = true;
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
