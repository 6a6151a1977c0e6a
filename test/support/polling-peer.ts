/**
 * The other end of HTTP long-polling: answers a GET when there is something to say, and takes POSTs. To extend: it knows
 * payloads and nothing else; sessions, upgrades and limits belong into tests with a real server.
 */
import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import type { Frame, Peer } from "../contract/transport-contract.js";

const SEPARATOR = "\x1e";

export class PollingPeer implements Peer {
  readonly frames: Frame[] = [];
  readonly requests: { method: string; url: string; headers: IncomingHttpHeaders }[] = [];
  /** The largest numbers that were under way at once; more than one is against the protocol. */
  mostGets = 0;
  mostPosts = 0;
  isGone = false;
  refusePosts = false;
  /** How it refuses once it has ended. */
  refusal: { status: number; headers?: Record<string, string> } | undefined;
  #gets = 0;
  #posts = 0;
  #ended = false;
  #get: ServerResponse | undefined;
  #queue: Frame[] = [];
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  static async listen(): Promise<PollingPeer> {
    const peer = new PollingPeer();
    peer.#server.listen(0, "127.0.0.1");
    await once(peer.#server, "listening");
    onTestFinished(() => peer.die());
    return peer;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  say(...frames: Frame[]): void {
    this.#queue.push(...frames);
    this.#answer();
  }

  /** From now on it refuses, as a server does that has no such session. */
  end(): void {
    this.#ended = true;
    this.#answer();
  }

  die(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #answer(): void {
    const response = this.#get;
    if (!response || !(this.#queue.length || this.#ended)) return;
    this.#get = undefined;
    this.#gets--;
    if (this.#ended)
      response
        .writeHead(this.refusal?.status ?? 400, this.refusal?.headers)
        .end('{"code":1,"message":"Session ID unknown"}');
    else
      response.writeHead(200, { "Content-Type": "text/plain; charset=UTF-8" }).end(this.#payload());
  }

  #payload(): string {
    return this.#queue
      .splice(0)
      .map((frame) =>
        typeof frame === "string" ? frame : "b" + Buffer.from(frame).toString("base64"),
      )
      .join(SEPARATOR);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "", headers } = request;
    this.requests.push({ method, url, headers });
    if (method === "GET") {
      this.#get = response;
      this.mostGets = Math.max(this.mostGets, ++this.#gets);
      return this.#answer();
    }
    this.mostPosts = Math.max(this.mostPosts, ++this.#posts);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    this.#posts--;
    for (const packet of Buffer.concat(chunks).toString().split(SEPARATOR))
      if (packet === "1") this.isGone = true;
      else
        this.frames.push(
          packet.startsWith("b") ? new Uint8Array(Buffer.from(packet.slice(1), "base64")) : packet,
        );
    const refusal = this.#ended ? 400 : this.refusePosts ? 413 : undefined;
    response.writeHead(refusal ?? 200).end("ok");
    if (this.isGone) this.say("6");
  }
}
