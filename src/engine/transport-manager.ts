import type { Attempt, ErrorCode, TautlineError } from "../errors.js";
import type { Cancel, Timers } from "../platform/platform.js";
import { type Handshake, parseHandshake } from "../protocol/handshake.js";
import {
  deaf,
  type Transport,
  type TransportFailure,
  type TransportSink,
} from "../transports/transport.js";
import { attemptCode } from "./diagnosis.js";
import type { TransportMemory } from "./memory.js";

/** A transport that may be tried. */
export interface Candidate {
  name: string;
  /** @param sid - of the session that it joins; undefined: it begins one */
  create(sid?: string): Transport;
}

export interface RacePlan {
  /** In the order in which they are tried; the race takes them out. */
  candidates: Candidate[];
  /** Milliseconds until the next one joins while the one before is silent; Infinity: only when it failed. */
  headStart: number;
  memory: TransportMemory;
  timers: Timers;
}

export interface RaceOutcome {
  /** A transport is tried now. */
  trying(transport: Transport): void;
  /** The first completed handshake. The transport's sink is still the race's: take it over at once. */
  won(transport: Transport, handshake: Handshake): void;
}

/** Silent for as long as this, in milliseconds, it hangs: next time it is not waited for. */
const HANGS = 1000;

/**
 * Opens transports until one has completed the Engine.IO handshake: the next one joins when all before have
 * failed, or when the head start is over. Two sessions side by side are safe: nothing reaches Socket.IO before a
 * CONNECT is sent (docs/adr/0003-race.md).
 */
export abstract class Race {
  private readonly _plan: RacePlan;
  private readonly _outcome: RaceOutcome;
  /** What failed so far. */
  readonly attempts: Attempt[] = [];
  private readonly _failures: TransportFailure[] = [];
  /** When each that is tried began, in milliseconds since the epoch. */
  private readonly _running = new Map<Transport, number>();
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
    this._running.set(transport, Date.now());
    transport.sink = this._sinkOf(transport);
    this._outcome.trying(transport);
    try {
      transport.open();
    } catch (cause) {
      // a class of the app's own
      this._fail(transport, { kind: "error", message: `${transport.name} error`, cause });
    }
  }

  /** Ends it; those that were still silent are counted as attempts that timed out. */
  stop(): void {
    for (const transport of this._running.keys())
      this._record(transport, transport.writable ? "not-socketio" : "timeout");
    this._closeAll();
  }

  /** Every candidate failed. */
  protected abstract lost(failures: TransportFailure[]): void;

  private _closeAll(): void {
    this._joining?.();
    for (const transport of this._running.keys()) transport.close();
    this._running.clear();
  }

  private _win(winner: Transport, handshake: Handshake): void {
    const { memory, headStart } = this._plan;
    const took = this._age(winner);
    this._running.delete(winner);
    for (const loser of this._running.keys())
      if (this._age(loser) >= (headStart || HANGS)) this._record(loser, "timeout");
    this._closeAll();
    // what failed while another one worked is to blame itself; a server that was down blames nobody
    for (const { transport, ms } of this.attempts)
      if (transport !== "polling") memory.note(transport, false, ms);
    memory.note(winner.name, true, took);
    this._outcome.won(winner, handshake);
  }

  private _fail(transport: Transport, failure: TransportFailure): void {
    if (!this._running.has(transport)) return;
    const code = attemptCode(failure);
    this._failures.push(failure);
    this._record(transport, code, failure);
    this._running.delete(transport);
    transport.close();
    // whoever answers HTTP like this would have shaken hands at once on an open WebSocket
    if (code === "not-socketio" || code === "unsupported-version")
      for (const other of this._running.keys())
        if (other.writable)
          return this._fail(other, { kind: "error", message: failure.message, code });
    if (this._plan.candidates.length) this.start();
    else if (!this._running.size) this.lost(this._failures);
  }

  private _age(transport: Transport): number {
    return Date.now() - (this._running.get(transport) as number);
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
      ...(status && { status }),
      ...(cause !== undefined && { cause }),
    });
  }

  private _sinkOf(transport: Transport): TransportSink {
    const { name } = transport;
    const message = name === "polling" ? "xhr poll error" : `${name} error`;
    const fail = (code: ErrorCode, cause?: unknown): void =>
      this._fail(transport, { kind: "error", message, code, cause });
    return {
      ...deaf,
      text: (packet) => {
        let handshake: Handshake;
        try {
          handshake = parseHandshake(packet);
        } catch (cause) {
          return fail((cause as TautlineError).code, cause);
        }
        this._win(transport, handshake);
      },
      binary: () => fail("not-socketio"),
      closed: (failure) => this._fail(transport, failure),
    };
  }
}
