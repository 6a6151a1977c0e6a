import { ABNORMAL_CLOSURE, NO_STATUS, NORMAL_CLOSURE } from "../protocol/close-codes.js";
import { utf8Length } from "../protocol/engine-payload.js";
import type { AcceptedSocket, Wiring } from "./endpoint.js";
import { hostError, HostTarget, withProperties } from "./host-events.js";
import type { Line } from "./lines.js";
import type { Frame } from "./packets.js";

const STATES = ["CONNECTING", "OPEN", "CLOSING", "CLOSED"];
const TOKEN = /^[!#$%&'*+\-.^_`|~\w]+$/;
const MAX_REASON = 123;

/** The WebSocket class of a host over the network. Messages sent before `close()` still arrive. */
export function webSocketClass(wiring: Wiring): typeof WebSocket {
  class WebSocket extends HostSocket {
    constructor(url: string | URL, protocols: string | string[] = []) {
      super(wiring, url, protocols);
    }
  }
  for (const [value, name] of STATES.entries())
    for (const owner of [WebSocket, WebSocket.prototype])
      Object.defineProperty(owner, name, { value, enumerable: true });
  return WebSocket as never;
}

class HostSocket extends HostTarget {
  private _url = "";
  private _protocol = "";
  private _readyState = 0;
  private _binaryType: BinaryType = "blob";
  private readonly _wiring: Wiring;
  private _line: Line | undefined;
  private _accepted: AcceptedSocket | undefined;
  /** Bytes that were sent after the end, or wait behind a Blob. */
  private _unsent = 0;
  /** Blobs are read first; later messages wait. */
  private _reading: Promise<void> | undefined;

  constructor(wiring: Wiring, url: string | URL, given: string | string[]) {
    super(["open", "message", "error", "close"]);
    this._wiring = wiring;
    this._url = checkedUrl(url);
    const protocols = Array.isArray(given) ? [...given].map(String) : [String(given)];
    if (protocols.some((one) => !TOKEN.test(one)) || new Set(protocols).size < protocols.length)
      throw hostError("SyntaxError", `The subprotocols '${protocols.join()}' are invalid.`);
    const fail = (): void => {
      if (this.readyState === 0) this._failed();
    };
    wiring.network.connect("websocket", (line) => this._opened(line, protocols, fail), fail);
  }

  get url(): string {
    return this._url;
  }

  get protocol(): string {
    return this._protocol;
  }

  get extensions(): string {
    return "";
  }

  get readyState(): number {
    return this._readyState;
  }

  get binaryType(): BinaryType {
    return this._binaryType;
  }

  set binaryType(type: BinaryType) {
    if (type === "blob" || type === "arraybuffer") this._binaryType = type;
  }

  get [Symbol.toStringTag](): string {
    return "WebSocket";
  }

  get bufferedAmount(): number {
    return (this._line?.up.bytes ?? 0) + this._unsent;
  }

  send(data: string | ArrayBuffer | ArrayBufferView | Blob): void {
    if (this.readyState === 0)
      throw hostError("InvalidStateError", "Failed to execute 'send': still in CONNECTING state.");
    const isBlob = typeof Blob === "function" && data instanceof Blob;
    if (this.readyState > 1) {
      this._unsent += isBlob ? data.size : sizeOf(frameOf(data as never));
      return;
    }
    if (!isBlob && !this._reading) return this._send(frameOf(data as never));
    const frame = isBlob ? undefined : frameOf(data as never);
    const size = isBlob ? data.size : sizeOf(frame as Frame);
    this._unsent += size;
    const mine = Promise.all([
      isBlob ? data.arrayBuffer().then((buffer) => new Uint8Array(buffer)) : frame,
      this._reading,
    ]).then(([read]) => {
      this._unsent -= size;
      if (this._reading === mine) this._reading = undefined;
      this._send(read as Frame);
    });
    this._reading = mine;
  }

  close(code?: number, reason = ""): void {
    if (code !== undefined && code !== NORMAL_CLOSURE && !(code >= 3000 && code <= 4999))
      throw hostError(
        "InvalidAccessError",
        `The close code must be 1000 or 3000 to 4999, not ${code}.`,
      );
    if (utf8Length(reason) > MAX_REASON)
      throw hostError("SyntaxError", "The close reason must not be greater than 123 bytes.");
    if (this.readyState > 1) return;
    const wasOpen = this.readyState === 1;
    this._readyState = 2;
    const { network } = this._wiring;
    const isHeard = !!this._line && network.lines.has(this._line);
    this._line?.close("client", code, reason);
    this._line = undefined;
    // the other side's close frame takes a round trip; do not wait for ever for one that never arrives
    const wait = wasOpen && isHeard ? network.latency * 2 : 0;
    network.world.tellAfter(wait, () => {
      if (!wasOpen) this._failed();
      else if (isHeard) this._ended(code ?? NO_STATUS, reason);
      else this._ended(ABNORMAL_CLOSURE, "");
    });
  }

  private _send(frame: Frame): void {
    if (this.readyState === 1) this._line?.up.send(this._accepted?.wrap(frame), sizeOf(frame));
  }

  private _opened(line: Line, protocols: readonly string[], fail: () => void): void {
    if (this.readyState !== 0) return line.close("client");
    line.client = {
      frame: (frame) => this._message(frame as Frame),
      closed: (code, reason = "") => {
        line.close("client");
        this._line = undefined;
        // without a code, the connection was lost without a close frame
        this._ended(code ?? ABNORMAL_CLOSURE, reason);
      },
    };
    const accepted = this._wiring.find(this.url)?.openWebSocket(line, this.url, protocols);
    if (!accepted) {
      line.client = { frame() {}, closed() {} };
      line.close("client");
      return fail();
    }
    this._accepted = accepted;
    this._line = line;
    this._protocol = accepted.protocol;
    this._readyState = 1;
    this.fire("open");
  }

  private _message(frame: Frame): void {
    if (this.readyState !== 1) return;
    this._accepted?.arrived(frame);
    const data =
      typeof frame === "string"
        ? frame
        : this.binaryType === "blob"
          ? new Blob([frame as Uint8Array<ArrayBuffer>])
          : frame.slice().buffer;
    const origin = this.url.replace(/^(wss?:\/\/[^/?#]*).*$/s, "$1");
    this.dispatchEvent(new MessageEvent("message", { data, origin }));
  }

  /** The connection could not be made. */
  private _failed(): void {
    this._readyState = 3;
    this.fire("error");
    // in a separate task
    this._wiring.network.world.tellAfter(0, () => this._ended(ABNORMAL_CLOSURE, ""));
  }

  private _ended(code: number, reason: string): void {
    this._readyState = 3;
    this.dispatchEvent(closeEvent(code, reason, code !== ABNORMAL_CLOSURE));
  }
}

function closeEvent(code: number, reason: string, wasClean: boolean): Event {
  const details = { code, reason, wasClean };
  // Node has no such class before version 23
  if (typeof CloseEvent === "function") return new CloseEvent("close", details);
  return withProperties(new Event("close"), details);
}

function checkedUrl(url: string | URL): string {
  let parsed: URL;
  try {
    parsed = new URL(String(url), (globalThis as { location?: { href: string } }).location?.href);
  } catch {
    throw hostError("SyntaxError", `The URL '${String(url)}' is invalid.`);
  }
  if (parsed.protocol === "http:") parsed.protocol = "ws:";
  if (parsed.protocol === "https:") parsed.protocol = "wss:";
  if (!/^wss?:$/.test(parsed.protocol))
    throw hostError(
      "SyntaxError",
      `The URL's scheme must be either 'ws' or 'wss', not '${parsed.protocol}'.`,
    );
  if (parsed.href.includes("#"))
    throw hostError("SyntaxError", "The URL contains a fragment identifier.");
  return parsed.href;
}

function frameOf(data: string | ArrayBuffer | ArrayBufferView): Frame {
  if (data instanceof ArrayBuffer) return new Uint8Array(data.slice(0));
  if (ArrayBuffer.isView(data))
    return new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength).slice();
  // a lone surrogate cannot be sent
  return String(data).replace(/[\ud800-\udfff]/gu, "\ufffd");
}

/** Bytes on the wire: text is UTF-8. */
function sizeOf(frame: Frame): number {
  return typeof frame === "string" ? utf8Length(frame) : frame.length;
}
