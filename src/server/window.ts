/** More ranges than these are not kept apart: the lowest counts as received. */
const MAX_GAPS = 256;

/** Which numbers from 1 on were claimed: all up to a mark, but for the gaps below it. */
export class Window {
  private _mark = 0;
  /** The first and last number of each gap, ascending: first, last, first, last.. */
  private _gaps: number[] = NO_GAPS;

  /** True for the first claim of this number. Numbers may come in any order. */
  claim(number: number): boolean {
    const mark = this._mark;
    if (number <= mark) return this._fill(number);
    if (number > mark + 1) this._replace(this._gaps.length, 0, mark + 1, number - 1);
    this._mark = number;
    return true;
  }

  private _fill(number: number): boolean {
    const gaps = this._gaps;
    // from the end: late packets are mostly recent ones
    for (let at = gaps.length - 2; at >= 0; at -= 2) {
      const [first, last] = [gaps[at] as number, gaps[at + 1] as number];
      if (number > last) return false;
      if (number < first) continue;
      const below = first < number ? [first, number - 1] : [];
      const above = number < last ? [number + 1, last] : [];
      this._replace(at, 2, ...below, ...above);
      return true;
    }
    return false;
  }

  private _replace(at: number, count: number, ...bounds: number[]): void {
    if (this._gaps === NO_GAPS) this._gaps = [];
    this._gaps.splice(at, count, ...bounds);
    if (this._gaps.length > 2 * MAX_GAPS) this._gaps.splice(0, 2);
  }
}

/** Shared by the windows that have none, which are nearly all; never written to. */
const NO_GAPS: number[] = [];
