/**
 * A race whose loss is told to a function: what becomes of it is its heir's to say. There is nothing to extend.
 */
import { Race, type RaceOutcome, type RacePlan } from "../../src/engine/transport-manager.js";
import type { TransportFailure } from "../../src/transports/transport.js";

export class ToldRace extends Race {
  constructor(
    plan: RacePlan,
    outcome: RaceOutcome,
    private readonly told: (failures: TransportFailure[]) => void,
  ) {
    super(plan, outcome);
  }

  protected override lost(failures: TransportFailure[]): void {
    this.told(failures);
  }
}
