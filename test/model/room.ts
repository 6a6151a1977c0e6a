/** One namespace as the app of the model uses it: it emits numbers, and writes down what it is told of each. */
import { TautlineError } from "../../src/errors.js";
import type { App } from "./app.js";
import { type ClientSocket, events, flush, next, type Waiting } from "./client-api.js";
import type { Emit, Occasion, Reaction, RoomConfig } from "./program.js";

/** What is known of one emitted number. */
export interface Sent {
  readonly n: number;
  readonly how: Emit;
  /** When, in milliseconds since the beginning. */
  readonly at: number;
  /** How often the socket had been disconnected by then. */
  readonly epoch: number;
  /** Why it may not arrive: what the app was told, or did itself. */
  readonly reported: string[];
  /** What its ack was called with, and when. */
  readonly settled: Settled[];
  /** The server's sockets at which it arrived. */
  readonly received: object[];
  readonly handled: Handling[];
  /** How often the server closed a connection for it. */
  punished: number;
  /** The client has it: its emit returned. */
  isTaken: boolean;
}

export interface Settled {
  error: unknown;
  answer: unknown;
  at: number;
}

export interface Handling {
  /** Its place among all. */
  at: number;
  /** The server's socket. */
  by: object;
}

/** What is known of one barrier. */
export interface Flushed {
  readonly at: number;
  outcome: string | undefined;
  /** Numbers that had not arrived when it resolved, and should have. */
  missing: number[];
}

/** Something that the app waits for, which always ends. */
export interface Pending {
  readonly what: string;
  readonly at: number;
  readonly deadline: number | undefined;
  /** When it ended. */
  ended: number | undefined;
}

/** Thrown by callbacks of the app. */
export const THROWN = "thrown by the app";
/** Answers of one room are told from those of another. */
const ANSWERS = 1_000_000;

export class Room {
  readonly sent: Sent[] = [];
  readonly flushes: Flushed[] = [];
  readonly pending: Pending[] = [];
  /** Numbers that the server said. */
  readonly heard: number[] = [];
  /** Why the socket was disconnected, and why it could not connect. */
  readonly reasons: string[] = [];
  /** Errors that came out of calls of which none throws. */
  readonly thrown: string[] = [];
  /** How many had been emitted when the program was over. */
  total = Infinity;
  /** The most that waited. */
  peak = 0;
  peakReceived = 0;
  #epoch = 0;

  constructor(
    readonly app: App,
    readonly index: number,
    readonly config: RoomConfig,
    readonly socket: ClientSocket,
  ) {
    socket.on("disconnect", (reason: string) => {
      this.#epoch++;
      this.reasons.push(reason);
    });
    socket.on("connect_error", (error: Error) => this.reasons.push(codeOf(error)));
    socket.on("down", (m: number, bytes: unknown) => {
      this.heard.push(m);
      // a session that can be recovered adds its offset
      if (typeof bytes === "object" && !isEqual(bytes, m))
        this.thrown.push(`${m} came with other bytes`);
    });
    socket.on("q", (m: number, answer: (m: number) => void) => answer(m));
  }

  get nsp(): string {
    return this.socket.nsp;
  }

  /** With `retries` each ack can fail. */
  get hasRetries(): boolean {
    return this.config.retries !== undefined;
  }

  /** Everything has arrived, or was told of. */
  get isDone(): boolean {
    return this.sent.every(
      ({ handled, reported, how, settled }) =>
        reported.length > 0 || (handled.length > 0 && (!how.ack || settled.length > 0)),
    );
  }

  /** Acks that may still come. */
  get unanswered(): number {
    return this.sent.filter(({ how, settled }) => how.ack && !settled.length).length;
  }

  answerOf(n: number): number {
    return n + this.index * ANSWERS;
  }

  emit(how: Emit): void {
    const signal = how.abort === undefined ? undefined : this.app.signal(how.abort);
    for (let i = 0; i < how.count; i++) this.#emitOne(how, signal);
  }

  /** What is called here never throws, whatever the callbacks do that it calls. */
  connect(): void {
    this.app.calls++;
    this.#try("connect()", () => this.socket.connect());
  }

  disconnect(): void {
    this.#try("disconnect()", () => this.socket.disconnect());
  }

  flush(timeout?: number, abort?: number): void {
    const { app } = this;
    const before = this.sent.filter(({ isTaken }) => isTaken);
    const epoch = this.#epoch;
    const flushed: Flushed = { at: app.world.elapsed, outcome: undefined, missing: [] };
    this.flushes.push(flushed);
    const over = this.#begin("flush", timeout);
    this.#await(
      () => flush(this.socket, this.#waiting(timeout, abort)),
      (error) => {
        over();
        flushed.outcome = error === undefined ? "resolved" : codeOf(error);
        if (error !== undefined) return;
        const isKept = this.config.mode !== "at-most-once";
        for (const sent of before)
          if (!sent.received.length && !sent.reported.length && (isKept || sent.epoch === epoch))
            flushed.missing.push(sent.n);
      },
    );
  }

  next(timeout?: number, abort?: number): void {
    const over = this.#begin("next", timeout);
    this.#await(() => next(this.socket, "down", this.#waiting(timeout, abort)), over);
  }

  /** Reads `count` events, and leaves the loop. */
  read(count: number): void {
    const reader = events(this.socket, "down");
    const readOne = (left: number): void => {
      if (left === 0) return void reader.return?.();
      const over = this.#begin("events().next");
      this.#await(
        () => reader.next(),
        (error, result) => {
          over();
          if (error === undefined && !(result as IteratorResult<unknown>).done) readOne(left - 1);
        },
      );
    };
    readOne(count);
  }

  clear(every: number): void {
    this.socket.clearBuffer(({ data }) => {
      const [name, n] = data as [string, number];
      if (name !== "n" || n % every) return false;
      this.report(n, "cleared");
      return true;
    });
  }

  nameless(how: "none" | "undefined" | "object"): void {
    const emit = this.socket.emit.bind(this.socket) as (...args: unknown[]) => unknown;
    try {
      if (how === "none") emit();
      else emit(how === "undefined" ? undefined : {}, 1);
    } catch (error) {
      if (!(error instanceof TautlineError)) this.thrown.push(`emit threw ${String(error)}`);
    }
  }

  react(to: Occasion, reaction: Reaction, times: number): void {
    let left = times;
    const act = (): void => {
      if (left-- > 0) this.app.do(this, reaction);
    };
    if (to === "outgoing") this.socket.onAnyOutgoing(act);
    else if (to === "drop") this.app.drops.push((room) => room === this && act());
    else this.socket.on(to, act);
  }

  report(n: number, what: string): void {
    this.sent[n]?.reported.push(what);
  }

  /** A packet of this room was dropped. */
  dropped(error: TautlineError, [, n]: unknown[]): void {
    this.report(n as number, error.code);
    this.#notSent(n as number, error);
  }

  /** Looks at what is bounded. */
  measure(): void {
    const { socket, config } = this;
    if (config.buffer) this.peak = Math.max(this.peak, socket.sendBuffer.length);
    const { receiveBuffer } = socket as { receiveBuffer?: unknown[] };
    this.peakReceived = Math.max(this.peakReceived, receiveBuffer?.length ?? 0);
  }

  #emitOne(how: Emit, signal: AbortSignal | undefined): void {
    const { app } = this;
    const n = this.sent.length;
    const sent: Sent = {
      n,
      how,
      at: app.world.elapsed,
      epoch: this.#epoch,
      reported: how.volatile ? ["volatile"] : [],
      settled: [],
      received: [],
      handled: [],
      punished: 0,
      isTaken: false,
    };
    this.sent.push(sent);
    if (signal?.aborted) sent.reported.push("aborted");
    if (signal) whenAborted(signal, () => sent.reported.push("aborted"));
    let view: any = this.socket.compress(true);
    if (how.ttl !== undefined) view = view.ttl(how.ttl);
    if (how.key !== undefined) view = view.key(how.key);
    if (how.volatile) view = view.volatile;
    if (signal) view = view.signal(signal);
    if (how.ack === "timed") view = view.timeout(how.timeout);
    try {
      this.#hand(view, sent);
      sent.isTaken = true;
    } catch (error) {
      sent.reported.push(`threw ${codeOf(error)}`);
      if (error instanceof TautlineError) this.#notSent(n, error);
      else this.thrown.push(`emit threw ${String(error)}`);
      return;
    }
    // the newest of a key takes the place of the others
    if (how.key !== undefined)
      for (const older of this.sent)
        if (older.how.key === how.key && older.n < n) older.reported.push("superseded");
  }

  #hand(view: any, sent: Sent): void {
    const { how, n } = sent;
    const args = this.#argumentsOf(sent);
    if (how.ack === "promise") {
      const over = this.#begin(`emitWithAck of ${n}`);
      const settle = (error: unknown, answer?: unknown): void => {
        over();
        this.#settled(sent, error, answer);
      };
      this.#await(
        () => view.emitWithAck("n", ...args),
        (error, answer) => settle(error ?? null, answer),
      );
    } else if (how.ack === "timed" || (how.ack && this.hasRetries))
      view.emit("n", ...args, (error: unknown, answer: unknown) =>
        this.#settled(sent, error, answer),
      );
    else if (how.ack)
      view.emit("n", ...args, (answer: unknown) => this.#settled(sent, null, answer));
    else view.emit("n", ...args);
  }

  #argumentsOf({ how, n }: Sent): unknown[] {
    const args: unknown[] = [n];
    if (how.binary) args.push(Uint8Array.of(n & 255, n >> 8));
    if (how.size) args.push("x".repeat(how.size));
    let { json } = how;
    if (json)
      args.push({
        toJSON: () => {
          const reaction = json;
          json = undefined;
          if (reaction) this.app.do(this, reaction);
          return 0;
        },
      });
    return args;
  }

  #settled(sent: Sent, error: unknown, answer: unknown): void {
    const { how } = sent;
    const { app } = this;
    sent.settled.push({ error, answer, at: app.world.elapsed });
    if (error instanceof TautlineError) sent.reported.push(error.code);
    if (app.isOver) return;
    if (how.chain) this.#emitOne({ do: "emit", count: 1 }, undefined);
    if (how.settled && sent.settled.length === 1) app.do(this, how.settled, how.ack === "promise");
  }

  #begin(what: string, timeout?: number): () => void {
    const at = this.app.world.elapsed;
    const deadline = timeout === undefined ? undefined : at + timeout;
    const pending: Pending = { what, at, deadline, ended: undefined };
    this.pending.push(pending);
    return () => (pending.ended ??= this.app.world.elapsed);
  }

  #await<T>(begin: () => Promise<T>, done: (error: unknown, value?: T) => void): void {
    begin().then((value) => done(undefined, value), done);
  }

  #waiting(timeout?: number, abort?: number): Waiting {
    return {
      ...(timeout !== undefined && { timeout }),
      ...(abort !== undefined && { signal: this.app.signal(abort) }),
    };
  }

  #try(what: string, act: () => unknown): void {
    try {
      act();
    } catch (error) {
      this.thrown.push(`${what} threw ${String(error)}`);
    }
  }

  /** The app was told so, with no ack to tell it by. */
  #notSent(n: number, error: TautlineError): void {
    if (error.delivery === "not-sent") this.report(n, "not-sent");
  }
}

export function codeOf(error: unknown): string {
  return error instanceof TautlineError ? error.code : String(error);
}

function isEqual(bytes: unknown, m: number): boolean {
  const view = bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : (bytes as Uint8Array);
  return view.length === 2 && view[0] === (m & 255) && view[1] === m >> 8;
}

/** Not counted among the listeners of the signal. */
function whenAborted(signal: AbortSignal, act: () => void): void {
  EventTarget.prototype.addEventListener.call(signal, "abort", act);
}
