import { afterYield, host, monotonicNow } from "../platform/browser.js";
import type { Cancel } from "../platform/platform.js";
import type { EngineFrame } from "../protocol/engine-packet.js";
import { EnginePacketType } from "../protocol/engine-packet.js";
import { encodeFrame, SEPARATOR } from "../protocol/engine-payload.js";
import { type Carrier, fetchCarrier, type HttpResult, xhrCarrier } from "./http-request.js";
import {
  deaf,
  endpointUrl,
  type Transport,
  type TransportOptions,
  type TransportSink,
} from "./transport.js";

/** A payload is handed over in slices of about this many milliseconds, so that the page stays alive. */
const SLICE = 12;
/** The clock is looked at once in so many packets. */
const CLOCK_EVERY = 16;
/** Requests of a closed transport are aborted after this many milliseconds. */
const FAREWELL = 5000;

/** HTTP long-polling: one GET always waits for packets, and at most one POST carries some. */
export class Polling implements Transport {
  readonly name = "polling";
  readonly streams = false;
  readonly query: Record<string, unknown>;
  sink: TransportSink = deaf;
  askedAt = 0;
  roundTrip = 0;
  private readonly _options: TransportOptions;
  private readonly _carrier: Carrier;
  private _state: "opening" | "open" | "closing" | "closed" = "closed";
  private _get: Cancel | undefined;
  private _post: Cancel | undefined;
  private _retired: (() => void) | undefined;
  private _inFlight = 0;
  private _deadline: Cancel | undefined;
  /** The server has closed the session: it would refuse every further request. */
  private _isOver = false;

  constructor(
    options: TransportOptions,
    carrier: Carrier = host.XMLHttpRequest ? xhrCarrier : fetchCarrier,
  ) {
    this._options = options;
    this._carrier = carrier;
    this.query = options.query;
    if (options.forceBase64 && !this.query.sid) this.query.b64 = 1;
  }

  get carrier(): string {
    return this._carrier.reading;
  }

  get writable(): boolean {
    return this._state === "open" && !this._post;
  }

  get bufferedAmount(): number {
    return this._inFlight;
  }

  open(): void {
    this._state = "opening";
    this._poll();
  }

  send(frame: EngineFrame): boolean {
    if (!this.writable) return false;
    this.write([frame]);
    return true;
  }

  write(frames: EngineFrame[]): void {
    const body = frames.map(encodeFrame).join(SEPARATOR);
    const sentAt = monotonicNow();
    this._inFlight = body.length;
    this._post = this._exchange(body, (result) => {
      this._post = undefined;
      this._inFlight = 0;
      this.roundTrip = Math.min(this.roundTrip, monotonicNow() - sentAt);
      if (this._state === "closing") this._sayGoodbye();
      else if (result.status !== 200) this._fail(this._carrier.writing, result);
      else this.sink.drained();
    });
  }

  retire(done: () => void): Cancel | undefined {
    this._retired = done;
    if (!this._get) done();
    return () => {
      this._retired = undefined;
      if (!this._get && this._state === "open") this._poll();
    };
  }

  close(isSilent = this._isOver): void {
    this.sink = deaf;
    const before = this._state;
    if (isSilent) return this._stop();
    if (before !== "open" && before !== "opening") return;
    this._state = "closing";
    this._deadline = this._options.timers.after(FAREWELL, () => this._stop());
    if (before === "open" && !this._post) this._sayGoodbye();
  }

  private _poll(): void {
    this._get = undefined;
    if (this._retired) return this._retired();
    if (this._isOver) return;
    this.askedAt = monotonicNow();
    this._get = this._exchange(undefined, (result) => {
      if (this._state === "closing") {
        // the race was lost during the handshake: the session that the server has made is closed
        if (this._post || this.query.sid) return;
        const sid = /"sid":"([^"\\]+)"/.exec(result.body)?.[1];
        if (!sid) return this._stop();
        this.query.sid = sid;
        this._sayGoodbye();
      }
      // the poll reached the server after the switch; everything goes over the other transport now
      else if (this._retired && result.status === 400) this._poll();
      else if (result.status !== 200) {
        // an XMLHttpRequest or Response that is aborted afterwards shows the app nothing any more
        this._get = undefined;
        this._fail(this._carrier.reading, result);
      } else {
        if (this._state === "opening") {
          this._state = "open";
          this.roundTrip = monotonicNow() - this.askedAt;
          this.sink.opened();
        }
        this._deliver(result.body.split(SEPARATOR), 0);
      }
    });
  }

  private _deliver(packets: string[], start: number): void {
    const deadline = Date.now() + SLICE;
    for (let i = start; i < packets.length;) {
      const packet = packets[i++] as string;
      this._isOver ||= packet === EnginePacketType.close;
      this.sink.text(packet);
      if (this._state !== "open") return;
      if (i % CLOCK_EVERY === 0 && i < packets.length && Date.now() >= deadline) {
        this._get = afterYield(this._options.timers, () => this._deliver(packets, i));
        return;
      }
    }
    this._poll();
  }

  private _sayGoodbye(): void {
    this._post = this._exchange(EnginePacketType.close, () => this._stop());
  }

  private _stop(): void {
    this._deadline?.();
    this._state = "closed";
    this.sink = deaf;
    this._get?.();
    this._post?.();
    this._get = this._post = this._retired = undefined;
    this._inFlight = 0;
  }

  private _fail(what: string, result: HttpResult): void {
    const { sink } = this;
    this._stop();
    const { status } = result;
    sink.closed({
      kind: "error",
      message: `${what} error`,
      ...result,
      description: status,
      status: status || undefined,
    });
  }

  private _exchange(body: string | undefined, done: (result: HttpResult) => void): Cancel {
    const options = this._options;
    if (this.query.sid) delete this.query.b64;
    const url = endpointUrl(options, "http", true);
    return this._carrier.send(url, body, options, done);
  }
}

/** Long-polling over XMLHttpRequest. */
export class XHR extends Polling {
  constructor(options: TransportOptions) {
    super(options, xhrCarrier);
  }
}

/** Long-polling over fetch. */
export class Fetch extends Polling {
  constructor(options: TransportOptions) {
    super(options, fetchCarrier);
  }
}
