import type { Recording } from "../recorder/recording.js";
import { create, setText, sheetOf } from "./dom.js";
import { Facts } from "./facts.js";
import { Graph } from "./graph.js";
import { type Filter, Matches, NO_FILTER } from "./matches.js";
import { noteRows, packetRows } from "./rows.js";
import { freeze, type Source } from "./source.js";
import { CSS } from "./styles.js";
import { VirtualList } from "./virtual-list.js";
import { announcement, packetFacts } from "./words.js";

const PACKET_HEADS = ["s", "", "name", "namespace", "ack", "size", "round trip"];
const NOTE_COLUMNS = 3;

/** Milliseconds between two updates: faster ones cannot be read, and would cost the page frames. */
const EVERY = 100;

/** The content of the element for one recording. It draws nothing when nothing has changed. */
export class View {
  private readonly _owner: Document;
  private readonly _recording: Recording;
  private readonly _root: HTMLElement;
  private readonly _facts: Facts;
  private readonly _graph: Graph;
  private readonly _packets: VirtualList;
  private readonly _notes: VirtualList;
  private readonly _pause: HTMLButtonElement;
  private readonly _detail: HTMLElement;
  private readonly _said: HTMLElement;
  private readonly _shown: HTMLElement;
  private _source: Source;
  private _filter: Filter = NO_FILTER;
  private _matches: Matches;
  private _frame = 0;
  private _due = 0;
  private _seen = 0;
  /** The next packet that may have a round trip. */
  private _measured = 0;
  private _lastNote: unknown;
  /** What was announced last. The state at the time when the view is opened is not announced. */
  private _state: string;

  constructor(shadow: ShadowRoot, recording: Recording) {
    const owner = (this._owner = shadow.ownerDocument);
    this._recording = recording;
    this._source = recording;
    this._state = recording.now().state;
    this._matches = new Matches(recording, NO_FILTER);
    this._facts = new Facts(owner);
    this._graph = new Graph(owner);
    this._packets = new VirtualList(
      owner,
      "packets",
      "Packets",
      PACKET_HEADS.length,
      packetRows(recording, this._matches),
      (index) => this._tell(index),
    );
    this._notes = new VirtualList(
      owner,
      "notes",
      "Timeline",
      NOTE_COLUMNS,
      noteRows(recording),
      () => {},
    );
    this._pause = create(owner, "button", { type: "button", "aria-pressed": "false" }, "Pause");
    this._detail = create(owner, "div", {
      class: "detail",
      role: "region",
      "aria-label": "Packet",
    });
    this._detail.hidden = true;
    this._said = create(owner, "div", { class: "said", role: "status" });
    this._shown = create(owner, "span");
    this._root = create(
      owner,
      "div",
      { class: "all" },
      this._bar(),
      this._facts.element,
      this._graph.element,
      create(owner, "section", {}, create(owner, "h2", {}, "Timeline"), this._notes.element),
      create(
        owner,
        "section",
        {},
        create(owner, "h2", {}, "Packets", this._shown),
        // only visual: a row can be understood without it
        create(
          owner,
          "div",
          { class: "row packets head", "aria-hidden": "true" },
          ...PACKET_HEADS.map((text) => create(owner, "span", {}, text)),
        ),
        this._packets.element,
      ),
      create(owner, "div", {}, this._detail, this._said),
    );
    shadow.adoptedStyleSheets = [sheetOf(owner, CSS), this._packets.sheet, this._notes.sheet];
    shadow.replaceChildren(this._root);
  }

  /** The element is on the page: draws until {@link stop}. */
  start(): void {
    this._packets.start();
    this._notes.start();
    const draw = (now: number): void => {
      this._draw(now);
      this._frame = this._window.requestAnimationFrame(draw);
    };
    this._frame = this._window.requestAnimationFrame(draw);
  }

  stop(): void {
    this._window.cancelAnimationFrame(this._frame);
    this._packets.stop();
    this._notes.stop();
  }

  private get _window(): Window & typeof globalThis {
    return this._owner.defaultView as Window & typeof globalThis;
  }

  private _bar(): HTMLElement {
    const owner = this._owner;
    const button = (text: string, act: () => void): HTMLButtonElement => {
      const made = create(owner, "button", { type: "button" }, text);
      made.addEventListener("click", act);
      return made;
    };
    const text = create(owner, "input", { type: "search", placeholder: "event, namespace, type" });
    const direction = create(
      owner,
      "select",
      { "aria-label": "Direction" },
      create(owner, "option", { value: "both" }, "in and out"),
      create(owner, "option", { value: "in" }, "in"),
      create(owner, "option", { value: "out" }, "out"),
    );
    const changed = (): void =>
      this._filterBy({ text: text.value, direction: direction.value as Filter["direction"] });
    text.addEventListener("input", changed);
    direction.addEventListener("change", changed);
    this._pause.addEventListener("click", () => this._toggle());
    return create(
      owner,
      "div",
      { class: "bar" },
      this._pause,
      create(owner, "label", {}, "Filter", text),
      direction,
      button("Measure", () => this._recording.probe()),
      button("Export", () => this._export()),
    );
  }

  // -- drawing

  private _draw(now: number): void {
    if (now < this._due) return;
    this._due = now + EVERY;
    const { _source: source, _matches: matches } = this;
    const { count } = source.packets;
    const note = source.notes[source.notes.length - 1];
    const isNew = count !== this._seen;
    this._measure(Math.max(this._measured, source.packets.first), count);
    this._seen = count;
    this._packets.update(isNew ? matches.read() : 0, isNew);
    const isNoted = note !== this._lastNote;
    this._lastNote = note;
    this._notes.update(0, isNoted);
    if (note?.kind === "probe" && isNoted) this._graph.add(note.ms);
    this._graph.update();
    this._facts.update(now, source, this._graph.last, isNoted);
    if (isNew) setText(this._shown, `${matches.count} shown`);
    if (isNoted) this._say();
  }

  /** Acks of the server give round trips. */
  private _measure(from: number, to: number): void {
    for (let index = from; index < to; index++) {
      const packet = this._source.packet(index);
      if (packet?.kind === "in" && packet.ms !== undefined) this._graph.add(packet.ms);
    }
    this._measured = Math.max(from, to);
  }

  private _say(): void {
    const now = this._source.now();
    if (now.state === this._state) return;
    setText(this._said, announcement(now));
    this._state = now.state;
  }

  // -- actions of the user

  private _toggle(): void {
    const isPaused = this._source === this._recording;
    this._source = isPaused ? freeze(this._recording) : this._recording;
    this._pause.setAttribute("aria-pressed", String(isPaused));
    this._notes.show(noteRows(this._source));
    this._lastNote = undefined;
    this._filterBy(this._filter);
  }

  private _filterBy(filter: Filter): void {
    this._filter = filter;
    this._matches = new Matches(this._source, filter);
    this._matches.read();
    this._packets.show(packetRows(this._source, this._matches));
    // the next frame draws it
    this._seen = -1;
    this._due = 0;
  }

  private _tell(index: number | undefined): void {
    const { _detail: detail, _owner: owner, _source: source } = this;
    const packet = index === undefined ? undefined : source.packet(index);
    detail.hidden = !packet;
    if (!packet || index === undefined) return;
    const facts = packetFacts(packet).map(([name, value]) =>
      create(owner, "div", {}, create(owner, "dt", {}, name), create(owner, "dd", {}, value)),
    );
    detail.replaceChildren(create(owner, "dl", {}, ...facts));
    const pair = source.pairOf(index);
    if (pair === undefined) return;
    const label = pair > index ? "Show its answer" : "Show what it answers";
    const show = create(owner, "button", { type: "button" }, label);
    show.addEventListener("click", () => {
      this._packets.reveal(pair);
      this._packets.element.focus();
    });
    detail.append(show);
  }

  private _export(): void {
    const { URL, Blob } = this._window;
    const report = this._source.report();
    const text = JSON.stringify(report, undefined, 2);
    const href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    const name = `tautline-${report.made.replace(/\W/g, "-")}.json`;
    create(this._owner, "a", { href, download: name }).click();
    // the browser has read it by then
    this._window.setTimeout(() => URL.revokeObjectURL(href), 10_000);
  }
}
