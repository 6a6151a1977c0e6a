import type { Attempt, TautlineError } from "../errors.js";
import type { Cancel } from "../platform/platform.js";
import type { Transport, TransportFailure } from "../transports/transport.js";
import type { Connector } from "./candidates.js";
import { transportError } from "./diagnosis.js";
import type { TransportMemory } from "./memory.js";
import type { Candidate } from "./transport-manager.js";
import { Upgrade, type UpgradeHost } from "./upgrade.js";

/** Milliseconds from a failed upgrade to the next try; doubled each time, up to the longest. */
const FIRST_DELAY = 60_000;
const LONGEST_DELAY = 15 * 60_000;

/** What an upgrader needs of its session. */
export interface UpgraderHost extends UpgradeHost {
  readonly id: string;
  readonly connector: Connector;
  readonly memory: TransportMemory;
  /** Names of the transports that the server offers. */
  readonly offered: readonly string[];
  /** The session is carried by another transport now. */
  switched(next: Transport): void;
  /** The session stays where it is. */
  stayed(error: TautlineError): void;
}

/** Moves a session to a better transport: when to try, which one, and again when it failed. */
export class Upgrader {
  private readonly _host: UpgraderHost;
  private _delay = FIRST_DELAY;
  private _timer: Cancel | undefined;
  /** Under way, or done. */
  private _upgrade: Upgrade | undefined;
  /** What failed in this round of tries. */
  private readonly _failed = new Set<string>();

  constructor(host: UpgraderHost) {
    this._host = host;
  }

  /** True while nothing may be written to the old transport: the switch waits for its last write. */
  get isPausing(): boolean {
    return this._upgrade?.state === "pausing";
  }

  /** The session is open. What was refused just now, or died again and again, is tried later. */
  start(attempts: readonly Attempt[]): void {
    const candidate = this._better();
    if (!candidate) return;
    const { name } = candidate;
    const refused = attempts.some(
      ({ transport, code }) => transport === name && code !== "timeout",
    );
    if (refused || (this._host.memory.recall(name)?.fails ?? 0) > 1) this._later();
    else this.now();
  }

  /** Tries at once, unless a try is under way. */
  now(): void {
    const candidate = this._better();
    if (!candidate || this._upgrade) return;
    this._timer?.();
    const startedAt = Date.now();
    this._upgrade = new Upgrade(this._host, candidate.create(this._host.id), (next, failure) =>
      this._decided(next, Date.now() - startedAt, failure),
    );
    this._upgrade.start();
  }

  /** A write of the old transport has left. */
  proceed(): void {
    this._upgrade?.proceed();
  }

  /** The session closes: what has not been switched stays unswitched. */
  settle(): void {
    if (this._upgrade?.state !== "switching") this.stop();
  }

  /** The session is over. */
  stop(): void {
    this._timer?.();
    this._upgrade?.cancel();
  }

  private _decided(next: Transport, ms: number, failure: TransportFailure | undefined): void {
    const host = this._host;
    const { name } = next;
    host.memory.note(name, !failure, ms);
    if (!failure) return host.switched(next);
    this._upgrade = undefined;
    this._failed.add(name);
    if (this._better()) this.now();
    else this._later();
    // told last: a listener may end the session, and with it what was begun just now
    const code = name === "websocket" ? "websocket-blocked" : "transport-error";
    host.stayed(transportError(code, failure));
  }

  private _later(): void {
    this._failed.clear();
    this._timer = this._host.timers.after(this._delay, () => this.now());
    this._delay = Math.min(this._delay * 2, LONGEST_DELAY);
  }

  /** The first transport of the list that the server offers, and that isn't the one in use. */
  private _better(): Candidate | undefined {
    const { transport, connector, offered } = this._host;
    if (transport.streams || connector.options.upgrade === false) return undefined;
    return connector
      .candidates()
      .find(
        ({ name }) => name !== transport.name && offered.includes(name) && !this._failed.has(name),
      );
  }
}
