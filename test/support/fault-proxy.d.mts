export type Direction = "up" | "down";

/** `up` is from the client to the server. */
export interface EachWay {
  up?: number;
  down?: number;
}

/** Where a connection dies. Bytes and frames are those that have passed; exactly one of the three is given. */
export interface Kill {
  /**
   * Which connections. For "websocket", bytes count from the end of the upgrade's heads on, else from the
   * connection's first byte on.
   *
   * @default "any"
   */
  on?: "any" | "http" | "websocket";
  direction: Direction | "either";
  /** Dies when this many bytes have passed; 0 = when the first is about to. */
  afterBytes?: number;
  /** Dies right after this WebSocket frame has passed whole; 0 is the HTTP head, frames count from 1. */
  afterFrames?: number;
  /** Dies when the first byte of this frame is about to pass. */
  beforeFrame?: number;
  /** Only the n-th connection (or the n-th WebSocket), from 1 on. */
  nth?: number;
  /** @default "rst" */
  how?: "rst" | "fin";
  /** Who is told; the other side keeps a half-open connection. @default "both" */
  side?: "client" | "server" | "both";
}

export interface Faults {
  /** New TCP connections are reset. */
  refuseConnections: boolean;
  /** The HTTP status with which WebSocket upgrades are answered; 0 = not refused. */
  refuseUpgrade: number;
  /** WebSocket upgrades get no answer; a number = only the n-th upgrade since the proxy was made, from 1 on. */
  hangUpgrade: boolean | number;
  /** The server sees a WebSocket upgrade as a plain GET. */
  stripUpgrade: boolean;
  /** Polling requests with a `sid` are answered like a wrong node behind a load balancer: 400, "Session ID unknown". */
  unknownSession: boolean;
  /** Milliseconds, each way. */
  latency: number | EachWay;
  /** More of it for one kind of connection, so that one overtakes the other. */
  detour: { http?: number | EachWay; webSocket?: number | EachWay };
  /** Whether opening a TCP connection takes a round trip of `latency` too (a proxy accepts at once, a network doesn't). */
  connectLatency: boolean;
  /** Bytes a second for each connection; 0 = as fast as it goes. */
  bandwidth: number | EachWay;
  /**
   * Forwards nothing any more, not even the end of a connection. What stands still moves on when it is over, as with
   * TCP. The form with `webSocket` lets requests pass and accepts upgrades, and swallows what follows them.
   */
  blackhole: false | Direction | "both" | { webSocket: Direction | "both" };
  kill: Kill | null;
}

export interface RequestHead {
  method: string;
  url: string;
  headers: Record<string, string>;
  /** Engine.IO's query parameters. */
  transport: string | null;
  sid: string | null;
  /** Whether it asks to become a WebSocket. */
  upgrade: boolean;
}

export type ChunkKind = "head" | "body" | "response" | "raw";

export interface Hooks {
  /** Sees the bytes as they arrive at the proxy, before any fault but those that answer or swallow a request. */
  onChunk?: (direction: Direction, connection: number, kind: ChunkKind, data: Buffer) => void;
  onRequest?: (connection: number, request: RequestHead) => void;
  onKill?: (connection: number) => void;
}

export interface Counts {
  connections: number;
  /** All HTTP requests: `gets` and `posts`, `upgrades` among the GETs, and others. */
  requests: number;
  gets: number;
  posts: number;
  upgrades: number;
  /** Upgrades that the server accepted. */
  webSockets: number;
  bytesUp: number;
  bytesDown: number;
  kills: number;
}

export interface FaultProxy {
  readonly port: number;
  readonly url: string;
  /** May be changed at any time. */
  readonly hooks: Hooks;
  readonly counts: Counts;
  readonly faults: Faults;
  /** Connections that are open now. */
  readonly open: number;
  /**
   * Round trips that lie behind what the client has been told so far: one to open a TCP connection, one for each
   * answer that had to be awaited. Exact for one client with some latency, so that answers and what is sent
   * meanwhile can be told apart.
   */
  readonly roundTrips: number;
  /** Changes the faults that are named and leaves the others; open connections feel it at once. */
  set(changes: Partial<Faults>): void;
  /** No faults any more. */
  heal(): void;
  /** Ends what is open now; says how many connections that were. */
  cut(options?: {
    how?: "rst" | "fin";
    side?: "client" | "server" | "both";
    kind?: "any" | "http" | "websocket";
  }): number;
  close(): Promise<void>;
}

export const NO_FAULTS: Readonly<Faults>;

export function createFaultProxy(options: {
  /** A port of this machine, or another address. */
  target: number | { host: string; port: number };
  faults?: Partial<Faults>;
  hooks?: Hooks;
  /** @default 0: any free one */
  port?: number;
  host?: string;
}): Promise<FaultProxy>;
