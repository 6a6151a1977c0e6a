/** The client's transports in the model: one that streams, as a WebSocket, and one that polls, as long-polling. */
import type { EngineFrame } from "../../src/protocol/engine-packet.js";
import {
  deaf,
  type Transport,
  type TransportClass,
  type TransportFailure,
  type TransportOptions,
  type TransportSink,
} from "../../src/transports/transport.js";
import type { ModelServer } from "./server.js";
import type { Line, Network } from "./network.js";

/** A frame on its way to the server, and when the client let go of it: see {@link ModelServer.stamp}. */
export interface Parcel {
  frame: EngineFrame;
  stamp: number;
}

/** A request of the model: its body is a batch of frames, or nothing. */
export interface ModelRequest {
  sid: string | undefined;
  parcels: Parcel[] | undefined;
  bytes: number;
}

export interface ModelResponse {
  status: number;
  frames: EngineFrame[];
  /** Engine.IO's number of what went wrong. */
  code?: number;
}

const bytesOf = (frame: EngineFrame): number =>
  typeof frame === "string" ? frame.length : ((frame as Uint8Array).byteLength ?? 0);

/** Bytes of a frame in an HTTP body. */
const bodyBytes = (frame: EngineFrame): number =>
  typeof frame === "string" ? frame.length + 1 : Math.ceil(bytesOf(frame) / 3) * 4 + 2;

abstract class Carrier {
  readonly query: Record<string, unknown>;
  sink: TransportSink = deaf;
  protected state: "new" | "open" | "closed" = "new";

  constructor(
    options: TransportOptions,
    protected readonly network: Network,
    protected readonly server: ModelServer,
  ) {
    this.query = options.query;
  }

  /** Hands a frame to the client; the server of the model knows from then on that the client knows. */
  protected tell(frame: EngineFrame): void {
    if (typeof frame === "string") {
      if (frame.startsWith("41")) this.server.toldGoodbye(this.query.sid, frame.slice(2));
      this.sink.text(frame);
    } else this.sink.binary(frame as Uint8Array);
  }

  protected parcel(frame: EngineFrame): Parcel {
    return { frame, stamp: this.server.stamp() };
  }

  protected fail(failure: TransportFailure): void {
    if (this.state === "closed") return;
    const { sink } = this;
    this.state = "closed";
    this.sink = deaf;
    this.release();
    sink.closed(failure);
  }

  protected abstract release(): void;
}

class Streaming extends Carrier implements Transport {
  readonly name = "websocket";
  readonly streams = true;
  #line: Line | undefined;

  get writable(): boolean {
    return this.state === "open";
  }
  get bufferedAmount(): number {
    return this.#line?.up.bytes ?? 0;
  }

  open(): void {
    const failed = (): void => this.fail({ kind: "error", message: "websocket error" });
    this.network.connect((line) => {
      if (this.state !== "new") return line.close("client");
      this.#line = line;
      this.state = "open";
      line.client = {
        frame: (frame) => this.tell(frame as EngineFrame),
        closed: (code = 1006) => {
          const context = { code, reason: "", wasClean: code !== 1006, type: "close" };
          const description = "websocket connection closed";
          this.fail({ kind: "close", message: "websocket error", description, context });
        },
      };
      this.sink.opened();
      this.server.acceptStream(line, this.query.sid as string | undefined);
    }, failed);
  }

  send(frame: EngineFrame): boolean {
    if (this.state !== "open") return false;
    this.#line?.up.send(this.parcel(frame), bytesOf(frame));
    return true;
  }

  write(frames: EngineFrame[]): void {
    for (const frame of frames) this.send(frame);
  }

  retire(done: () => void): void {
    done();
  }

  close(): void {
    this.sink = deaf;
    this.state = "closed";
    this.release();
  }

  protected release(): void {
    this.#line?.close("client");
    this.#line = undefined;
  }
}

class Polled extends Carrier implements Transport {
  readonly name = "polling";
  readonly streams = false;
  #posting = false;
  #polling = false;
  #inFlight = 0;
  #retired: (() => void) | undefined;
  readonly #lines = new Set<Line>();

  get writable(): boolean {
    return this.state === "open" && !this.#posting;
  }
  get bufferedAmount(): number {
    return this.#inFlight;
  }

  open(): void {
    this.#poll();
  }

  send(frame: EngineFrame): boolean {
    if (!this.writable) return false;
    this.write([frame]);
    return true;
  }

  write(frames: EngineFrame[]): void {
    this.#posting = true;
    this.#inFlight = frames.reduce((sum, frame) => sum + bytesOf(frame), 0);
    this.#request(frames, () => {
      this.#posting = false;
      this.#inFlight = 0;
      if (this.state === "closed") this.#sayGoodbye();
      else this.sink.drained();
    });
  }

  retire(done: () => void): void {
    if (this.#polling) this.#retired = done;
    else done();
  }

  close(): void {
    const { state } = this;
    this.sink = deaf;
    this.state = "closed";
    if (state === "open" && !this.#posting) this.#sayGoodbye();
  }

  protected release(): void {
    for (const line of this.#lines) line.close("client");
    this.#lines.clear();
  }

  #sayGoodbye(): void {
    this.#request(["1"], () => this.release());
  }

  #poll(): void {
    this.#polling = true;
    this.#request(undefined, (frames) => {
      if (this.state === "closed") return;
      if (this.state === "new") {
        this.state = "open";
        this.sink.opened();
      }
      for (const frame of frames) {
        this.tell(asText(frame));
        // the sink may have closed it
        if ((this.state as string) === "closed") return;
      }
      this.#polling = false;
      if (this.#retired) this.#retired();
      else this.#poll();
    });
  }

  #request(frames: EngineFrame[] | undefined, done: (frames: EngineFrame[]) => void): void {
    const what = frames ? "post" : "poll";
    const fail = (more = {}): void =>
      this.fail({ kind: "error", message: `xhr ${what} error`, ...more });
    // it has left the client now, although it takes time to leave the host
    const parcels = frames?.map((frame) => this.parcel(frame));
    this.network.connect(
      (line) => {
        this.#lines.add(line);
        const over = (): void => {
          this.#lines.delete(line);
          line.close("client");
        };
        line.client = {
          frame: (answer) => {
            over();
            const { frames, status, code } = answer as ModelResponse;
            if (status === 200) done(frames);
            else
              fail({
                status,
                description: status,
                ...(code !== undefined && {
                  body: JSON.stringify({ code, message: MESSAGES[code] }),
                }),
              });
          },
          closed: () => {
            over();
            fail();
          },
        };
        this.server.acceptRequests(line);
        line.up.send({
          sid: this.query.sid as string | undefined,
          parcels,
          bytes: (frames ?? []).reduce((sum, frame) => sum + bodyBytes(frame), -1),
        } satisfies ModelRequest);
      },
      () => fail(),
    );
  }
}

/** Engine.IO's words, by their numbers. */
const MESSAGES = ["", "Session ID unknown", "", "Bad request"];

/** As it stands in an HTTP body. */
function asText(frame: EngineFrame): EngineFrame {
  return typeof frame === "string"
    ? frame
    : "b" + Buffer.from(frame as Uint8Array).toString("base64");
}

export function carriers(network: Network, server: ModelServer): Record<string, TransportClass> {
  return {
    websocket: class extends Streaming {
      constructor(options: TransportOptions) {
        super(options, network, server);
      }
    },
    polling: class extends Polled {
      constructor(options: TransportOptions) {
        super(options, network, server);
      }
    },
  };
}
