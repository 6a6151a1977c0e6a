/**
 * The other end of a mock-socket WebSocket. It differs from browsers in close codes and in bufferedAmount: tests of
 * those stand beside a real server. To extend: only what mock-socket really does.
 */
import { type Client, Server } from "mock-socket";
import { onTestFinished } from "vitest";
import type { Frame, Peer } from "../contract/transport-contract.js";

export class MockSocketPeer implements Peer {
  readonly frames: Frame[] = [];
  isGone = false;
  readonly #waiting: Frame[] = [];
  #socket: Client | undefined;
  #reading: Promise<unknown> = Promise.resolve();

  /** @param url - without a query */
  constructor(url: string) {
    const server = new Server(url, { mock: false });
    server.on("connection", (socket) => {
      this.#socket = socket;
      socket.on("message", (data) => {
        // a Blob arrives as the object that it is
        this.#reading = this.#reading.then(async () => this.frames.push(await read(data)));
      });
      socket.on("close", () => (this.isGone = true));
      this.say(...this.#waiting.splice(0));
    });
    onTestFinished(() => server.stop());
  }

  say(...frames: Frame[]): void {
    for (const frame of frames)
      if (!this.#socket) this.#waiting.push(frame);
      else if (!this.isGone)
        this.#socket.send(typeof frame === "string" ? frame : frame.slice().buffer);
  }

  end(): void {
    this.#socket?.close({ code: 1000, reason: "", wasClean: true });
  }

  die(): void {
    this.#socket?.close({ code: 1006, reason: "", wasClean: false });
  }
}

async function read(data: unknown): Promise<Frame> {
  if (typeof data === "string") return data;
  if (data instanceof Blob) return new Uint8Array(await data.arrayBuffer());
  if (ArrayBuffer.isView(data))
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  return new Uint8Array(data as ArrayBuffer).slice();
}
