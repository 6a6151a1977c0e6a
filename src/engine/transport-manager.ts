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
  readonly #plan: RacePlan;
  readonly #outcome: RaceOutcome;
  /** What failed so far. */
  readonly attempts: Attempt[] = [];
  readonly #failures: TransportFailure[] = [];
  /** When each that is tried began, in milliseconds since the epoch. */
  readonly #running = new Map<Transport, number>();
  #joining: Cancel | undefined;

  constructor(plan: RacePlan, outcome: RaceOutcome) {
    this.#plan = plan;
    this.#outcome = outcome;
  }

  /** Tries the next candidate. */
  start(): void {
    this.#joining?.();
    const { candidates, headStart, timers } = this.#plan;
    const candidate = candidates.shift();
    if (!candidate) return;
    if (candidates.length && headStart < Infinity)
      this.#joining = timers.after(headStart, () => this.start());
    const transport = candidate.create();
    this.#running.set(transport, Date.now());
    transport.sink = this.#sinkOf(transport);
    this.#outcome.trying(transport);
    try {
      transport.open();
    } catch (cause) {
      // a class of the app's own
      this.#fail(transport, { kind: "error", message: `${transport.name} error`, cause });
    }
  }

  /** Ends it; those that were still silent are counted as attempts that timed out. */
  stop(): void {
    for (const transport of this.#running.keys())
      this.#record(transport, transport.writable ? "not-socketio" : "timeout");
    this.#closeAll();
  }

  /** Every candidate failed. */
  protected abstract lost(failures: TransportFailure[]): void;

  #closeAll(): void {
    this.#joining?.();
    for (const transport of this.#running.keys()) transport.close();
    this.#running.clear();
  }

  #win(winner: Transport, handshake: Handshake): void {
    const { memory, headStart } = this.#plan;
    const took = this.#age(winner);
    this.#running.delete(winner);
    for (const loser of this.#running.keys())
      if (this.#age(loser) >= (headStart || HANGS)) this.#record(loser, "timeout");
    this.#closeAll();
    // what failed while another one worked is to blame itself; a server that was down blames nobody
    for (const { transport, ms } of this.attempts)
      if (transport !== "polling") memory.note(transport, false, ms);
    memory.note(winner.name, true, took);
    this.#outcome.won(winner, handshake);
  }

  #fail(transport: Transport, failure: TransportFailure): void {
    if (!this.#running.has(transport)) return;
    const code = attemptCode(failure);
    this.#failures.push(failure);
    this.#record(transport, code, failure);
    this.#running.delete(transport);
    transport.close();
    // whoever answers HTTP like this would have shaken hands at once on an open WebSocket
    if (code === "not-socketio" || code === "unsupported-version")
      for (const other of this.#running.keys())
        if (other.writable)
          return this.#fail(other, { kind: "error", message: failure.message, code });
    if (this.#plan.candidates.length) this.start();
    else if (!this.#running.size) this.lost(this.#failures);
  }

  #age(transport: Transport): number {
    return Date.now() - (this.#running.get(transport) as number);
  }

  #record(
    transport: Transport,
    code: ErrorCode,
    { status, cause }: Partial<TransportFailure> = {},
  ): void {
    this.attempts.push({
      transport: transport.name,
      ms: this.#age(transport),
      code,
      ...(status && { status }),
      ...(cause !== undefined && { cause }),
    });
  }

  #sinkOf(transport: Transport): TransportSink {
    const { name } = transport;
    const message = name === "polling" ? "xhr poll error" : `${name} error`;
    const fail = (code: ErrorCode, cause?: unknown): void =>
      this.#fail(transport, { kind: "error", message, code, cause });
    return {
      ...deaf,
      text: (packet) => {
        let handshake: Handshake;
        try {
          handshake = parseHandshake(packet);
        } catch (cause) {
          return fail((cause as TautlineError).code, cause);
        }
        this.#win(transport, handshake);
      },
      binary: () => fail("not-socketio"),
      closed: (failure) => this.#fail(transport, failure),
    };
  }
}
