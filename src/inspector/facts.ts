import { create, setText } from "./dom.js";
import type { Source } from "./source.js";
import { duration, sharedText, size } from "./words.js";

const NAMES = [
  "State",
  "Transport",
  "Round trip",
  "Waiting",
  "Buffered",
  "Reconnects",
  "Packets",
  "Shared line",
] as const;

/** Milliseconds between two updates of the numbers: faster changes cannot be read. */
const EVERY = 250;

/** The current numbers. */
export class Facts {
  readonly element: HTMLElement;
  private readonly _values: HTMLElement[];
  private _due = 0;
  private _count = 0;
  private _duration = 0;

  constructor(owner: Document) {
    this._values = NAMES.map(() => create(owner, "dd"));
    const pairs = this._values.map((value, index) =>
      create(owner, "div", {}, create(owner, "dt", {}, NAMES[index] as string), value),
    );
    this.element = create(owner, "dl", { class: "facts", "aria-label": "Connection" }, ...pairs);
    this._showShared(false);
  }

  /** Few connections are shared: it is hidden elsewhere. */
  private _showShared(isThere: boolean): void {
    const pair = this._values[this._values.length - 1]?.parentElement as HTMLElement;
    if (pair.hidden === isThere) pair.hidden = !isThere;
  }

  /** @param rtt - the last known round trip */
  update(now: number, source: Source, rtt: number | undefined, isUrgent: boolean): void {
    if (now < this._due && !isUrgent) return;
    this._due = now + EVERY;
    const { state, transport = "none", waiting, bufferedAmount, attempt, shared } = source.now();
    const { duration: total, packets } = source;
    const seconds = (total - this._duration) / 1000;
    const rate = seconds > 0 ? Math.max(0, (packets.count - this._count) / seconds) : 0;
    this._duration = total;
    this._count = packets.count;
    const texts = [
      state,
      transport,
      rtt === undefined ? "unknown" : duration(rtt),
      String(waiting),
      size(bufferedAmount),
      String(attempt),
      `${packets.count}, ${Math.round(rate)}/s`,
      shared ? sharedText(shared) : "",
    ];
    texts.forEach((text, index) => setText(this._values[index] as HTMLElement, text));
    this._showShared(!!shared);
  }
}
