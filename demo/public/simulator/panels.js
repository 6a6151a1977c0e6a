/** States, claims and promises in words. */
import { element, setText } from "../parts/dom.js";

const MARKS = { holds: "holds", open: "not known yet", broken: "broken" };
const RECENT = 8;

/** Terms and values that are written anew, in a list of definitions. */
function definitions(host, names) {
  const values = names.map((name) => {
    const value = element("dd");
    host.append(element("div", {}, element("dt", {}, name), value));
    return value;
  });
  return (texts) => {
    for (const [i, text] of texts.entries()) setText(values[i], String(text));
  };
}

/** @param {HTMLElement} host */
export function showStates(host) {
  const write = definitions(host, [
    "Manager",
    "Connection",
    "Socket",
    "Waiting",
    "Network",
    "Server",
  ]);
  return ({ run, recording, switches, isDown }) => {
    const { socket, server } = run;
    const { io } = socket;
    const { attempt, waiting } = recording.now();
    const { engine } = io;
    write([
      attempt ? `${io.state}, attempt ${attempt}` : io.state,
      engine ? `${engine.readyState}, ${engine.transport?.name ?? "no transport"}` : "none",
      socket.state ?? "closed",
      `${waiting} ${waiting === 1 ? "packet" : "packets"}`,
      switches.offline ? "offline" : switches.blocked ? "no WebSocket" : "online",
      isDown ? "down" : sessions(server),
    ]);
  };
}

/** @param {HTMLElement} list */
export function showClaims(list) {
  return ({ run }) => {
    const claims = run.claims.list();
    while (list.children.length < claims.length)
      list.append(
        element("li", {}, element("b"), element("em"), element("span"), element("small")),
      );
    while (list.children.length > claims.length) list.lastChild.remove();
    for (const [i, { name, text, state, what }] of claims.entries()) {
      const item = list.children[i];
      item.dataset.state = state;
      for (const [at, words] of [name, MARKS[state], text, what].entries())
        setText(item.children[at], words);
    }
  };
}

/** @param {HTMLElement} counts @param {HTMLElement} recent */
export function showPromises(counts, recent) {
  const names = ["Sent", "Pending", "Resolved", "Rejected", "Handled", "Handled again"];
  const write = definitions(counts, names);
  return ({ run }) => {
    const { counts: c, messages } = run.claims;
    write([c.sent, c.pending, c.resolved, c.rejected, c.handled, c.repeated]);
    const last = [];
    for (let n = run.sent - 1; n >= 0 && last.length < RECENT; n--) {
      const message = messages.get(n);
      if (message) last.push(message);
    }
    while (recent.children.length < last.length)
      recent.append(element("li", {}, element("b"), element("span")));
    while (recent.children.length > last.length) recent.lastChild.remove();
    for (const [i, message] of last.entries()) {
      const item = recent.children[i];
      item.dataset.state = message.state;
      setText(item.children[0], `${message.n}`);
      setText(item.children[1], inWords(message));
    }
  };
}

function inWords({ state, why, after, times }) {
  const handled = times === 0 ? "not handled" : times === 1 ? "handled" : `handled ${times} times`;
  if (state === "pending") return `pending, ${handled}`;
  const how = state === "rejected" ? `rejected: ${why}` : "resolved";
  return `${how}, ${handled}, ${Math.round(after)} ms`;
}

/** How many connections a server has. */
export function sessions({ engine }) {
  return `${engine.clientsCount} ${engine.clientsCount === 1 ? "session" : "sessions"}`;
}
