import type { Line, Network } from "./lines.js";
import type { Frame } from "./packets.js";

/** A WebSocket for the host, once it is connected. */
export interface AcceptedSocket {
  readonly protocol: string;
  /** A frame as it travels. */
  wrap(frame: Frame): unknown;
  /** A frame has reached the client, which has not read it yet. */
  arrived(frame: Frame): void;
}

/** The outcome of an HTTP request. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One HTTP request of the host. */
export interface HttpExchange {
  /** It is connected. `answered` is called once, unless the connection is lost. */
  begin(line: Line, answered: (answer: HttpAnswer) => void): void;
  /** It is over. `read` gives the answer to the client; without it, the client has given up. */
  end(read?: () => void): void;
}

/** What listens at an origin. */
export interface Endpoint {
  /** It stops listening: connections are refused, and another server may have its address. */
  readonly isClosed?: boolean;
  /** Undefined: it accepts no WebSocket there. */
  openWebSocket(line: Line, url: string, protocols: readonly string[]): AcceptedSocket | undefined;
  exchange(url: string, body: string | undefined): HttpExchange;
}

/** Connects the host's classes to servers. */
export interface Wiring {
  readonly network: Network;
  /** Undefined: nobody listens there. */
  find(url: string): Endpoint | undefined;
}
