/** The app of the model: it emits numbers, and writes down what it is told of each. */
import { setMaxListeners } from "node:events";
import type { Manager, Socket } from "../../src/index.js";
import { TautlineError } from "../../src/errors.js";
import type { Emit } from "./program.js";
import type { World } from "./world.js";

/** What is known of one emitted number. */
export interface Sent {
  readonly n: number;
  readonly how: Emit;
  /** How often the socket had been disconnected by then. */
  readonly epoch: number;
  /** Why it may not arrive: what the app was told, or did itself. */
  readonly reported: string[];
  /** What its ack was called with. */
  readonly settled: unknown[][];
  /** When it arrived at the server. */
  readonly received: number[];
  readonly handled: Handling[];
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

export class App {
  readonly sent: Sent[] = [];
  readonly flushes: Flushed[] = [];
  /** What the server said, and whether the session was a recovered one then. */
  readonly heard: number[] = [];
  /** The program is over: nothing new is begun. */
  isOver = false;
  readonly #signals: AbortSignal[] = [];
  readonly #listening = new Map<AbortSignal, number>();
  #epoch = 0;

  constructor(
    readonly world: World,
    readonly socket: Socket<any, any, Manager>,
    readonly keepsUncovered: boolean,
  ) {
    socket.on("disconnect", () => this.#epoch++);
    for (const event of ["overflow", "expired"] as const)
      socket.on(event, (error: TautlineError, _name: unknown, n: number) => {
        this.#report(n, error.code);
        this.#notSent(n, error);
      });
    socket.on("down", (m: number) => this.heard.push(m));
    socket.on("q", (m: number, answer: (m: number) => void) => answer(m));
  }

  /** Listeners that are left on signals. */
  get listening(): number {
    let count = 0;
    for (const signal of this.#signals) count += this.#listening.get(signal) ?? 0;
    return count;
  }

  emit(how: Emit): void {
    const signal = how.abort === undefined ? undefined : this.#signal(how.abort);
    for (let i = 0; i < how.count; i++) this.#emitOne(how, signal);
  }

  flush(timeout: number | undefined, abort: number | undefined): void {
    const before = this.sent.length;
    const epoch = this.#epoch;
    const flushed: Flushed = { at: this.world.elapsed, outcome: undefined, missing: [] };
    this.flushes.push(flushed);
    const signal = abort === undefined ? undefined : this.#signal(abort);
    this.socket.flush({ ...(timeout && { timeout }), ...(signal && { signal }) }).then(
      () => {
        flushed.outcome = "resolved";
        for (const sent of this.sent.slice(0, before))
          if (
            !sent.received.length &&
            !sent.reported.length &&
            (this.keepsUncovered || sent.epoch === epoch)
          )
            flushed.missing.push(sent.n);
      },
      (error: unknown) => {
        flushed.outcome = codeOf(error);
      },
    );
  }

  clear(every: number): void {
    this.socket.clearBuffer(({ data }) => {
      const n = (data as unknown[])[1] as number;
      if (n % every) return false;
      this.#report(n, "cleared");
      return true;
    });
  }

  #emitOne(how: Emit, signal: AbortSignal | undefined): void {
    const n = this.sent.length;
    const sent: Sent = {
      n,
      how,
      epoch: this.#epoch,
      reported: how.volatile ? ["volatile"] : [],
      settled: [],
      received: [],
      handled: [],
    };
    this.sent.push(sent);
    if (signal?.aborted) sent.reported.push("aborted");
    signal?.addEventListener("abort", () => sent.reported.push("aborted"));
    const args: unknown[] = how.binary ? [n, Uint8Array.of(n & 255, n >> 8)] : [n];
    const settle = (...outcome: unknown[]): void => {
      sent.settled.push(outcome);
      if (outcome[0] instanceof TautlineError) sent.reported.push(outcome[0].code);
      if (how.chain && !this.isOver) this.#emitOne({ do: "emit", count: 1 }, undefined);
    };
    let view: Pick<Socket<any, any, Manager>, "emit" | "emitWithAck"> = this.socket.compress(true);
    const modify = (change: (from: any) => any): void => (view = change(view));
    if (how.ttl !== undefined) modify((from) => from.ttl(how.ttl));
    if (how.key !== undefined) modify((from) => from.key(how.key));
    if (how.volatile) modify((from) => from.volatile);
    if (signal) modify((from) => from.signal(signal));
    if (how.ack === "timed") modify((from) => from.timeout(how.timeout));
    try {
      if (how.ack === "promise")
        view.emitWithAck("n", ...args).then(
          (answer: unknown) => settle(null, answer),
          (error: unknown) => settle(error),
        );
      else if (how.ack === "timed") view.emit("n", ...args, settle);
      else if (how.ack === "plain")
        view.emit("n", ...args, (answer: unknown) => settle(null, answer));
      else view.emit("n", ...args);
    } catch (error) {
      sent.reported.push(`threw ${codeOf(error)}`);
      this.#notSent(n, error as TautlineError);
      return;
    }
    // the newest of a key takes the place of the others
    if (how.key !== undefined)
      for (const older of this.sent)
        if (older.how.key === how.key && older.n < n) older.reported.push("superseded");
  }

  #report(n: number, what: string): void {
    this.sent[n]?.reported.push(what);
  }

  /** The app was told so, with no ack to tell it by. */
  #notSent(n: number, error: TautlineError): void {
    if (error.delivery === "not-sent") this.#report(n, "not-sent");
  }

  #signal(ms: number): AbortSignal {
    const controller = new AbortController();
    const { signal } = controller;
    setMaxListeners(0, signal);
    const { addEventListener, removeEventListener } = signal;
    const listeners = new Set<unknown>();
    signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      listeners.add(args[1]);
      addEventListener.apply(signal, args);
      this.#listening.set(signal, signal.aborted ? 0 : listeners.size);
    };
    signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      listeners.delete(args[1]);
      removeEventListener.apply(signal, args);
      this.#listening.set(signal, signal.aborted ? 0 : listeners.size);
    };
    this.#signals.push(signal);
    this.world.after(ms, () => {
      controller.abort();
      this.#listening.set(signal, 0);
    });
    return signal;
  }
}

export function codeOf(error: unknown): string {
  return error instanceof TautlineError ? error.code : String(error);
}
