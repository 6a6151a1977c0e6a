import type { ErrorCode, TautlineError } from "../errors.js";
import type { Cancel, Timers } from "../platform/platform.js";
import type { TransportFailure } from "../transports/transport.js";
import type { Connector } from "./candidates.js";
import { explain, investigate } from "./diagnosis.js";
import type { TransportMemory } from "./memory.js";
import { type Candidate, Race, type RaceOutcome } from "./transport-manager.js";

/** A diagnosis that takes longer, in milliseconds, is done without. */
const DIAGNOSIS_TIMEOUT = 2000;

/** What comes of opening. */
export interface OpeningOutcome extends RaceOutcome {
  /** No transport shook hands. */
  failed(error: TautlineError): void;
}

/** From nothing to a handshake, or to an error that says why not: a race that is explained when it is lost. */
export class Opening extends Race {
  private readonly _connector: Connector;
  private readonly _told: OpeningOutcome;
  private readonly _timers: Timers;
  private _investigation: Cancel | undefined;

  constructor(
    connector: Connector,
    memory: TransportMemory,
    outcome: OpeningOutcome,
    timers: Timers,
  ) {
    const candidates = inOrder(connector, memory);
    // polling is not raced against: where it hangs, so will the others
    const pollingLeads = candidates[0]?.name === "polling";
    const headStart = pollingLeads ? Infinity : (connector.options.fallbackDelay ?? 1000);
    super({ candidates, headStart, memory, timers }, outcome);
    this._connector = connector;
    this._told = outcome;
    this._timers = timers;
  }

  override stop(): void {
    this._investigation?.();
    super.stop();
  }

  /** The time is over. */
  giveUp(): void {
    this.stop();
    this._told.failed(explain(this.attempts, []));
  }

  protected override lost(failures: TransportFailure[]): void {
    const abort = new AbortController();
    const { signal } = abort;
    const report = (code?: ErrorCode): void => {
      if (signal.aborted) return;
      this.stop();
      this._told.failed(explain(this.attempts, failures, code));
    };
    const cancel = this._timers.after(DIAGNOSIS_TIMEOUT, report);
    this._investigation = () => {
      cancel();
      abort.abort();
    };
    void investigate(this.attempts, this._connector.probeTarget(), signal).then(report);
  }
}

/** What failed lately goes last; with `rememberUpgrade`, what worked lately goes first. */
export function inOrder(connector: Connector, memory: TransportMemory): Candidate[] {
  const rank = (name: string): number => {
    const note = memory.recall(name);
    if (note?.worked === false) return 1;
    return note && connector.options.rememberUpgrade && name !== "polling" ? -1 : 0;
  };
  return connector.candidates().sort((a, b) => rank(a.name) - rank(b.name));
}
