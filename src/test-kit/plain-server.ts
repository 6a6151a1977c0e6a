import { check, checkNames } from "./checks.js";
import { nodeBuffer } from "../platform/browser.js";
import { ABNORMAL_CLOSURE, NO_STATUS, NORMAL_CLOSURE } from "../protocol/close-codes.js";
import { utf8Length } from "../protocol/engine-payload.js";
import { EventEmitter } from "./app-emitter.js";
import type { AcceptedSocket, Endpoint, HttpExchange } from "./endpoint.js";
import { nextTick } from "./event-loop.js";
import type { Line } from "./lines.js";
import type { Frame } from "./packets.js";

const MAX_REASON = 123;
/** Bytes, as ws says it: a control frame carries no more. */
const MAX_PING = 125;
/** Milliseconds to wait for the close frame, as in ws. */
const CLOSE_TIMEOUT = 30_000;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;
const NAMES = ["CONNECTING", "OPEN", "CLOSING", "CLOSED"];

type Sent = (error?: Error) => void;

/** The request of a WebSocket, as far as the network knows it. */
export interface PlainRequest {
  readonly method: "GET";
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** One client of a {@link PlainServer}, with the interface of `ws`. Emits "message" (data, isBinary), "pong" and "close" (code, reason). */
export class PlainSocket extends EventEmitter {
  readonly CONNECTING = 0;
  readonly OPEN = OPEN;
  readonly CLOSING = CLOSING;
  readonly CLOSED = CLOSED;
  readyState: 1 | 2 | 3 = OPEN;

  constructor(
    private readonly _line: Line,
    readonly url: string,
    readonly protocol: string,
  ) {
    super();
    _line.server = {
      frame: (frame) => this._message(frame as Frame),
      // a side that closes gives a reason, which may be empty; a lost connection gives none
      closed: (code, reason) => {
        this._ended(code ?? (reason === undefined ? ABNORMAL_CLOSURE : NO_STATUS), reason ?? "");
      },
    };
  }

  /** Bytes that have not arrived yet. */
  get bufferedAmount(): number {
    return this._line.down.bytes;
  }

  /**
   * Accepts what `ws` accepts: text, numbers, bytes of all kinds.
   *
   * @throws TypeError for anything else
   */
  send(data: unknown, options?: { binary?: boolean } | Sent, sent?: Sent): void {
    const done = typeof options === "function" ? options : sent;
    const { binary } = typeof options === "object" ? options : {};
    const frame = asFrame(data, binary);
    if (this.readyState === OPEN) {
      this._line.down.send(frame, typeof frame === "string" ? utf8Length(frame) : frame.length);
      if (done) nextTick(() => done());
    } else if (done)
      nextTick(() =>
        done(
          new Error(
            `WebSocket is not open: readyState ${this.readyState} (${NAMES[this.readyState]})`,
          ),
        ),
      );
  }

  /** The client answers with a "pong", if its connection is still open. */
  ping(data: unknown = ""): void {
    const { network } = this._line;
    const { world, stalledUntil, latency } = network;
    const frame = asFrame(data, true);
    if ((typeof frame === "string" ? utf8Length(frame) : frame.length) > MAX_PING)
      throw new RangeError("The data size must not be greater than 125 bytes");
    if (this.readyState !== OPEN) return;
    const there = Math.max(world.now + latency, stalledUntil.down);
    const back = Math.max(there + latency, stalledUntil.up);
    world.after(back - world.now, () => {
      if (this.readyState === OPEN && network.lines.has(this._line))
        this.emit("pong", shown(frame));
    });
  }

  /** No page can notice it, because pages have no event for it. */
  pong(): void {}

  /** @throws TypeError, RangeError */
  close(code?: number, reason = ""): void {
    if (code !== undefined && !isValidCode(code))
      throw new TypeError("First argument must be a valid error code number");
    const said = code === undefined ? "" : String(reason);
    if (utf8Length(said) > MAX_REASON)
      throw new RangeError("The message must not be greater than 123 bytes");
    if (this.readyState !== OPEN) return;
    this.readyState = CLOSING;
    const { network } = this._line;
    const isHeard = network.lines.has(this._line);
    const status = code === undefined ? NO_STATUS : Math.trunc(code);
    this._line.close("server", status, said);
    // the client's close frame takes a round trip; do not wait for ever for one that never arrives
    network.world.after(isHeard ? network.latency * 2 : CLOSE_TIMEOUT, () =>
      isHeard ? this._ended(status, said) : this._ended(ABNORMAL_CLOSURE, ""),
    );
  }

  /** Without a close frame. */
  terminate(): void {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSING;
    this._line.cut({ keep: "none", client: 0, server: -1 });
    nextTick(() => this._ended(ABNORMAL_CLOSURE, ""));
  }

  private _message(frame: Frame): void {
    this.emit("message", shown(frame), typeof frame !== "string");
  }

  private _ended(code: number, reason: string): void {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    this.emit("close", code, reason);
  }
}

/** Options of a {@link PlainServer}. */
export interface PlainServerOptions {
  /**
   * Subprotocols that it supports: the first one that the client offers is chosen. @default the first that a client
   * offers
   */
  protocols?: readonly string[];
  /** Which clients it accepts. @default all */
  verify?: (url: string, protocols: readonly string[]) => boolean;
}

/** A plain WebSocket server with the interface of `ws`. Emits "connection" (socket, request) and "close". */
export class PlainServer extends EventEmitter implements Endpoint {
  readonly clients = new Set<PlainSocket>();
  isClosed = false;
  /** "close" was emitted. */
  private _isOver = false;

  constructor(
    readonly url: string,
    private readonly _options: PlainServerOptions = {},
  ) {
    super();
    checkNames(_options, ["protocols", "verify"], "a WebSocket server in memory");
    const { protocols, verify } = _options;
    check("protocols", protocols, protocols === undefined || Array.isArray(protocols));
    check("verify", verify, verify === undefined || typeof verify === "function");
  }

  openWebSocket(line: Line, url: string, offered: readonly string[]): AcceptedSocket | undefined {
    const { protocols, verify } = this._options;
    if (verify && !verify(url, offered)) return undefined;
    const protocol = offered.find((one) => !protocols || protocols.includes(one)) ?? "";
    // a client fails when none of its subprotocols is chosen
    if (offered.length && !protocol) return undefined;
    const socket = new PlainSocket(line, url, protocol);
    this.clients.add(socket);
    socket.on("close", () => {
      this.clients.delete(socket);
      this._empty();
    });
    this.emit("connection", socket, requestOf(url, offered));
    return { protocol, wrap: (frame) => frame, arrived() {} };
  }

  /** Accepts no more clients. Open ones stay; when the last one has left, "close" is emitted. */
  close(closed?: Sent): void {
    const isOver = this._isOver;
    if (closed)
      this.once("close", () => closed(isOver ? new Error("The server is not running") : undefined));
    // ws reports it again to a further call
    if (!this.isClosed || isOver) nextTick(() => this._empty());
    this.isClosed = true;
  }

  /** Answers HTTP with "Upgrade Required", as ws does. */
  exchange(): HttpExchange {
    return {
      begin(line, answered) {
        const { client } = line;
        line.client = {
          ...client,
          frame: () => answered({ status: 426, body: "Upgrade Required" }),
        };
        line.down.send("");
      },
      end: (read) => read?.(),
    };
  }

  private _empty(): void {
    if (!this.isClosed || this.clients.size) return;
    this._isOver = true;
    this.emit("close");
  }
}

function requestOf(url: string, offered: readonly string[]): PlainRequest {
  const { host, pathname, search } = new URL(url);
  const headers: Record<string, string> = { host };
  if (offered.length) headers["sec-websocket-protocol"] = offered.join(",");
  return { method: "GET", url: pathname + search, headers };
}

/** In Node, handlers get Buffers. */
function shown(frame: Frame): unknown {
  return typeof frame === "string" ? frame : nodeBuffer(new Uint8Array(frame).buffer);
}

function isValidCode(code: unknown): boolean {
  if (typeof code !== "number") return false;
  const isStandard =
    code >= NORMAL_CLOSURE && code <= 1014 && ![1004, NO_STATUS, ABNORMAL_CLOSURE].includes(code);
  return isStandard || (code >= 3000 && code <= 4999);
}

/** Copies the bytes: a view may be part of Node's pool, and the app may change it. */
function asFrame(data: unknown, isBinary: boolean | undefined): Frame {
  const given = typeof data === "number" ? String(data) : (data ?? new Uint8Array());
  if (typeof given === "string") return isBinary ? new TextEncoder().encode(given) : given;
  const bytes = bytesOf(given);
  return isBinary === false ? new TextDecoder().decode(bytes) : bytes;
}

function bytesOf(data: unknown): Uint8Array {
  if (data instanceof ArrayBuffer) return new Uint8Array(data.slice(0));
  if (ArrayBuffer.isView(data))
    return new Uint8Array(
      new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength),
    );
  if (Array.isArray(data)) return new Uint8Array(data as number[]);
  throw new TypeError("What is sent must be text or bytes");
}
