/**
 * A WebTransport class with its server at the level of streams: what the server says is cut into chunks anywhere, the
 * same way for the same seed. To extend: add what a real WebTransport has to `WebTransportDouble`; the framing here is
 * written down a second time on purpose.
 */
import { onTestFinished, vi } from "vitest";
import type { Frame, Peer } from "../contract/transport-contract.js";
import { seeded } from "../../src/test-kit/seeded.js";

function framed(frame: Frame): Buffer {
  const body = Buffer.from(frame);
  const flag = typeof frame === "string" ? 0 : 128;
  const header = Buffer.alloc(body.length < 126 ? 1 : body.length < 65536 ? 3 : 9);
  header[0] = flag + (body.length < 126 ? body.length : body.length < 65536 ? 126 : 127);
  if (header.length === 3) header.writeUInt16BE(body.length, 1);
  if (header.length === 9) header.writeBigUInt64BE(BigInt(body.length), 1);
  return Buffer.concat([header, body]);
}

/** The first frame in `bytes`, and what is left of them; undefined while it is incomplete. */
function unframed(bytes: Buffer): { frame: Frame; rest: Buffer } | undefined {
  const [first] = bytes;
  if (first === undefined) return undefined;
  const short = first & 127;
  const header = short < 126 ? 1 : short === 126 ? 3 : 9;
  if (bytes.length < header) return undefined;
  const length =
    header === 1 ? short : header === 3 ? bytes.readUInt16BE(1) : Number(bytes.readBigUInt64BE(1));
  if (bytes.length < header + length) return undefined;
  const body = bytes.subarray(header, header + length);
  return {
    frame: first & 128 ? new Uint8Array(body) : body.toString(),
    rest: bytes.subarray(header + length),
  };
}

export class WebTransportPeer implements Peer {
  readonly frames: Frame[] = [];
  isGone = false;
  url: string | undefined;
  readonly #random = seeded(11);
  readonly #waiting: Frame[] = [];
  #incoming: Buffer = Buffer.alloc(0);
  #outgoing: ReadableStreamDefaultController<Uint8Array> | undefined;
  #end: (info: object) => void = () => {};
  #fail: (error: Error) => void = () => {};

  /** @param present - whether somebody answers */
  constructor(present = true) {
    const server = {
      connected: (url: string, end: (info: object) => void, fail: (error: Error) => void) => {
        this.url = url;
        this.#end = end;
        this.#fail = fail;
      },
      streams: () => this.#streams(),
      closed: () => {
        this.isGone = true;
        this.#end({ closeCode: 0, reason: "" });
      },
    };
    class WebTransportDouble {
      readonly ready: Promise<void>;
      readonly closed: Promise<object>;
      constructor(url: string) {
        const absent = new Error("nobody is there");
        this.ready = present ? Promise.resolve() : Promise.reject(absent);
        this.closed = new Promise((resolve, reject) => {
          server.connected(url, resolve, reject);
          if (!present) reject(absent);
        });
      }
      createBidirectionalStream() {
        return Promise.resolve(server.streams());
      }
      close() {
        server.closed();
      }
    }
    vi.stubGlobal("WebTransport", WebTransportDouble);
    onTestFinished(() => void vi.unstubAllGlobals());
  }

  say(...frames: Frame[]): void {
    if (!this.#outgoing) this.#waiting.push(...frames);
    else if (!this.isGone) this.#enqueue(Buffer.concat(frames.map(framed)));
  }

  end(): void {
    this.#outgoing?.close();
    this.#end({ closeCode: 0, reason: "" });
  }

  die(): void {
    const error = new Error("the network is gone");
    this.#outgoing?.error(error);
    this.#fail(error);
  }

  #enqueue(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) {
      const next = at + 1 + Math.floor(this.#random() ** 4 * 50_000);
      this.#outgoing?.enqueue(Uint8Array.from(bytes.subarray(at, next)));
      at = next;
    }
  }

  #streams() {
    const readable = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#outgoing = controller;
        this.say(...this.#waiting.splice(0));
      },
    });
    const writable = new WritableStream<Uint8Array>({
      write: (chunk) => {
        if (this.isGone) return;
        this.#incoming = Buffer.concat([this.#incoming, chunk]);
        for (let next; (next = unframed(this.#incoming)); this.#incoming = next.rest)
          // the first packet opens the session
          if (next.frame !== "0") this.frames.push(next.frame);
      },
    });
    return { readable, writable };
  }
}
