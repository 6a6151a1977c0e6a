import type { Line, Network } from "./lines.js";
import type { Frame } from "./packets.js";

/** A WebSocket as the host sees it, once its line stands. */
export interface AcceptedSocket {
  readonly protocol: string;
  /** A frame as it travels. */
  wrap(frame: Frame): unknown;
  /** A frame has come to the client, who has not read it yet. */
  arrived(frame: Frame): void;
}

/** What an HTTP request came to. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One HTTP request of the host. */
export interface HttpExchange {
  /** Its line stands. `answered` is called once, unless the line dies. */
  begin(line: Line, answered: (answer: HttpAnswer) => void): void;
  /** It is over. `read` hands the answer to the client; without it, the client has given up. */
  end(read?: () => void): void;
}

/** What listens at an origin. */
export interface Endpoint {
  /** It listens no more: connections are refused, and another one may have its address. */
  readonly isClosed?: boolean;
  /** Undefined: it takes no WebSocket there. */
  openWebSocket(line: Line, url: string, protocols: readonly string[]): AcceptedSocket | undefined;
  exchange(url: string, body: string | undefined): HttpExchange;
}

/** Where the host's classes get their lines from. */
export interface Wiring {
  readonly network: Network;
  /** Undefined: nobody listens there. */
  find(url: string): Endpoint | undefined;
}
