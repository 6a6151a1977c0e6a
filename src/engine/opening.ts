import type { Attempt, TautlineError } from "../errors.js";
import type { Cancel } from "../platform/platform.js";
import type { TransportFailure } from "../transports/transport.js";
import type { Candidate, Connector } from "./connector.js";
import { explain } from "./failure.js";
import type { Diagnosis, Finding, Memory, SessionSetup } from "./parts.js";
import { Race, type RaceOutcome } from "./race.js";

/** A diagnosis that takes longer, in milliseconds, is not waited for. */
const DIAGNOSIS_TIMEOUT = 2000;

/** What a session opens with. */
export type OpeningSetup = Omit<SessionSetup, "decoder">;

/** How opening ends. */
export interface OpeningOutcome extends Omit<RaceOutcome, "lost"> {
  /** No transport shook hands. */
  failed(error: TautlineError): void;
}

/** From nothing to a handshake, or to an error that says why not: a race that is explained when it is lost. */
export class Opening {
  readonly attempts: Attempt[];
  private readonly _connector: Connector;
  private readonly _setup: OpeningSetup;
  private readonly _outcome: OpeningOutcome;
  private readonly _race: Race;
  private readonly _diagnosis: Diagnosis | undefined;
  /** Ends what is asked: of the app before the race, of the network after it. */
  private _asking: Cancel | undefined;

  constructor(
    connector: Connector,
    setup: OpeningSetup,
    memory: Memory | undefined,
    outcome: OpeningOutcome,
  ) {
    const { parts, timers } = setup;
    const candidates = inOrder(connector, memory);
    // polling is not raced against: where HTTP hangs, the others will hang too
    const pollingLeads = candidates[0]?.name === "polling";
    const headStart = pollingLeads ? Infinity : (connector.options.fallbackDelay ?? 1000);
    const { hostname } = connector;
    this._connector = connector;
    this._setup = setup;
    this._outcome = outcome;
    this._diagnosis = parts.diagnosis?.(connector, timers);
    const race = (this._race = new Race(
      { candidates, headStart, memory, timers, hostname },
      { ...outcome, lost: (failures) => this._explain(failures) },
    ));
    this.attempts = race.attempts;
  }

  start(): void {
    let isWanted = true;
    this._asking = () => (isWanted = false);
    this._connector.prepare(
      () => isWanted && this._race.start(),
      (error) => isWanted && this._refuse(error),
    );
  }

  stop(): void {
    this._asking?.();
    this._diagnosis?.stop();
    this._race.stop();
  }

  /** The connect timeout has passed. */
  giveUp(): void {
    this._fail([]);
  }

  private _explain(failures: TransportFailure[]): void {
    const { timers, outage } = this._setup;
    if (!this._diagnosis) return this._fail(failures);
    const abort = new AbortController();
    const { signal } = abort;
    const report = (finding?: Finding): void => {
      if (!signal.aborted) this._fail(failures, finding);
    };
    const cancel = timers.after(DIAGNOSIS_TIMEOUT, report);
    this._asking = () => {
      cancel();
      abort.abort();
    };
    void this._diagnosis.investigate(this.attempts, signal, outage).then(report, () => report());
  }

  private _fail(failures: TransportFailure[], finding?: Finding): void {
    // what was still silent is an attempt too
    this.stop();
    this._outcome.failed(explain(this.attempts, failures, this._setup.parts.hints, finding));
  }

  /** What the app said of this session is nothing that can be sent. */
  private _refuse(error: TautlineError): void {
    this.stop();
    this._outcome.failed(error);
  }
}

/** What failed lately goes last; with `rememberUpgrade`, what worked lately goes first. */
export function inOrder(connector: Connector, memory: Memory | undefined): Candidate[] {
  const rank = (name: string): number => {
    const note = memory?.recall(name);
    if (note?.worked === false) return 1;
    return note && connector.options.rememberUpgrade && name !== "polling" ? -1 : 0;
  };
  return connector.candidates().sort((a, b) => rank(a.name) - rank(b.name));
}
