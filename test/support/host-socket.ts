/**
 * A host's WebSocket that a test plays by hand: it has the checks and events of a browser's, and no network.
 *
 *   const { WebSocket, made } = hostSockets();
 *   const ws = new ReconnectingWebSocket(url, { WebSocket });
 *   made[0].accept();            // the server lets it in
 *   made[0].receive("hello");
 *   made[0].end(1001, "bye");    // the connection is over
 *
 * To extend: what the class itself checks or says belongs into the class; what a server does, into a method.
 */
import type { WebSocketLike } from "../../src/platform/platform.js";

export class HostSocket implements WebSocketLike {
  binaryType = "blob";
  readyState = 0;
  bufferedAmount = 0;
  protocol = "";
  extensions = "";
  readonly url: string;
  readonly sent: unknown[] = [];
  readonly closes: [code?: number | undefined, reason?: string | undefined][] = [];
  onopen: WebSocketLike["onopen"] = null;
  onmessage: WebSocketLike["onmessage"] = null;
  onerror: WebSocketLike["onerror"] = null;
  onclose: WebSocketLike["onclose"] = null;

  constructor(
    url: string | URL,
    readonly protocols?: string | string[],
  ) {
    this.url = String(url);
    if (this.url.includes("#")) throw new DOMException("a fragment", "SyntaxError");
  }

  send(data: unknown): void {
    this.sent.push(data);
  }

  close(code?: number, reason?: string): void {
    this.closes.push([code, reason]);
    if (this.readyState < 2) this.readyState = 2;
  }

  accept(): void {
    if (this.readyState === 0) this.readyState = 1;
    this.onopen?.({ type: "open" });
  }

  receive(data: unknown): void {
    this.onmessage?.({ type: "message", data, origin: "ws://server" });
  }

  end(code = 1006, reason = "", wasClean = code !== 1006): void {
    this.readyState = 3;
    if (!wasClean) this.onerror?.({ type: "error" });
    this.onclose?.({ type: "close", code, reason, wasClean });
  }
}

/** A class of its own for each test, and what was made of it. */
export function hostSockets(): { WebSocket: typeof HostSocket; made: HostSocket[] } {
  const made: HostSocket[] = [];
  class Made extends HostSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      made.push(this);
    }
  }
  return { WebSocket: Made, made };
}
