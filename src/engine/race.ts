import type { Attempt, ErrorCode, TautlineError } from "../errors.js";
import type { Cancel, Timers } from "../platform/platform.js";
import { type Handshake, parseHandshake } from "../protocol/handshake.js";
import {
  deaf,
  failureOf,
  launch,
  shut,
  type Transport,
  type TransportFailure,
  type TransportSink,
} from "../transports/transport.js";
import type { Candidate } from "./connector.js";
import { attemptCode } from "./failure.js";
import type { Memory } from "./parts.js";

export interface RacePlan {
  /** In the order in which they are tried; the race removes each as it tries it. */
  candidates: Candidate[];
  /** Milliseconds until the next one joins while the one before is silent; Infinity: only when it failed. */
  headStart: number;
  memory: Memory | undefined;
  timers: Timers;
  /** Of the server. */
  hostname?: string;
}

export interface RaceOutcome {
  /** A transport is tried now. */
  trying(transport: Transport): void;
  /**
   * The first completed handshake. The transport's sink is still the race's: take it over at once.
   *
   * @param text - the handshake as it came
   */
  won(transport: Transport, handshake: Handshake, text: string): void;
  /** Every candidate failed. */
  lost(failures: TransportFailure[]): void;
}

/** A transport that is being tried. */
interface Runner {
  /** On the clock of the timers. */
  since: number;
  silence?: Cancel;
}

/**
 * Where all begin at once, a transport that was silent for as many milliseconds when another one won counts as slow. Elsewhere the
 * head start is this time.
 */
const HANGS = 1000;

/**
 * A Socket.IO server sends its handshake at once: a stream that is open and silent for this many ticks of 500 ms
 * belongs to another server.
 */
const SILENT_TICKS = 5;
const TICK = 500;
/** A tick that fires so many milliseconds late doesn't count: the page was busy, and the handshake may wait behind it. */
const LATE = 100;

/**
 * Opens transports until one has completed the Engine.IO handshake: the next one joins when all before have
 * failed, or when the head start is over. Two sessions side by side are safe: nothing reaches Socket.IO before a
 * CONNECT is sent (docs/adr/0003-race.md).
 */
export class Race {
  /** What failed so far. */
  readonly attempts: Attempt[] = [];
  private readonly _plan: RacePlan;
  private readonly _outcome: RaceOutcome;
  private readonly _failures: TransportFailure[] = [];
  private readonly _running = new Map<Transport, Runner>();
  private _joining: Cancel | undefined;

  constructor(plan: RacePlan, outcome: RaceOutcome) {
    this._plan = plan;
    this._outcome = outcome;
  }

  /** Tries the next candidate. */
  start(): void {
    this._joining?.();
    const { candidates, headStart, timers } = this._plan;
    const candidate = candidates.shift();
    if (!candidate) return;
    if (candidates.length && headStart < Infinity)
      this._joining = timers.after(headStart, () => this.start());
    const transport = candidate.create();
    this._running.set(transport, { since: this._plan.timers.now() });
    this._outcome.trying(transport);
    launch(transport, this._sinkOf(transport));
  }

  /** Ends it; those that were still silent are counted as attempts that timed out. */
  stop(): void {
    for (const transport of this._running.keys()) this._record(transport, "timeout");
    this._closeAll();
  }

  private _closeAll(): void {
    this._joining?.();
    for (const transport of this._running.keys()) {
      this._forget(transport);
      shut(transport);
    }
  }

  private _forget(transport: Transport): void {
    this._running.get(transport)?.silence?.();
    this._running.delete(transport);
  }

  private _win(winner: Transport, handshake: Handshake, text: string): void {
    // a transport of the app's own may go on after it was closed
    if (!this._running.has(winner)) return;
    const { memory, headStart } = this._plan;
    this._forget(winner);
    for (const loser of this._running.keys())
      if (this._age(loser) >= (headStart || HANGS)) this._record(loser, "timeout");
    this._closeAll();
    // a failure counts against a transport only where another one worked; otherwise the server was down
    for (const attempt of this.attempts) {
      const { transport } = attempt;
      if (transport === "polling") continue;
      attempt.code = streamCode(attempt);
      memory?.note(transport, false, attempt.code === "timeout");
    }
    memory?.note(winner.name, true);
    this._outcome.won(winner, handshake, text);
  }

  private _fail(transport: Transport, failure: TransportFailure): void {
    if (!this._running.has(transport)) return;
    const code = attemptCode(failure, this._plan.hostname);
    this._failures.push(failure);
    this._record(transport, code, failure);
    this._forget(transport);
    shut(transport);
    // what answers HTTP like this is no Socket.IO server: a WebSocket that is open and silent is not waited for
    if (code === "not-socketio" || code === "unsupported-version")
      for (const other of this._running.keys())
        if (other.writable)
          return this._fail(other, { ...failureOf(other, code), message: failure.message });
    if (this._plan.candidates.length) this.start();
    else if (!this._running.size) this._outcome.lost(this._failures);
  }

  private _age(transport: Transport): number {
    return Math.round(this._plan.timers.now() - (this._running.get(transport) as Runner).since);
  }

  private _record(
    transport: Transport,
    code: ErrorCode,
    { status, cause }: Partial<TransportFailure> = {},
  ): void {
    this.attempts.push({
      transport: transport.name,
      ms: this._age(transport),
      code,
      status,
      cause,
    });
  }

  /** The stream is open: the server has to send its handshake now. */
  private _expect(transport: Transport, ticks = SILENT_TICKS): void {
    const runner = this._running.get(transport);
    if (!runner) return;
    const due = this._plan.timers.now() + TICK;
    runner.silence = this._plan.timers.after(TICK, () => {
      const left = this._plan.timers.now() - due > LATE ? ticks : ticks - 1;
      if (left) return this._expect(transport, left);
      this._fail(transport, failureOf(transport, "not-socketio"));
    });
  }

  private _sinkOf(transport: Transport): TransportSink {
    const fail = (code: ErrorCode, cause?: unknown): void =>
      this._fail(transport, failureOf(transport, code, cause));
    return {
      ...deaf,
      opened: () => transport.streams && this._expect(transport),
      text: (packet) => {
        let handshake: Handshake;
        try {
          handshake = parseHandshake(packet);
        } catch (cause) {
          return fail((cause as TautlineError).code, cause);
        }
        this._win(transport, handshake, packet);
      },
      binary: () => fail("not-socketio"),
      closed: (failure) => this._fail(transport, failure),
    };
  }
}

/** What the failure of a stream means where another transport works. */
function streamCode({ transport, code }: Attempt): ErrorCode {
  // another transport has shown that it is a Socket.IO server: its handshake was lost on the way
  if (code === "not-socketio") return "timeout";
  const isRefused = code === "http-status" || code === "unreachable";
  return isRefused && transport === "websocket" ? "websocket-blocked" : code;
}
