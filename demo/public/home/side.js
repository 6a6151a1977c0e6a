import { element, seconds, setText } from "../parts/dom.js";
import { nameTransport } from "../parts/reasons.js";
import { t } from "../parts/texts.js";
import { clients } from "./clients.js";
import { createTally } from "./tally.js";

const WRITTEN = 3;

/**
 * One client's half of the comparison.
 *
 * @param {HTMLElement} host with `data-side`, the name of the client
 * @param {string} url
 */
export function createSide(host, url) {
  const part = (name) => host.querySelector(`[data-${name}]`);
  const menu = host.querySelector("select");
  const cells = part("cells");
  const written = part("written");
  const tally = createTally();
  const marks = [];
  let lines = [];
  let run;
  let socket;

  menu.addEventListener("change", start);
  menu.disabled = false;
  start();

  function start() {
    socket?.disconnect();
    run = crypto.randomUUID?.() ?? String(Math.random());
    marks.length = 0;
    lines = [];
    cells.replaceChildren();
    written.replaceChildren();
    socket = clients[host.dataset.side][menu.value](`${url}/comparison`);
    tally.reset();
  }

  function send(text, isWritten = false) {
    const number = tally.send(text);
    socket.emit("say", run, number, text);
    marks[number] = cells.appendChild(element("li", {}));
    // The oldest gives way when there is no more room.
    while (cells.scrollHeight > cells.clientHeight) cells.firstElementChild.remove();
    if (!isWritten) return;
    const line = element("li", {}, element("span", {}, text), " ", element("small", {}));
    written.append(line);
    lines.push({ number, line });
    if (lines.length > WRITTEN) lines.shift().line.remove();
  }

  function show() {
    const { away, ...counts } = tally.totals();
    const { connected } = socket;
    host.dataset.state = connected ? "connected" : "away";
    setText(
      part("state"),
      connected
        ? nameTransport(socket.io.engine.transport.name)
        : t(socket.active ? "home.away" : "status.disconnected"),
    );
    setText(part("away"), seconds(away));
    host.dataset.hasLost = String(counts.lost > 0);
    for (const [name, count] of Object.entries(counts)) setText(part(name), String(count));
    const messages = tally.messages();
    messages.forEach((message, number) => (marks[number].dataset.fate = message.fate));
    for (const { number, line } of lines) {
      line.dataset.fate = messages[number].fate;
      setText(line.lastElementChild, t(`home.fates.${messages[number].fate}`));
    }
  }

  return {
    send,
    show,
    restart: start,
    get run() {
      return run;
    },
    count: (counts = []) => tally.count(counts),
    totals: () => tally.totals(),
    next: () => tally.next(),
    isPast: (number) => tally.isPast(number),
    usesWebSocket: () => socket.connected && socket.io.engine.transport.name === "websocket",
    /** What the menu says. */
    options: () => menu.selectedOptions[0].textContent,
  };
}
