/** System colours follow the `color-scheme` of the page, or of the element. */
export const CSS = `
:host {
  --accent-in: #0a5fb4; --accent-out: #8a4b00; --accent-bad: #b3261e; --focus: #0a5fb4; --line: #8886;
  display: block; block-size: 32rem; min-inline-size: 0; overflow: hidden;
  background: Canvas; color: CanvasText; border: 1px solid var(--line);
  font: 13px/1.4 system-ui, sans-serif; container-type: inline-size;
}
@supports (color: light-dark(red, blue)) {
  :host {
    --accent-in: light-dark(#0a5fb4, #8ec5ff); --accent-out: light-dark(#8a4b00, #ffb870);
    --accent-bad: light-dark(#b3261e, #ff9b94); --focus: light-dark(#0a5fb4, #8ec5ff);
  }
}
:host([hidden]) { display: none; }
* { box-sizing: border-box; }
.all {
  block-size: 100%; display: grid; grid-template-rows: auto auto auto minmax(0, 2fr) minmax(0, 3fr) auto;
}
.bar { display: flex; flex-wrap: wrap; gap: 6px; padding: 6px; border-block-end: 1px solid var(--line); }
.bar label { display: flex; align-items: center; gap: 4px; flex: 1 1 12rem; min-inline-size: 0; }
.bar input { flex: 1 1 6rem; inline-size: 6rem; min-inline-size: 0; }
button, input, select { font: inherit; color: inherit; min-block-size: 26px; }
::placeholder { color: inherit; opacity: 0.75; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 1px; }
.list:focus-visible { outline-offset: -2px; }
.facts {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(6.2rem, 1fr)); gap: 2px 10px; margin: 0;
  padding: 4px 8px; border-block-end: 1px solid var(--line);
}
.facts div[hidden] { display: none; }
.facts div { display: flex; flex-direction: column; min-inline-size: 0; }
dt { font-size: 11px; opacity: 0.75; }
dd { margin: 0; font-variant-numeric: tabular-nums; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
figure { display: flex; flex-wrap: wrap; align-items: center; gap: 2px 10px; margin: 0; padding: 4px 8px; border-block-end: 1px solid var(--line); }
svg { flex: 1 1 8rem; min-inline-size: 0; inline-size: 100%; block-size: 32px; }
.line { fill: none; stroke: var(--accent-in); stroke-width: 1.5; vector-effect: non-scaling-stroke; stroke-linejoin: round; }
figcaption { flex: 0 1 auto; font-size: 11px; font-variant-numeric: tabular-nums; }
section { display: flex; flex-direction: column; min-block-size: 0; }
h2 { font-size: 12px; margin: 0; padding: 4px 8px; display: flex; justify-content: space-between; gap: 8px; }
h2 span { font-weight: normal; font-variant-numeric: tabular-nums; }
.list { flex: 1 1 0; min-block-size: 0; overflow: auto; overflow-anchor: none; contain: strict; }
.row {
  block-size: 24px; padding: 3px 8px; display: grid; gap: 8px; font: 12px/18px ui-monospace, monospace;
  white-space: nowrap; cursor: default;
}
.row[hidden] { display: none; }
.packets.head { flex: none; opacity: 0.75; font-family: inherit; font-size: 11px; border-block-end: 1px solid var(--line); }
.row span { overflow: hidden; text-overflow: ellipsis; }
.row[aria-selected="true"] { background: Highlight; color: HighlightText; }
.packets .row, .packets.head { grid-template-columns: 4.6rem 2rem minmax(6rem, 2fr) minmax(2rem, 1fr) 3.5rem 4.5rem 5rem; }
.packets span:nth-child(1), .packets span:nth-child(n + 5), .notes .row span:first-child {
  text-align: end; font-variant-numeric: tabular-nums;
}
.notes .row { grid-template-columns: 4.6rem 5rem minmax(0, 1fr); }
.row[data-kind="in"]:not([aria-selected="true"]) span:nth-child(2) { color: var(--accent-in); }
.row[data-kind="out"]:not([aria-selected="true"]) span:nth-child(2) { color: var(--accent-out); }
.row[data-kind="bad"]:not([aria-selected="true"]) span:nth-child(2) { color: var(--accent-bad); }
.detail {
  border-block-start: 1px solid var(--line); padding: 4px 8px; max-block-size: 9rem; overflow: auto;
}
.detail[hidden] { display: none; }
.detail dl {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: 2px 12px; margin: 0 0 4px;
}
.detail dd { white-space: normal; overflow-wrap: anywhere; }
.said {
  position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}
@container (max-width: 34rem) {
  .packets .row, .packets.head { grid-template-columns: 3.8rem 1.6rem minmax(3rem, 1fr) 3.2rem 4rem; gap: 6px; }
  .packets span:nth-child(4), .packets span:nth-child(5) { display: none; }
  .notes .row { grid-template-columns: 3.8rem 4.2rem minmax(0, 1fr); gap: 6px; }
  .notes .row:is([data-kind="state"], [data-kind="channel"]) { grid-template-columns: 3.8rem minmax(0, 1fr); }
  .notes .row:is([data-kind="state"], [data-kind="channel"]) span:nth-child(2) { display: none; }
  .facts { grid-template-columns: repeat(3, minmax(0, 1fr)); }
  .detail { max-block-size: 6rem; }
}
@media (forced-colors: active) { .row { forced-color-adjust: none; } }
`;
