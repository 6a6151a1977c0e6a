/*
 * The page of durable-site.mjs. `live` is what tests and benchmarks call; see there.
 */
import { io } from "tautline";
import { atLeastOnce, exactlyOnce } from "tautline/delivery";
import { indexedDb } from "tautline/durable";

const deliveries = { none: () => undefined, atLeastOnce, exactlyOnce };

class Live {
  errors = [];
  written = 0;

  /** @param options `{ delivery, identity, durability, io }` */
  connect({ delivery = "exactlyOnce", identity = "user", durability, io: more = {} } = {}) {
    const policy = deliveries[delivery]();
    this.socket = io(location.origin, {
      transports: ["websocket"],
      reconnectionDelay: 20,
      reconnectionDelayMax: 100,
      // a machine that stalls is no store that does not answer
      outbox: indexedDb({
        name: "rig",
        identity,
        durability,
        maxPackets: 1_000_000,
        storeTimeout: 60_000,
      }),
      ...(policy && { delivery: policy }),
      ...more,
    });
    return this.socket;
  }

  /** Tells the site what happens, over a connection that has nothing to do with Tautline. */
  async openReports() {
    this.reports = new WebSocket(`${location.origin.replace("http", "ws")}/report`);
    await new Promise((resolve) => (this.reports.onopen = resolve));
  }

  report(...what) {
    this.reports?.send(JSON.stringify(what));
  }

  /** Stores first, first + 1, ... for as long as the page lives, `width` at a time, and reports each once it is stored. */
  write(first, width) {
    let next = first;
    const one = async () => {
      const n = next++;
      await this.socket.durable.emit("number", n, ...(n % 8 ? [] : [Uint8Array.of(n, 1, 255)]));
      this.written++;
      this.report("stored", n);
    };
    const lane = async () => {
      for (;;) await one();
    };
    for (let n = 0; n < width; n++) lane().catch((error) => this.report("failed", String(error)));
  }

  /** Stores so many at once. */
  async fill(first, count) {
    const emits = Array.from({ length: count }, (_, n) =>
      this.socket.durable.emit("number", first + n),
    );
    await Promise.all(emits);
  }

  /** As {@link timeStored}, of the host's IndexedDB alone: what no code over it can be faster than. */
  async timeRaw(count) {
    const request = indexedDB.open("raw", 1);
    const opened = new Promise((resolve) => (request.onsuccess = resolve));
    request.onupgradeneeded = () => {
      request.result.createObjectStore("packets", { keyPath: "id", autoIncrement: true });
    };
    await opened;
    const times = [];
    for (let number = 0; number < count; number++) {
      const start = performance.now();
      await new Promise((resolve) => {
        const transaction = request.result.transaction("packets", "readwrite", {
          durability: "relaxed",
        });
        transaction.oncomplete = resolve;
        const data = `2["number",${number}]`;
        transaction.objectStore("packets").add({ data, stream: "raw", number, at: 1, tries: 0 });
      });
      times.push(performance.now() - start);
    }
    request.result.close();
    return times;
  }

  /** How long each of so many takes to be stored, one after the other: milliseconds. */
  async timeStored(first, count) {
    const times = [];
    for (let n = first; n < first + count; n++) {
      const start = performance.now();
      await this.socket.durable.emit("number", n);
      times.push(performance.now() - start);
    }
    return times;
  }
}

globalThis.live = new Live();
// a browser that cannot read its own database any more begins a new one
const open = IDBFactory.prototype.open;
IDBFactory.prototype.open = function (...args) {
  const request = open.apply(this, args);
  request.addEventListener("upgradeneeded", ({ oldVersion, dataLoss, dataLossMessage }) => {
    live.fresh = [oldVersion, dataLoss, dataLossMessage];
    live.report?.("fresh", live.fresh);
  });
  return request;
};
for (const type of ["error", "unhandledrejection"])
  addEventListener(type, (event) => live.errors.push(String(event.message ?? event.reason)));
