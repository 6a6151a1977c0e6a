import type { Attempt, TautlineError } from "../errors.js";
import type { Cancel, Timers } from "../platform/platform.js";
import { deaf, type Transport, type TransportFailure } from "../transports/transport.js";
import type { Connector } from "./candidates.js";
import { transportError } from "./diagnosis.js";
import type { TransportMemory } from "./memory.js";
import type { Candidate } from "./transport-manager.js";
import { Upgrade } from "./upgrade.js";

/** Milliseconds from a failed upgrade to the next try; doubled each time, up to the longest. */
const FIRST_DELAY = 60_000;
const LONGEST_DELAY = 15 * 60_000;

/** What an upgrader needs of its session. */
export interface UpgraderHost {
  readonly id: string;
  readonly transport: Transport;
  readonly timers: Timers;
  readonly connector: Connector;
  readonly memory: TransportMemory;
  /** Names of the transports that the server offers. */
  readonly offered: readonly string[];
  /** How long the last poll may take, in milliseconds. */
  readonly patience: number;
  /** The probe of a transport is answered. */
  answered(next: Transport): void;
  /** The session is carried by another transport now. */
  switched(next: Transport): void;
  /** The session stays where it is. */
  stayed(error: TautlineError): void;
  /** The session is lost. */
  failed(failure: TransportFailure): void;
}

/** Moves a session to a better transport: when to try, which one, and again when it failed. */
export class Upgrader {
  readonly #host: UpgraderHost;
  #delay = FIRST_DELAY;
  #timer: Cancel | undefined;
  #upgrade: Upgrade | undefined;
  /** What failed in this round of tries. */
  readonly #failed = new Set<string>();
  /** The transport that hands over its last payload. */
  #leaving: Transport | undefined;

  constructor(host: UpgraderHost) {
    this.#host = host;
  }

  /** True while nothing may be written to the old transport: the switch waits for its last write. */
  get isPausing(): boolean {
    return this.#upgrade?.state === "pausing";
  }

  /** The session is open. What was refused just now, or died again and again, is tried later. */
  start(attempts: readonly Attempt[]): void {
    const candidate = this.#better();
    if (!candidate) return;
    const { name } = candidate;
    const refused = attempts.some(
      ({ transport, code }) => transport === name && code !== "timeout",
    );
    if (refused || (this.#host.memory.recall(name)?.fails ?? 0) > 1) this.#later();
    else this.now();
  }

  /** Tries at once, unless a try is under way. */
  now(): void {
    const candidate = this.#better();
    if (!candidate || this.#isBusy) return;
    this.#timer?.();
    this.#upgrade = this.#begin(candidate);
    this.#upgrade.start();
  }

  /** A write of the old transport has left. */
  proceed(): void {
    this.#upgrade?.proceed();
  }

  /** The session closes: what has not been switched stays unswitched. */
  settle(): void {
    this.#timer?.();
    if (this.#upgrade?.state !== "switching") this.#upgrade?.cancel();
  }

  /** The session is over. */
  stop(): void {
    this.#timer?.();
    this.#upgrade?.cancel();
    this.#leaving?.close();
  }

  get #isBusy(): boolean {
    const state = this.#upgrade?.state;
    return state !== undefined && state !== "abandoned";
  }

  #later(): void {
    this.#timer?.();
    this.#failed.clear();
    this.#timer = this.#host.timers.after(this.#delay, () => this.now());
    this.#delay = Math.min(this.#delay * 2, LONGEST_DELAY);
  }

  /** The first transport of the list that the server offers, and that isn't the one in use. */
  #better(): Candidate | undefined {
    const { transport, connector, offered } = this.#host;
    if (transport.streams || connector.options.upgrade === false) return undefined;
    return connector
      .candidates()
      .find(
        ({ name }) => name !== transport.name && offered.includes(name) && !this.#failed.has(name),
      );
  }

  #begin(candidate: Candidate): Upgrade {
    const host = this.#host;
    const { memory, transport: current } = host;
    const { sink } = current;
    const next = candidate.create(host.id);
    const startedAt = Date.now();
    return new Upgrade(
      {
        timers: host.timers,
        current,
        patience: host.patience,
        answered: () => host.answered(next),
        switched: () => {
          memory.note(next.name, true, Date.now() - startedAt);
          this.#leaving = current;
          // what the server still says over the old transport counts, but not its farewell
          current.sink = {
            opened() {},
            text: (packet) => packet !== "1" && sink.text(packet),
            binary: (data) => sink.binary(data),
            drained: () => sink.drained(),
            closed: (reason) => sink.closed(reason),
          };
          host.switched(next);
        },
        completed: () => {
          this.#leaving = undefined;
          current.sink = deaf;
          return sink;
        },
        abandoned: (failure) => {
          memory.note(next.name, false, Date.now() - startedAt);
          this.#failed.add(next.name);
          const code = next.name === "websocket" ? "websocket-blocked" : "transport-error";
          host.stayed(transportError(code, failure));
          if (this.#better()) this.now();
          else this.#later();
        },
        failed: (failure) => host.failed(failure),
      },
      next,
    );
  }
}
