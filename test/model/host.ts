/**
 * The host of the model: a WebSocket and an XMLHttpRequest over the lines of its network. They do what browsers do where
 * it matters: what is sent before close() still arrives, and nobody hears of an aborted request.
 */
import type { Frame } from "./wire.js";
import type { Line, Network } from "./network.js";
import type { ModelServer } from "./server.js";

/** A frame on its way to the server, and when the client let go of it: see {@link ModelServer.stamp}. */
export interface Parcel {
  frame: Frame;
  stamp: number;
}

/** A request of the model: its body is a batch of frames, or nothing. */
export interface ModelRequest {
  sid: string | undefined;
  parcels: Parcel[] | undefined;
  bytes: number;
}

export interface ModelResponse {
  status: number;
  frames: Frame[];
  /** Engine.IO's number of what went wrong. */
  code?: number;
}

/** What the library finds in the global scope. */
export interface HostClasses {
  WebSocket: unknown;
  XMLHttpRequest: unknown;
}

const SEPARATOR = "\x1e";
const DONE = 4;
const ABNORMAL = 1006;
/** Engine.IO's words, by their numbers. */
const MESSAGES = ["Transport unknown", "Session ID unknown", "Bad handshake method", "Bad request"];

type Listener = ((event: unknown) => void) | null;

export function hostClasses(network: Network, server: ModelServer): HostClasses {
  return {
    WebSocket: class extends ModelSocket {
      constructor(url: string) {
        super(url, network, server);
      }
    },
    XMLHttpRequest: class extends ModelXhr {
      constructor() {
        super(network, server);
      }
    },
  };
}

class ModelSocket {
  readyState = 0;
  binaryType = "blob";
  onopen: Listener = null;
  onmessage: Listener = null;
  onerror: Listener = null;
  onclose: Listener = null;
  readonly #server: ModelServer;
  #line: Line | undefined;
  #sid: string | undefined;

  constructor(url: string, network: Network, server: ModelServer) {
    this.#server = server;
    network.connect(
      (line) => this.#opened(line, sidOf(url)),
      () => {
        if (this.readyState !== 0) return;
        this.readyState = 3;
        this.onerror?.({ type: "error" });
        this.#closed(ABNORMAL);
      },
    );
  }

  get bufferedAmount(): number {
    return this.#line?.up.bytes ?? 0;
  }

  send(data: Frame | ArrayBuffer): void {
    if (this.readyState !== 1) return;
    const frame = typeof data === "string" ? data : Uint8Array.from(bytesOf(data));
    this.#line?.up.send({ frame, stamp: this.#server.stamp() } satisfies Parcel, frame.length);
  }

  close(): void {
    if (this.readyState > 1) return;
    this.readyState = 2;
    this.#line?.close("client");
    this.#line = undefined;
  }

  #opened(line: Line, sid: string | undefined): void {
    if (this.readyState !== 0) return line.close("client");
    this.#line = line;
    this.readyState = 1;
    line.client = {
      frame: (frame) => this.#message(frame as Frame),
      closed: (code) => {
        this.readyState = 3;
        line.close("client");
        this.#line = undefined;
        this.#closed(code ?? ABNORMAL);
      },
    };
    this.onopen?.({ type: "open" });
    this.#sid = this.#server.acceptStream(line, sid);
  }

  #message(frame: Frame): void {
    if (this.readyState !== 1) return;
    if (typeof frame === "string") this.#server.streamed(this.#sid, frame);
    this.onmessage?.({ data: typeof frame === "string" ? frame : frame.slice().buffer });
  }

  #closed(code: number): void {
    this.onclose?.({ type: "close", code, reason: "", wasClean: code !== ABNORMAL });
  }
}

class ModelXhr {
  readyState = 0;
  status = 0;
  responseText = "";
  withCredentials = false;
  timeout = 0;
  onload: (() => void) | null = null;
  onloadend: (() => void) | null = null;
  readonly #network: Network;
  readonly #server: ModelServer;
  #url = "";
  #polledBy: string | undefined;
  #line: Line | undefined;

  constructor(network: Network, server: ModelServer) {
    this.#network = network;
    this.#server = server;
  }

  open(_method: string, url: string): void {
    this.#url = url;
    this.readyState = 1;
  }

  setRequestHeader(): void {}

  getAllResponseHeaders(): string {
    return "";
  }

  send(body?: string): void {
    const sid = sidOf(this.#url);
    if (body === undefined) {
      this.#polledBy = sid;
      this.#server.pollBegins(sid);
    }
    // it has left the client now, although it takes time to leave the host
    const parcels = body?.split(SEPARATOR).map((text) => this.#parcel(text));
    this.#network.connect(
      (line) => {
        if (this.readyState !== 1) return line.close("client");
        this.#line = line;
        line.client = {
          frame: (answer) => this.#answered(sid, answer as ModelResponse),
          closed: () => this.#end(0, ""),
        };
        this.#server.acceptRequests(line);
        line.up.send({ sid, parcels, bytes: body?.length ?? 0 } satisfies ModelRequest);
      },
      () => this.#end(0, ""),
    );
  }

  abort(): void {
    if (this.readyState === DONE) return;
    this.readyState = 0;
    this.#line?.close("client");
    this.#line = undefined;
    this.#polled();
  }

  #parcel(text: string): Parcel {
    const frame = text.startsWith("b")
      ? Uint8Array.from(Buffer.from(text.slice(1), "base64"))
      : text;
    return { frame, stamp: this.#server.stamp() };
  }

  #answered(sid: string | undefined, { status, frames, code }: ModelResponse): void {
    if (code !== undefined)
      return this.#end(status, JSON.stringify({ code, message: MESSAGES[code] }));
    // what a request was answered with that has been given up, nobody has read
    if (this.readyState !== 1) return;
    this.#end(status, frames.map(asText).join(SEPARATOR));
    // only now: what the client does at one frame of a body, it does before it has read the next
    for (const frame of frames) if (typeof frame === "string") this.#server.told(sid, frame);
  }

  #polled(read?: () => void): void {
    const held = this.#server.pollEnds(this.#polledBy);
    read?.();
    for (const frame of held) this.#server.told(this.#polledBy, frame);
  }

  #end(status: number, text: string): void {
    if (this.readyState !== 1) return;
    this.#line?.close("client");
    this.#line = undefined;
    this.readyState = DONE;
    this.status = status;
    this.responseText = text;
    this.#polled(() => {
      if (status) this.onload?.();
      this.onloadend?.();
    });
  }
}

function sidOf(url: string): string | undefined {
  return /[?&]sid=([^&]*)/u.exec(url)?.[1];
}

function bytesOf(data: ArrayBuffer | Uint8Array): Uint8Array {
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}

function asText(frame: Frame): string {
  return typeof frame === "string" ? frame : "b" + Buffer.from(frame).toString("base64");
}
