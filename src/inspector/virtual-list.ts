import { create, setText, sheetOf } from "./dom.js";

/** Height of a row, in pixels. */
const ROW = 24;

/** What a list shows. */
export interface Rows {
  readonly count: number;
  /** Identifies a row, whatever its position, for as long as it is kept. */
  rowAt(place: number): number;
  /** Below 0 when it is not there. */
  placeOf(key: number): number;
  /** The texts of its columns. */
  cells(key: number): readonly string[];
  /** A class name for its style. */
  kind(key: number): string;
}

/** A list in which only visible rows are elements. It follows the newest row until the user scrolls away. */
export class VirtualList {
  readonly element: HTMLElement;
  readonly sheet: CSSStyleSheet;
  /** The key of the chosen row; undefined: none. */
  selected: number | undefined;
  private readonly _name: string;
  private readonly _columns: number;
  private readonly _chosen: (key: number | undefined) => void;
  private readonly _space: HTMLElement;
  private readonly _window: HTMLElement;
  private readonly _lines: HTMLElement[] = [];
  private readonly _keys: number[] = [];
  private _rows: Rows;
  private _isFollowing = true;
  private _height = 0;
  private _top = 0;
  private _count = -1;
  private _resizes: ResizeObserver | undefined;

  /** @param chosen - called when another row is chosen */
  constructor(
    owner: Document,
    name: string,
    label: string,
    columns: number,
    rows: Rows,
    chosen: (key: number | undefined) => void,
  ) {
    this._name = name;
    this._columns = columns;
    this._rows = rows;
    this._chosen = chosen;
    this._window = create(owner, "div", { class: `${name}-window`, role: "presentation" });
    this._space = create(
      owner,
      "div",
      { class: `${name}-space`, role: "presentation" },
      this._window,
    );
    this.element = create(
      owner,
      "div",
      { class: `list ${name}`, role: "listbox", tabindex: "0", "aria-label": label },
      this._space,
    );
    this.sheet = sheetOf(
      owner,
      `.${name}-space { position: relative; block-size: 0px; }
       .${name}-window { position: absolute; inset-block-start: 0; inset-inline: 0; transform: translateY(0px); }`,
    );
    this.element.addEventListener("scroll", () => this._scrolled());
    this.element.addEventListener("keydown", (event) => this._pressed(event));
    this.element.addEventListener("click", (event) => this._clicked(event));
  }

  get isFollowing(): boolean {
    return this._isFollowing;
  }

  /** The list is on the page. */
  start(): void {
    const view = this.element.ownerDocument.defaultView as Window & typeof globalThis;
    this._resizes = new view.ResizeObserver(() => {
      // the details of a chosen row take room from the list: it stays in sight
      const place = this._chosenPlace;
      const wasInSight = place >= 0 && this._intoSight(place) === this._top;
      this._height = this.element.clientHeight;
      this._count = -1;
      if (wasInSight) this._top = this.element.scrollTop = this._intoSight(place);
    });
    this._resizes.observe(this.element);
    this._height = this.element.clientHeight;
  }

  stop(): void {
    this._resizes?.disconnect();
  }

  /** Shows another source. */
  show(rows: Rows): void {
    this._rows = rows;
    this._count = -1;
    this._keys.length = 0;
    if (this.selected !== undefined && rows.placeOf(this.selected) < 0) this._choose(undefined);
  }

  /**
   * Shows the current rows.
   *
   * @param gone - so many have gone from the front: what somebody reads stays where it is
   */
  update(gone: number, isChanged: boolean): void {
    const { count } = this._rows;
    if (!isChanged && count === this._count) return;
    if (count !== this._count) this._rule(0).setProperty("block-size", `${count * ROW}px`);
    this._count = count;
    const end = Math.max(0, count * ROW - this._height);
    const top = this._isFollowing ? end : Math.min(end, Math.max(0, this._top - gone * ROW));
    if (top !== this._top) this.element.scrollTop = this._top = top;
    this._draw();
  }

  /** Chooses a row and scrolls to it. */
  reveal(key: number): void {
    const place = this._rows.placeOf(key);
    if (place < 0) return;
    this._isFollowing = false;
    this.element.scrollTop = this._top = this._intoSight(place);
    this._choose(key);
  }

  /** Below 0 when no row is chosen. */
  private get _chosenPlace(): number {
    return this.selected === undefined ? -1 : this._rows.placeOf(this.selected);
  }

  /** The scroll position that shows a row and is nearest to the current one. */
  private _intoSight(place: number): number {
    const start = place * ROW;
    return Math.max(Math.min(this._top, start), start + ROW - this._height);
  }

  /** Goes back to the newest row. */
  follow(): void {
    this._isFollowing = true;
    this._count = -1;
    this._choose(undefined);
  }

  private _choose(key: number | undefined): void {
    this.selected = key;
    this._draw();
    this._chosen(key);
  }

  private _draw(): void {
    const { _rows: rows, _lines: lines, _keys: keys, element } = this;
    const start = Math.min(Math.floor(this._top / ROW), Math.max(0, rows.count - 1));
    const wanted = Math.min(Math.ceil(this._height / ROW) + 1, rows.count - start);
    while (lines.length < wanted) lines.push(this._line(lines.length));
    this._rule(1).setProperty("transform", `translateY(${start * ROW}px)`);
    let active = "";
    for (let index = 0; index < lines.length; index++) {
      const line = lines[index] as HTMLElement;
      line.hidden = index >= wanted;
      if (line.hidden) continue;
      const key = rows.rowAt(start + index);
      if (keys[index] !== key) this._fill(index, line, key);
      const isSelected = key === this.selected;
      if (isSelected) active = line.id;
      if ((line.getAttribute("aria-selected") === "true") !== isSelected)
        line.setAttribute("aria-selected", String(isSelected));
    }
    if (!active) element.removeAttribute("aria-activedescendant");
    else if (element.getAttribute("aria-activedescendant") !== active)
      element.setAttribute("aria-activedescendant", active);
  }

  private _fill(index: number, line: HTMLElement, key: number): void {
    this._keys[index] = key;
    const { _rows: rows } = this;
    line.dataset["kind"] = rows.kind(key);
    line.setAttribute("aria-posinset", String(key + 1));
    rows.cells(key).forEach((text, column) => setText(line.children[column] as HTMLElement, text));
  }

  private _line(index: number): HTMLElement {
    const owner = this.element.ownerDocument;
    const cells = Array.from({ length: this._columns }, () => create(owner, "span"));
    const line = create(
      owner,
      "div",
      // the number of rows changes all the time, so it is announced as unknown
      { class: "row", role: "option", id: `${this._name}-${index}`, "aria-setsize": "-1" },
      ...cells,
    );
    this._window.append(line);
    return line;
  }

  private _rule(index: number): CSSStyleDeclaration {
    return (this.sheet.cssRules[index] as CSSStyleRule).style;
  }

  private _scrolled(): void {
    const { element } = this;
    if (element.scrollTop === this._top) return;
    this._top = element.scrollTop;
    this._isFollowing = this._top + this._height >= this._rows.count * ROW - 1;
    this._draw();
  }

  private _pressed(event: KeyboardEvent): void {
    const { _rows: rows } = this;
    const last = rows.count - 1;
    const page = Math.max(1, Math.floor(this._height / ROW) - 1);
    const now = this._chosenPlace;
    const from = now < 0 ? last + 1 : now;
    const places: Record<string, number> = {
      ArrowDown: Math.min(last, now < 0 ? last : now + 1),
      ArrowUp: Math.max(0, from - 1),
      PageDown: Math.min(last, now < 0 ? last : now + page),
      PageUp: Math.max(0, from - page),
      Home: 0,
      End: last,
    };
    const { key, altKey, ctrlKey, metaKey } = event;
    if (altKey || ctrlKey || metaKey) return;
    const place = places[key];
    if (key === "Escape" && this.selected !== undefined) this.follow();
    else if (place === undefined || last < 0) return;
    else this.reveal(rows.rowAt(place));
    event.preventDefault();
  }

  private _clicked(event: Event): void {
    const line = (event.target as Element).closest(".row");
    const index = this._lines.indexOf(line as HTMLElement);
    if (index >= 0) this.reveal(this._keys[index] as number);
  }
}
