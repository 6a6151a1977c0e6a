import { afterYield, host } from "../platform/browser.js";
import type { Cancel } from "../platform/platform.js";
import type { EngineFrame } from "../protocol/engine-packet.js";
import { EnginePacketType } from "../protocol/engine-packet.js";
import { encodeFrame, isBlob, SEPARATOR } from "../protocol/engine-payload.js";
import { type HttpResult, type HttpSend, sendFetch, sendXhr } from "./http-request.js";
import {
  deaf,
  endpointUrl,
  readBlob,
  type Transport,
  type TransportOptions,
  type TransportSink,
} from "./transport.js";

/** A payload is handed over in slices of about this many milliseconds, so that the page stays alive. */
const SLICE = 12;
/** The clock is looked at once in so many packets. */
const CLOCK_EVERY = 16;
/** Whatever a closed transport still has under way is given up after this many milliseconds. */
const FAREWELL = 5000;

/** HTTP long-polling: one GET always waits for packets, and at most one POST carries some. */
export class Polling implements Transport {
  readonly name = "polling";
  readonly streams = false;
  readonly query: Record<string, unknown>;
  sink: TransportSink = deaf;
  readonly #options: TransportOptions;
  readonly #request: HttpSend;
  #state: "opening" | "open" | "closing" | "closed" = "closed";
  #get: Cancel | undefined;
  #post: Cancel | undefined;
  #retired: (() => void) | undefined;
  #inFlight = 0;
  #deadline: Cancel | undefined;

  constructor(
    options: TransportOptions,
    request: HttpSend = host.XMLHttpRequest ? sendXhr : sendFetch,
  ) {
    this.#options = options;
    this.#request = request;
    this.query = options.query;
    if (options.forceBase64 && !this.query.sid) this.query.b64 = 1;
  }

  get writable(): boolean {
    return this.#state === "open" && !this.#post;
  }

  get bufferedAmount(): number {
    return this.#inFlight;
  }

  open(): void {
    this.#state = "opening";
    this.#poll();
  }

  send(frame: EngineFrame): boolean {
    if (!this.writable) return false;
    this.write([frame]);
    return true;
  }

  write(frames: EngineFrame[]): void {
    if (!frames.some(isBlob)) return this.#send(frames as Exclude<EngineFrame, Blob>[]);
    // taken at once, so that nothing else is written while Blobs are read
    const reading = (this.#post = () => {});
    Promise.all(frames.map((frame) => (isBlob(frame) ? readBlob(frame) : frame))).then(
      (read) => {
        if (this.#post === reading) this.#send(read);
      },
      (cause: unknown) => {
        if (this.#post === reading) this.#fail("xhr post error", { status: 0, body: "", cause });
      },
    );
  }

  retire(done: () => void): void {
    if (this.#get) this.#retired = done;
    else done();
  }

  close(): void {
    this.sink = deaf;
    const before = this.#state;
    if (before !== "open" && before !== "opening") return;
    this.#state = "closing";
    this.#deadline = this.#options.timers.after(FAREWELL, () => this.#stop());
    if (before === "open" && !this.#post) this.#sayGoodbye();
  }

  #send(frames: Exclude<EngineFrame, Blob>[]): void {
    const body = frames.map(encodeFrame).join(SEPARATOR);
    this.#inFlight = body.length;
    this.#post = this.#exchange(body, (result) => {
      this.#post = undefined;
      this.#inFlight = 0;
      if (this.#state === "closing") this.#sayGoodbye();
      else if (result.status !== 200) this.#fail("xhr post error", result);
      else this.sink.drained();
    });
  }

  #poll(): void {
    if (this.#retired) return this.#retired();
    this.#get = this.#exchange(undefined, (result) => {
      if (this.#state === "closing") {
        // lost the race while it was shaking hands: the session that it got is given back
        if (this.#post || this.query.sid) return;
        const sid = /"sid":"([^"\\]+)"/.exec(result.body)?.[1];
        if (!sid) return this.#stop();
        this.query.sid = sid;
        this.#sayGoodbye();
      }
      // it came when the server had already moved to the other transport, and took everything along
      else if (this.#retired && result.status === 400) this.#poll();
      else if (result.status !== 200) this.#fail("xhr poll error", result);
      else {
        if (this.#state === "opening") {
          this.#state = "open";
          this.sink.opened();
        }
        this.#deliver(result.body.split(SEPARATOR), 0);
      }
    });
  }

  #deliver(packets: string[], start: number): void {
    let deadline = 0;
    for (let i = start; i < packets.length;) {
      this.sink.text(packets[i++] as string);
      if (this.#state !== "open") return;
      if (i % CLOCK_EVERY || i === packets.length) continue;
      const now = Date.now();
      if (!deadline) deadline = now + SLICE;
      else if (now >= deadline) {
        this.#get = afterYield(this.#options.timers, () => this.#deliver(packets, i));
        return;
      }
    }
    this.#poll();
  }

  #sayGoodbye(): void {
    this.#post = this.#exchange(EnginePacketType.close, () => this.#stop());
  }

  #stop(): void {
    this.#deadline?.();
    this.#state = "closed";
    this.sink = deaf;
    this.#get?.();
    this.#post?.();
    this.#get = this.#post = this.#retired = undefined;
    this.#inFlight = 0;
  }

  #fail(message: string, result: HttpResult): void {
    const { sink } = this;
    this.#stop();
    const { status } = result;
    sink.closed({
      kind: "error",
      message,
      ...result,
      description: status,
      status: status || undefined,
    });
  }

  #exchange(body: string | undefined, done: (result: HttpResult) => void): Cancel {
    const options = this.#options;
    if (this.query.sid) delete this.query.b64;
    const url = endpointUrl(options, "http", true);
    return this.#request({ url, body, options }, done);
  }
}

/** Long-polling over XMLHttpRequest. */
export class XHR extends Polling {
  constructor(options: TransportOptions) {
    super(options, sendXhr);
  }
}

/** Long-polling over fetch. */
export class Fetch extends Polling {
  constructor(options: TransportOptions) {
    super(options, sendFetch);
  }
}
