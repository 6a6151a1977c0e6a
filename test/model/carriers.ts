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

const size = (frame: EngineFrame): number =>
  typeof frame === "string" ? frame.length : ((frame as Uint8Array).byteLength ?? 0);

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

  protected tell(frame: EngineFrame): void {
    if (typeof frame === "string") this.sink.text(frame);
    else this.sink.binary(frame);
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
        closed: () => this.fail({ kind: "close", message: "websocket error" }),
      };
      this.sink.opened();
      this.server.acceptStream(line, this.query.sid as string | undefined);
    }, failed);
  }

  send(frame: EngineFrame): boolean {
    if (this.state !== "open") return false;
    this.#line?.up.send(frame, size(frame));
    return true;
  }

  write(frames: EngineFrame[]): void {
    for (const frame of frames) this.send(frame);
  }

  retire(done: () => void): undefined {
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

/** A request of the model: its body is a batch of frames, or nothing. */
export interface ModelRequest {
  sid: string | undefined;
  frames: EngineFrame[] | undefined;
}
/** Undefined frames: refused, the session is unknown. */
export interface ModelResponse {
  frames: EngineFrame[] | undefined;
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
    this.#inFlight = frames.reduce((sum, frame) => sum + size(frame), 0);
    this.#request(frames, () => {
      this.#posting = false;
      this.#inFlight = 0;
      if (this.state === "closed") this.#sayGoodbye();
      else this.sink.drained();
    });
  }

  retire(done: () => void): () => void {
    this.#retired = done;
    if (!this.#polling) done();
    return () => {
      this.#retired = undefined;
      if (!this.#polling && this.state === "open") this.#poll();
    };
  }

  close(isSilent = false): void {
    const { state } = this;
    this.sink = deaf;
    this.state = "closed";
    if (isSilent) this.release();
    else if (state === "open" && !this.#posting) this.#sayGoodbye();
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
        this.tell(frame);
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
            const { frames } = answer as ModelResponse;
            if (frames) done(frames);
            else fail({ status: 400, body: '{"code":1,"message":"Session ID unknown"}' });
          },
          closed: () => {
            over();
            fail();
          },
        };
        this.server.acceptRequests(line);
        line.up.send({ sid: this.query.sid, frames } as ModelRequest);
      },
      () => fail(),
    );
  }
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
