/** The line drawn: who is at its ends, and what is under way. The list of packets says the same in words. */
import { element, setText } from "../parts/dom.js";
import { t } from "../parts/texts.js";
import { sessions } from "./panels.js";

const MOST = 40;
const SHOWN = 18;
/** Pixels between two labels. */
const GAP = 6;

/** @param {HTMLElement} host */
export function drawLine(host) {
  const client = element(
    "div",
    { class: "sim-end" },
    element("b", {}, t("simulator.ends.client")),
    element("small"),
  );
  const server = element(
    "div",
    { class: "sim-end" },
    element("b", {}, t("simulator.ends.server")),
    element("small"),
  );
  const middle = element("div", { class: "sim-middle" }, element("div", { class: "sim-rope" }));
  const dots = Array.from({ length: MOST }, () => {
    const dot = element("span", { class: "sim-dot", hidden: true }, element("i"), element("span"));
    middle.append(dot);
    return dot;
  });
  host.replaceChildren(client, middle, server);

  return ({ now, flying, run, switches, isDown }) => {
    const { socket } = run;
    host.dataset.state = socket.connected ? "connected" : socket.io.state;
    host.dataset.down = isDown;
    setText(client.lastChild, switches.offline ? t("simulator.states.offline") : socket.io.state);
    setText(server.lastChild, isDown ? t("simulator.states.down") : sessions(run.server));
    const entries = [...flying.values()].slice(-MOST);
    for (const [i, dot] of dots.entries()) {
      const entry = entries[i];
      dot.hidden = !entry;
      if (!entry) continue;
      const way = Math.min(1, (now - entry.sent) / Math.max(1, entry.due - entry.sent));
      dot.dataset.direction = entry.direction;
      dot.dataset.over = entry.over;
      dot.style.left = `${100 * (entry.direction === "up" ? way : 1 - way)}%`;
      setText(dot.lastChild, entry.text.slice(0, SHOWN));
    }
    hideOverlaps(dots.slice(0, entries.length));
  };
}

/** A label has no place where one of an older packet is. All are measured before any is changed. */
function hideOverlaps(dots) {
  const ends = { up: [], down: [] };
  const areBare = dots.map(({ dataset, lastChild }) => {
    const { left, right } = lastChild.getBoundingClientRect();
    const taken = ends[dataset.direction];
    const isBare = taken.some((other) => left < other.right && other.left < right);
    if (!isBare) taken.push({ left: left - GAP, right: right + GAP });
    return isBare;
  });
  for (const [i, dot] of dots.entries()) dot.dataset.bare = areBare[i];
}
