import type { Answer, Frame } from "./frames.js";

/** The part of the WebSocket interface that is used: a browser's, a `ReconnectingWebSocket`'s, or that of `ws`. */
export interface WebSocketOfStream {
  readonly readyState: number;
  /** A `ReconnectingWebSocket`'s: "waiting" for its next try, it is closed, but not for good. */
  readonly state?: string;
  binaryType?: string;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  addEventListener(...args: never[]): unknown;
}

/** What travels: docs/streams.md. In a binary message a line of JSON, then the bytes that are the frame's `data`. */
interface Message {
  event?: unknown;
  frame?: unknown;
  /** It is to be answered, with this number. */
  ask?: unknown;
  /** It is the answer to the question of this number. */
  answers?: unknown;
}

type Listener = (...args: unknown[]) => void;
type Answered = (answer: unknown, error?: Error) => void;

const OPEN = 1;
const CLOSED = 3;
const NEWLINE = 10;
/** A head of more bytes is no message of a stream. */
const MAX_HEAD = 65536;

/** A WebSocket as a socket with events and acks, as far as streams need them. The app's own messages pass it untouched. */
export class WebSocketPort {
  private readonly _socket: WebSocketOfStream;
  private readonly _listeners = new Map<string, Set<Listener>>();
  private readonly _asked = new Map<number, Answered>();
  private _lastAsk = 0;
  /** Counts the connections. */
  private _connection = 0;

  constructor(socket: WebSocketOfStream) {
    this._socket = socket;
    const listen = (type: string, listener: (event: { data: unknown }) => void): void => {
      (socket as unknown as { addEventListener(...args: unknown[]): void }).addEventListener(
        type,
        listener,
      );
    };
    if (socket.binaryType === "blob") socket.binaryType = "arraybuffer";
    listen("open", () => {
      this._connection++;
      this._tell("connect");
    });
    listen("close", () => {
      for (const answered of this._takeAsked()) answered(undefined, new Error("disconnected"));
      this._tell("disconnect");
    });
    // closed by the app while it waited for its next try
    listen("state", () => {
      if (!this.active) this._tell("disconnect");
    });
    listen("message", ({ data }) => this._message(data));
  }

  get connected(): boolean {
    return this._socket.readyState === OPEN;
  }

  /** A WebSocket that is closed stays closed, unless it is one that reconnects. */
  get active(): boolean {
    return this._socket.readyState !== CLOSED || this._socket.state === "waiting";
  }

  /** As a socket's: for one that is closed already. One that is closed later says so. */
  get channel(): { whenOver(ended: () => void): () => void } {
    return {
      whenOver: (ended) => {
        if (!this.active) ended();
        return () => {};
      },
    };
  }

  on(event: string, listener: Listener): this {
    const listeners = this._listeners.get(event) ?? new Set();
    this._listeners.set(event, listeners.add(listener));
    return this;
  }

  off(event: string, listener: Listener): this {
    this._listeners.get(event)?.delete(listener);
    return this;
  }

  emit(event: string, frame: object, answered?: (answer: unknown) => void): this {
    this._send({
      event,
      frame,
      ask: answered && this._ask((answer, error) => error || answered(answer)),
    });
    return this;
  }

  /** Acks of what is emitted by this get an error first. */
  timeout(ms: number): { emit(event: string, frame: object, done: Listener): void } {
    return {
      emit: (event, frame, done) => {
        const ask = this._ask((answer, error) => {
          clearTimeout(timer);
          if (error) done(error);
          else done(null, answer);
        });
        const timer = setTimeout(() => {
          const answered = this._asked.get(ask);
          this._asked.delete(ask);
          answered?.(undefined, new Error("operation has timed out"));
        }, ms);
        this._send({ event, frame, ask });
      },
    };
  }

  private _ask(answered: Answered): number {
    this._asked.set(++this._lastAsk, answered);
    return this._lastAsk;
  }

  private _takeAsked(): Answered[] {
    const all = [...this._asked.values()];
    this._asked.clear();
    return all;
  }

  private _send(message: Message & { frame: object }): void {
    const { data, ...frame } = message.frame as { data?: unknown };
    const isBinary = data instanceof ArrayBuffer || ArrayBuffer.isView(data);
    if (isBinary) this._socket.send(join({ ...message, frame }, data));
    else this._socket.send(JSON.stringify(message));
  }

  private _message(data: unknown): void {
    const message = read(data);
    const { event, frame, ask, answers } = message ?? {};
    if (typeof frame !== "object" || !frame) return;
    if (typeof answers === "number") {
      const answered = this._asked.get(answers);
      this._asked.delete(answers);
      answered?.(frame);
    } else if (typeof event === "string") {
      const { _connection: connection } = this;
      const reply = (answer: Answer): void => {
        // on the next connection, that number belongs to another question
        if (this.connected && connection === this._connection)
          this._send({ event, answers: ask, frame: answer });
      };
      this._tell(event, frame as Frame, typeof ask === "number" ? reply : undefined);
    }
  }

  private _tell(event: string, ...args: unknown[]): void {
    for (const listener of [...(this._listeners.get(event) ?? [])]) listener(...args);
  }
}

/** One for each WebSocket, whoever asks for it: its questions have one count. */
const ports = new WeakMap<WebSocketOfStream, WebSocketPort>();

/**
 * A WebSocket whose streams and uploads travel between the app's own messages: hand it to `stream()`, `sendStream()` and
 * `upload()` in place of a socket.
 *
 * @param socket - a WebSocket, or a `ReconnectingWebSocket`, whose streams go on after each reconnection
 * @example await upload(overWebSocket(new ReconnectingWebSocket(url)), "upload", file);
 */
export function overWebSocket(socket: WebSocketOfStream): WebSocketPort {
  const port = ports.get(socket) ?? new WebSocketPort(socket);
  ports.set(socket, port);
  return port;
}

/** The message without the data of its frame, in ASCII, then a line feed and the data. */
function join(message: Message, data: ArrayBuffer | ArrayBufferView): Uint8Array<ArrayBuffer> {
  const escape = (letter: string): string =>
    "\\u" + letter.charCodeAt(0).toString(16).padStart(4, "0");
  const head = JSON.stringify(message).replace(/[\u007f-\uffff]/g, escape) + "\n";
  const view = ArrayBuffer.isView(data) ? data : new Uint8Array(data);
  const bytes = new Uint8Array(head.length + view.byteLength);
  for (let i = 0; i < head.length; i++) bytes[i] = head.charCodeAt(i);
  bytes.set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength), head.length);
  return bytes;
}

/** Undefined when it is no message of a stream. */
function read(data: unknown): Message | undefined {
  try {
    if (typeof data === "string")
      return data[0] === "{" ? (JSON.parse(data) as Message) : undefined;
    const bytes = ArrayBuffer.isView(data)
      ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      : new Uint8Array(data as ArrayBuffer);
    const end = bytes.subarray(0, MAX_HEAD).indexOf(NEWLINE);
    if (end < 0) return undefined;
    const message = JSON.parse(String.fromCharCode(...bytes.subarray(0, end))) as Message;
    (message.frame as Frame).data = bytes.subarray(end + 1);
    return message;
  } catch {
    return undefined;
  }
}
