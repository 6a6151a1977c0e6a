/**
 * The other end of one WebSocket: a real server of `ws` that speaks no protocol at all. To extend: keep it dumb; what
 * an engine.io server does belongs into a test with a real one.
 */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import type { Frame, Peer } from "../contract/transport-contract.js";

export class WebSocketPeer implements Peer {
  readonly frames: Frame[] = [];
  isGone = false;
  readonly #waiting: Frame[] = [];
  #socket: WebSocket | undefined;

  private constructor(
    readonly port: number,
    server: WebSocketServer,
  ) {
    server.on("connection", (socket) => {
      this.#socket = socket;
      socket.on("message", (data: Buffer, isBinary) => {
        this.frames.push(isBinary ? new Uint8Array(data) : data.toString());
      });
      socket.on("close", () => (this.isGone = true));
      this.say(...this.#waiting.splice(0));
    });
    onTestFinished(() => {
      this.die();
      server.close();
    });
  }

  static async listen(): Promise<WebSocketPeer> {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    await once(server, "listening");
    return new WebSocketPeer((server.address() as AddressInfo).port, server);
  }

  say(...frames: Frame[]): void {
    for (const frame of frames)
      if (this.#socket) this.#socket.send(frame);
      else this.#waiting.push(frame);
  }

  end(): void {
    this.#socket?.close(1000);
  }

  die(): void {
    this.#socket?.terminate();
  }
}
