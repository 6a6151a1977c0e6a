/**
 * A stream of numbers in one direction, and what became of it: nothing twice, nothing out of order, and nothing lost
 * but what was under way on a connection that died.
 */
import { expect } from "vitest";

export class NumberedStream {
  readonly received: number[] = [];
  sent = 0;

  /** The next number to be sent. */
  take(): number {
    return this.sent++;
  }

  readonly receive = (n: number): void => {
    this.received.push(n);
  };

  /** Numbers that never arrived, as [first, last] of each gap. */
  get gaps(): [number, number][] {
    const gaps: [number, number][] = [];
    let expected = 0;
    for (const n of [...this.received, this.sent]) {
      if (n > expected) gaps.push([expected, n - 1]);
      expected = n + 1;
    }
    return gaps;
  }

  /** @param deaths how many open connections died meanwhile: each may have taken one run of numbers with it */
  verify(deaths = 0): void {
    const ordered = [...new Set(this.received)].sort((a, b) => a - b);
    expect(this.received, "no number twice, and none out of order").toEqual(ordered);
    const { gaps } = this;
    const note = `gaps ${JSON.stringify(gaps)} of ${this.sent} numbers`;
    expect(gaps.length, note).toBeLessThanOrEqual(deaths);
  }
}
