/**
 * A WebSocket class that does nothing by itself and remembers how it was made. To extend: set what the test needs on
 * the instance; for behaviour over time use the real server of websocket-peer.ts.
 */
import type { WebSocketLike } from "../../src/platform/platform.js";

export class FakeWebSocket implements WebSocketLike {
  static readonly made: FakeWebSocket[] = [];
  readonly args: unknown[];
  readonly sent: unknown[] = [];
  binaryType = "blob";
  readyState = 0;
  bufferedAmount: number | undefined = 0;
  closes = 0;
  onopen: WebSocketLike["onopen"] = null;
  onmessage: WebSocketLike["onmessage"] = null;
  onerror: WebSocketLike["onerror"] = null;
  onclose: WebSocketLike["onclose"] = null;

  constructor(...args: [url: string, protocols?: string | string[], options?: object]) {
    this.args = args;
    FakeWebSocket.made.push(this);
  }

  send(data: never): void {
    this.sent.push(data);
  }

  close(): void {
    this.closes++;
  }
}
