/** The line drawn: who is at its ends, and what is under way. The list of packets says the same in words. */
import { element, setText } from "../parts/dom.js";
import { sessions } from "./panels.js";

const MOST = 40;
const SHOWN = 18;

/** @param {HTMLElement} host */
export function drawLine(host) {
  const client = element("div", { class: "sim-end" }, element("b", {}, "client"), element("small"));
  const server = element("div", { class: "sim-end" }, element("b", {}, "server"), element("small"));
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
    setText(client.lastChild, switches.offline ? "offline" : socket.io.state);
    setText(server.lastChild, isDown ? "down" : sessions(run.server));
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
  };
}
