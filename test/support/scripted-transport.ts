/**
 * A transport that a test plays by hand: it records what is asked of it, and says what the test lets it say.
 *
 *   const Scripted = scriptedTransport();
 *   const manager = new Manager("http://unit.test", { transports: [Scripted] });
 *   Scripted.latest.shakeHands();          // the server's handshake
 *   Scripted.latest.say('40{"sid":"s"}');  // a text frame of the server
 *   Scripted.latest.sent;                  // the frames of the client
 *
 * To extend: give `ScriptedTransport` another method that calls `this.sink`, and nothing else; what a real carrier
 * would do by itself (answering, draining) belongs into the `onSent` of one test.
 */
import type { EngineFrame } from "../../src/protocol/engine-packet.js";
import {
  deaf,
  type Transport,
  type TransportFailure,
  type TransportOptions,
  type TransportSink,
} from "../../src/transports/transport.js";

export interface HandshakeChanges {
  sid?: string;
  upgrades?: string[];
  pingInterval?: number;
  pingTimeout?: number;
  maxPayload?: number;
}

export const handshake = {
  sid: "session",
  upgrades: [] as string[],
  pingInterval: 25_000,
  pingTimeout: 20_000,
  maxPayload: 100_000,
};

export class ScriptedTransport implements Transport {
  readonly query: Record<string, unknown>;
  sink: TransportSink = deaf;
  bufferedAmount = 0;
  /** Every frame of the client, in order, batches taken apart. */
  readonly sent: EngineFrame[] = [];
  /** The same as it was written; one frame each where it streams. */
  readonly batches: EngineFrame[][] = [];
  state: "new" | "opening" | "open" | "closed" = "new";
  closes = 0;
  /** Those of which the server is not told. */
  silentCloses = 0;
  /** When it last asked for packets, where a test says so. */
  askedAt = -Infinity;
  busy = false;
  /** Called with each frame of the client. */
  onSent: (frame: EngineFrame) => void = () => {};
  #retired: (() => void) | undefined;

  constructor(
    readonly options: TransportOptions,
    readonly name: string,
    readonly streams: boolean,
    private readonly began: (transport: ScriptedTransport) => void,
  ) {
    this.query = options.query;
  }

  get writable(): boolean {
    return this.state === "open" && !this.busy;
  }

  get isRetired(): boolean {
    return this.#retired !== undefined;
  }

  open(): void {
    this.state = "opening";
    this.began(this);
  }

  send(frame: EngineFrame): boolean {
    if (!this.writable) return false;
    this.write([frame]);
    return true;
  }

  write(frames: EngineFrame[]): void {
    this.batches.push(frames);
    this.busy = !this.streams;
    for (const frame of frames) {
      this.sent.push(frame);
      this.onSent(frame);
    }
  }

  retire(done: () => void): () => void {
    this.#retired = done;
    return () => (this.#retired = undefined);
  }

  close(isSilent = false): void {
    this.closes++;
    if (isSilent) this.silentCloses++;
    this.state = "closed";
    this.sink = deaf;
  }

  // -- what the test lets it do

  /** The carrier stands. */
  stand(): this {
    this.state = "open";
    this.sink.opened();
    return this;
  }

  /** The carrier stands, and the server greets. */
  shakeHands(changes: HandshakeChanges = {}): this {
    this.stand();
    return this.say("0" + JSON.stringify({ ...handshake, ...changes }));
  }

  say(packet: string): this {
    this.sink.text(packet);
    return this;
  }

  /** What was written has left. */
  drain(): this {
    this.busy = false;
    this.sink.drained();
    return this;
  }

  /** Everything that was under way has been handed over. */
  finishRetiring(): this {
    const done = this.#retired;
    this.#retired = undefined;
    done?.();
    return this;
  }

  fail(failure: Partial<TransportFailure> = {}): this {
    const { sink } = this;
    this.close();
    sink.closed({ kind: "error", message: `${this.name} error`, ...failure });
    return this;
  }
}

export interface ScriptedClass {
  new (options: TransportOptions): ScriptedTransport;
  /** Those that were opened, in order. */
  readonly opened: ScriptedTransport[];
  /** The one that was opened last. */
  readonly latest: ScriptedTransport;
}

/** @param played - called with each transport when it is opened */
export function scriptedTransport(
  name = "scripted",
  { streams = true, played = (_transport: ScriptedTransport): void => {} } = {},
): ScriptedClass {
  const opened: ScriptedTransport[] = [];
  return class extends ScriptedTransport {
    static readonly opened = opened;
    static get latest(): ScriptedTransport {
      const latest = opened.at(-1);
      if (!latest) throw new Error(`no ${name} transport was opened yet`);
      return latest;
    }
    constructor(options: TransportOptions) {
      super(options, name, streams, (transport) => {
        opened.push(transport);
        played(transport);
      });
    }
  };
}
