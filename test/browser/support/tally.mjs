/**
 * What became of a stream of numbers 0, 1, 2, ... that one page has sent: what is missing, what came twice, and what came
 * before a lower number. It takes numbers as they come, so that a run may last for hours.
 *
 *   const tally = new Tally();
 *   tally.receive(0);
 *   tally.missing(2); // 1: number 1 has not come
 */
export class Tally {
  /** All numbers below have come. */
  next = 0;
  doubled = 0;
  /** How many came before a lower number. */
  disordered = 0;
  /** What came before a lower number that is still missing. */
  #early = new Set();
  /** The highest that has come. */
  last = -1;

  receive(n) {
    if (n < this.next || this.#early.has(n)) {
      this.doubled++;
      return;
    }
    if (n < this.last) this.disordered++;
    this.last = Math.max(this.last, n);
    this.#early.add(n);
    while (this.#early.delete(this.next)) this.next++;
  }

  /** The first number is not 0: whoever came later has missed nothing before it. */
  begin(n) {
    this.next = n;
  }

  /**
   * How many numbers below `sent` have not come. Of a page that died nobody knows how many it has sent: then what counts is
   * that there is no hole in what came.
   */
  missing(sent = this.last + 1) {
    return sent - this.next - [...this.#early].filter((n) => n < sent).length;
  }
}
