/*
 * The page of tabs-site.mjs. `live` is what tests and benchmarks call; see there.
 */
import { io } from "tautline";
import { atLeastOnce, exactlyOnce } from "tautline/delivery";
import { shared } from "tautline/shared";
import { Tally } from "./tally.mjs";

const deliveries = { none: () => undefined, atLeastOnce, exactlyOnce };

/** A hidden page's own timers are slow; those of a worker are not. */
function clock(milliseconds, tick) {
  const script = `setInterval(() => postMessage(0), ${milliseconds})`;
  const worker = new Worker(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
  worker.onmessage = tick;
  return () => worker.terminate();
}

class Live {
  errors = [];
  log = [];
  sent = 0;
  answered = 0;
  downs = new Tally();
  /** When the first answer came over each connection of the server's. */
  firstAnswers = {};
  #stop;

  /** @param options `{ mode: "direct" | "shared", key, delivery, io }` */
  connect({ mode, key = "user", delivery = "none", io: more = {} }) {
    const policy = deliveries[delivery]();
    return io(location.origin, {
      forceNew: true,
      transports: ["websocket"],
      ...(policy && { delivery: policy }),
      ...(mode === "shared" && { share: shared({ key }) }),
      ...more,
    });
  }

  /** @param options `life`, its name; `rate`, how many numbers it sends in a second; and those of `connect` */
  start({ life, rate = 0, ...options }) {
    this.life = life;
    const socket = (this.socket = this.connect(options));
    for (const name of ["connect", "disconnect", "connect_error"])
      socket.on(name, (...details) => this.note(name, socket.recovered, details.map(String)));
    socket.io.on("shared", ({ role, tabs }) => this.note(role, tabs));
    let isFirst = true;
    socket.on("down", (n) => {
      if (isFirst) this.downs.begin(n);
      isFirst = false;
      if (n > Math.max(this.downs.next, this.downs.last + 1)) this.note("hole", this.downs.last, n);
      this.downs.receive(n);
    });
    if (rate) this.#stop = clock(1000 / rate, () => this.emit());
  }

  emit() {
    const n = this.sent++;
    const extra = n % 16 === 0 ? [Uint8Array.of(n, n >> 8, 255)] : [];
    this.socket.emit("up", this.life, n, ...extra, (line) => {
      this.answered++;
      this.firstAnswers[line] ??= Date.now();
    });
  }

  stop() {
    this.#stop?.();
  }

  /** Round trips over the socket and over a connection of its own, one after the other: milliseconds. */
  async compare(rounds) {
    const sides = { shared: this.socket, direct: this.connect({ mode: "direct" }) };
    await new Promise((resolve) => sides.direct.once("connect", resolve));
    const times = { shared: [], direct: [] };
    const names = Object.keys(sides);
    for (let n = 0; n < 2 * rounds; n++) {
      // each goes first as often as the other
      const name = names[(n + (n >> 1)) % 2];
      const start = performance.now();
      await new Promise((resolve) => sides[name].emit("echo", { n, text: "0123456789" }, resolve));
      times[name].push(performance.now() - start);
    }
    sides.direct.disconnect();
    return times;
  }

  get role() {
    return this.socket.shared?.role ?? "alone";
  }

  get tabs() {
    return this.socket.shared?.tabs ?? 1;
  }

  summary() {
    const { life, sent, answered, role, tabs, errors } = this;
    const { doubled, disordered, last } = this.downs;
    const downs = { doubled, disordered, missing: this.downs.missing(), last };
    const { connected } = this.socket;
    const isVisible = document.visibilityState === "visible";
    return { life, sent, answered, role, tabs, isVisible, errors, downs, connected };
  }

  note(...entry) {
    this.log.push([Date.now(), ...entry]);
    if (this.log.length > 200) this.log.shift();
  }
}

globalThis.live = new Live();
for (const type of ["error", "unhandledrejection"])
  addEventListener(type, (event) => {
    const error = event.reason ?? event.error;
    live.errors.push(`${event.message} ${error} ${error?.stack}`);
  });
for (const type of ["freeze", "resume", "visibilitychange"])
  document.addEventListener(type, () => live.note(type, document.visibilityState));
