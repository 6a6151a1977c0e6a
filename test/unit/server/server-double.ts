/**
 * Sockets of the real socket.io, whose client is a double: what it sends is given to `receive`, what it is sent is in
 * `sent`.
 *
 * To extend: the double has just what socket.io's Socket touches on the way of an event; add what else it needs.
 */
import { EventEmitter } from "node:events";
import { Socket } from "socket.io";
import { dedupe, type DedupeOptions } from "../../../src/server/index.js";

const EVENT = 2;
const ACK = 3;

interface Packet {
  type: number;
  id?: number;
  data: unknown[];
}

/** What of a real socket is private to its types. */
interface Inside {
  connected: boolean;
  _onpacket(packet: object): void;
  _onclose(reason: string): void;
}

export class FarClient {
  readonly conn = Object.assign(new EventEmitter(), { protocol: 4, readyState: "open" });
  readonly socket: Socket;
  readonly sent: Packet[] = [];
  private readonly inside: Inside;

  /** @param conn - of another client: a further namespace, or one that was left and joined again */
  constructor(connect: (socket: Socket) => void, conn?: FarClient["conn"]) {
    if (conn) this.conn = conn;
    const client = {
      conn: this.conn,
      request: { headers: {}, connection: {} },
      _packet: (packet: Packet) => this.sent.push(packet),
      _remove: () => {},
    };
    const namespace = {
      name: "/",
      server: { _opts: {}, opts: {} },
      adapter: { delAll: () => {} },
      _remove: () => {},
    };
    const Construct = Socket as unknown as new (...args: unknown[]) => Socket;
    this.socket = new Construct(namespace, client, {});
    this.inside = this.socket as unknown as Inside;
    this.inside.connected = true;
    connect(this.socket);
  }

  receive(data: unknown, id?: unknown): void {
    this.inside._onpacket({ type: EVENT, nsp: "/", data, id });
  }

  /** Asks as a client of `delivery: "exactly-once"` does. */
  ask(stream: unknown = "s", id: unknown = 0): this {
    this.receive(["$tautline", stream], id);
    return this;
  }

  /** A packet of the stream. */
  say(sequence: unknown, args: unknown[] = ["n", sequence], id?: number, stream = "s"): void {
    this.receive([...args, { $tautline: [stream, sequence] }], id);
  }

  leave(): void {
    this.inside._onclose("client namespace disconnect");
  }

  close(): void {
    this.inside._onclose("transport close");
    this.conn.emit("close");
  }

  /** What was answered, by ack id. */
  get answers(): [id: number | undefined, ...unknown[]][] {
    return this.sent.filter(({ type }) => type === ACK).map(({ id, data }) => [id, ...data]);
  }
}

export interface Far {
  /** The arguments of each "n" that a handler got. */
  heard: unknown[][];
  join(conn?: FarClient["conn"]): FarClient;
}

/** A server with `dedupe()`. */
export function serveDouble(options?: DedupeOptions, setUp?: (socket: Socket) => void): Far {
  const io = new EventEmitter();
  const heard: unknown[][] = [];
  dedupe(io as never, options);
  const connect = (socket: Socket): void => {
    setUp?.(socket);
    socket.on("n", (...args) => heard.push(args));
    io.emit("connection", socket);
  };
  return { heard, join: (conn) => new FarClient(connect, conn) };
}

/** Until everything that is due has been done. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
