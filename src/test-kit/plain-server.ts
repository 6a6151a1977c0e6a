import { EventEmitter } from "./app-emitter.js";
import type { AcceptedSocket, Endpoint, HttpExchange } from "./endpoint.js";
import type { Line } from "./lines.js";
import type { Frame } from "./packets.js";

const NO_STATUS = 1005;
const ABNORMAL = 1006;

/** One client of a {@link PlainServer}, with the interface of `ws`. Emits "message" (data, isBinary) and "close" (code, reason). */
export class PlainSocket extends EventEmitter {
  readyState: 1 | 3 = 1;

  constructor(
    private readonly _line: Line,
    readonly url: string,
    readonly protocol: string,
  ) {
    super();
    _line.server = {
      frame: (frame) => this.emit("message", frame, typeof frame !== "string"),
      closed: (code = ABNORMAL, reason = "") => this._ended(code, reason),
    };
  }

  send(data: string | Uint8Array | ArrayBuffer): void {
    if (this.readyState !== 1) return;
    const frame: Frame = data instanceof ArrayBuffer ? new Uint8Array(data) : data;
    this._line.down.send(frame, frame.length);
  }

  close(code = NO_STATUS, reason = ""): void {
    if (this.readyState !== 1) return;
    this._line.close("server", code, reason);
    this._ended(code, reason);
  }

  /** Without a close frame. */
  terminate(): void {
    if (this.readyState !== 1) return;
    this._line.cut({ keep: "none", client: 0, server: -1 });
    this._ended(ABNORMAL, "");
  }

  private _ended(code: number, reason: string): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.emit("close", code, reason);
  }
}

/** Options of a {@link PlainServer}. */
export interface PlainServerOptions {
  /** Subprotocols that it speaks: the first one that a client offers is chosen. @default none */
  protocols?: readonly string[];
  /** Which clients it lets in. @default all */
  verify?: (url: string, protocols: readonly string[]) => boolean;
}

/** A WebSocket server that knows nothing of Socket.IO, with the interface of `ws`. Emits "connection" (socket). */
export class PlainServer extends EventEmitter implements Endpoint {
  readonly clients = new Set<PlainSocket>();

  constructor(
    readonly url: string,
    private readonly _options: PlainServerOptions = {},
  ) {
    super();
  }

  openWebSocket(line: Line, url: string, offered: readonly string[]): AcceptedSocket | undefined {
    const { protocols = [], verify } = this._options;
    if (verify && !verify(url, offered)) return undefined;
    const protocol = offered.find((one) => protocols.includes(one)) ?? "";
    // a client fails when nothing that it offers is chosen
    if (offered.length && !protocol) return undefined;
    const socket = new PlainSocket(line, url, protocol);
    this.clients.add(socket);
    socket.on("close", () => this.clients.delete(socket));
    this.emit("connection", socket);
    return { protocol, wrap: (frame) => frame, arrived() {} };
  }

  /** Says "Upgrade Required" to HTTP, as ws does. */
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
}
