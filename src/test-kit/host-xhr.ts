import type { HttpAnswer, HttpExchange, Wiring } from "./endpoint.js";
import { hostError, HostTarget } from "./host-events.js";
import type { Line } from "./lines.js";

const UNSENT = 0;
const OPENED = 1;
const HEADERS_RECEIVED = 2;
const DONE = 4;

/** The XMLHttpRequest class of a host over the network. An aborted request fires no events. */
export function xhrClass(wiring: Wiring): typeof XMLHttpRequest {
  return class XMLHttpRequest extends HostXhr {
    constructor() {
      super(wiring);
    }
  } as never;
}

class HostXhr extends HostTarget {
  static readonly UNSENT = UNSENT;
  static readonly OPENED = OPENED;
  static readonly HEADERS_RECEIVED = HEADERS_RECEIVED;
  static readonly LOADING = 3;
  static readonly DONE = DONE;
  readyState = UNSENT;
  status = 0;
  statusText = "";
  responseText = "";
  responseType = "";
  responseURL = "";
  withCredentials = false;
  timeout = 0;
  readonly upload = new EventTarget();
  private readonly _wiring: Wiring;
  private _url = "";
  private _headers: Readonly<Record<string, string>> = {};
  private _exchange: HttpExchange | undefined;
  private _line: Line | undefined;
  private _stopTimer: (() => void) | undefined;

  constructor(wiring: Wiring) {
    super([
      "readystatechange",
      "loadstart",
      "progress",
      "load",
      "error",
      "abort",
      "timeout",
      "loadend",
    ]);
    this._wiring = wiring;
  }

  get response(): string {
    return this.responseText;
  }

  open(_method: string, url: string | URL): void {
    this._url = String(url);
    this.readyState = OPENED;
    this.fire("readystatechange");
  }

  setRequestHeader(): void {
    if (this.readyState !== OPENED)
      throw hostError("InvalidStateError", "The object's state must be OPENED.");
  }

  getAllResponseHeaders(): string {
    return Object.entries(this._headers)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join("");
  }

  getResponseHeader(name: string): string | null {
    return this._headers[name.toLowerCase()] ?? null;
  }

  overrideMimeType(): void {}

  send(body?: string | null): void {
    if (this.readyState !== OPENED || this._exchange)
      throw hostError("InvalidStateError", "The object's state must be OPENED.");
    const { network } = this._wiring;
    const endpoint = this._wiring.find(this._url);
    const exchange = (this._exchange = endpoint?.exchange(this._url, body ?? undefined));
    const failed = (): void => this._end("error");
    if (this.timeout > 0)
      this._stopTimer = network.world.tellAfter(this.timeout, () => this._end("timeout"));
    network.connect(
      "http",
      (line) => {
        if (this.readyState !== OPENED) return line.close("client");
        this._line = line;
        line.client = { frame() {}, closed: failed };
        if (exchange) exchange.begin(line, (answer) => this._answered(answer));
        else failed();
      },
      failed,
    );
  }

  abort(): void {
    if (this.readyState === DONE) return;
    const wasSent = !!this._exchange;
    this.readyState = UNSENT;
    this._leave();
    this._exchange?.end();
    if (!wasSent) return;
    this.fire("abort");
    this.fire("loadend");
  }

  private _answered({ status, body, headers = {} }: HttpAnswer): void {
    // the answer of an aborted request is not read
    if (this.readyState !== OPENED) return;
    this.status = status;
    this.responseText = body;
    this.responseURL = this._url;
    this._headers = headers;
    this._end("load");
  }

  private _end(how: "load" | "error" | "timeout"): void {
    if (this.readyState !== OPENED) return;
    this._leave();
    this.readyState = DONE;
    const tell = (): void => {
      this.fire("readystatechange");
      this.fire(how);
      this.fire("loadend");
    };
    if (this._exchange) this._exchange.end(tell);
    else tell();
  }

  private _leave(): void {
    this._stopTimer?.();
    this._line?.close("client");
    this._line = undefined;
  }
}
