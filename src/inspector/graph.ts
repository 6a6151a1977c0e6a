import { create, draw, setText } from "./dom.js";
import { duration } from "./words.js";

/** How many round trips are shown. */
const KEPT = 120;
const WIDTH = 240;
const HEIGHT = 40;

/** The last round trips, as a line and as a sentence. It keeps only what it shows. */
export class Graph {
  readonly element: HTMLElement;
  private readonly _line: SVGElement;
  private readonly _words: HTMLElement;
  private readonly _values: number[] = [];
  private _isDrawn = false;

  constructor(owner: Document) {
    this._line = draw(owner, "polyline", { class: "line" });
    this._words = create(owner, "figcaption");
    this.element = create(
      owner,
      "figure",
      { "aria-label": "Round trips" },
      // the sentence says the same
      draw(
        owner,
        "svg",
        {
          viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
          preserveAspectRatio: "none",
          "aria-hidden": "true",
          focusable: "false",
        },
        this._line,
      ),
      this._words,
    );
    this.update();
  }

  /** The last known round trip. */
  get last(): number | undefined {
    return this._values[this._values.length - 1];
  }

  add(ms: number): void {
    this._values.push(ms);
    if (this._values.length > KEPT) this._values.shift();
    this._isDrawn = false;
  }

  /** Draws what is new. */
  update(): void {
    if (this._isDrawn) return;
    this._isDrawn = true;
    const { points, words } = plot(this._values);
    this._line.setAttribute("points", points);
    setText(this._words, words);
  }
}

/** The points of the line, oldest at the left, and the sentence. */
export function plot(values: readonly number[]): { points: string; words: string } {
  if (!values.length) return { points: "", words: "No round trip was seen yet" };
  const sorted = [...values].sort((a, b) => a - b);
  const most = sorted[sorted.length - 1] as number;
  const median = sorted[sorted.length >> 1] as number;
  const step = WIDTH / (KEPT - 1);
  const start = WIDTH - step * (values.length - 1);
  const place = (ms: number): number => HEIGHT - 1 - (ms / (most || 1)) * (HEIGHT - 2);
  const at = values.map((ms, index) => `${tenth(start + index * step)},${tenth(place(ms))}`);
  // a single point is a short line
  if (at.length === 1) at.unshift(`${tenth(WIDTH - step)},${tenth(place(most))}`);
  const last = values[values.length - 1] as number;
  return {
    points: at.join(" "),
    words:
      `Last ${duration(last)}, median ${duration(median)}, most ${duration(most)} ` +
      `of ${values.length} round trip${values.length === 1 ? "" : "s"}`,
  };
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
