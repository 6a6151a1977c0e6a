/** The list of frames and faults, the newest first. Rows are kept and written anew, so that nothing is made in each frame. */
import { element, setText } from "../parts/dom.js";
import { t } from "../parts/texts.js";

const LONGEST = 200;

/** @param {HTMLElement} body of a table */
export function listPackets(body) {
  let shown = -1;
  return ({ news, count }) => {
    if (count === shown) return;
    shown = count;
    while (body.children.length < news.length) body.append(row());
    while (body.children.length > news.length) body.lastChild.remove();
    for (const [i, entry] of news.entries()) write(body.children[i], entry);
  };
}

function row() {
  return element("tr", {}, ...["td", "td", "td", "td", "td"].map((tag) => element(tag)));
}

function write(tr, { at, sent = at, kind, direction, over, text, what, fate, until }) {
  const isFault = kind === "fault";
  tr.dataset.fate = fate;
  tr.dataset.direction = direction ?? "";
  const [time, way, line, frame, end] = tr.children;
  setText(time, (sent / 1000).toFixed(3));
  setText(way, t(`simulator.packets.${isFault ? "fault" : direction}`));
  setText(line, isFault ? "" : over === "http" ? "HTTP" : "WebSocket");
  setText(frame, isFault ? what : shorten(text));
  setText(end, isFault ? "" : t(`simulator.packets.${fate}`, { ms: Math.round(until - sent) }));
}

function shorten(text) {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
