/** More ranges than these are not kept apart: the lowest counts as received. */
const MAX_GAPS = 256;

/** Which numbers from 1 on were claimed: all up to a mark, but for the gaps below it. */
export class Window {
  private _mark = 0;
  /** The first and last number of each gap, ascending: first, last, first, last.. */
  private readonly _gaps: number[] = [];

  /** True for the first claim of this number. Numbers may come in any order. */
  claim(number: number): boolean {
    const gaps = this._gaps;
    if (number > this._mark) {
      // what was left out becomes a gap; then the number is taken out of it as any other
      gaps.push(this._mark + 1, number);
      this._mark = number;
    }
    // from the end: late packets are mostly recent ones
    for (let at = gaps.length - 2; at >= 0; at -= 2) {
      const [first, last] = [gaps[at] as number, gaps[at + 1] as number];
      if (number > last) return false;
      if (number < first) continue;
      const rest = [first, number - 1, number + 1, last];
      if (number === last) rest.length = 2;
      if (number === first) rest.splice(0, 2);
      gaps.splice(at, 2, ...rest);
      if (gaps.length > 2 * MAX_GAPS) gaps.splice(0, 2);
      return true;
    }
    return false;
  }
}
