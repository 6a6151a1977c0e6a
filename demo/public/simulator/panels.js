/** States, claims and promises in words. */
import { element, setText } from "../parts/dom.js";
import { t } from "../parts/texts.js";

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
  const write = definitions(
    host,
    ["manager", "connection", "socket", "waiting", "network", "server"].map((name) =>
      t(`simulator.states.${name}`),
    ),
  );
  return ({ run, recording, switches, isDown }) => {
    const { socket, server } = run;
    const { io } = socket;
    const { attempt, waiting } = recording.now();
    const { engine } = io;
    write([
      attempt ? t("simulator.states.attempt", { state: io.state, attempt }) : io.state,
      engine
        ? t("simulator.states.over", {
            state: engine.readyState,
            transport: engine.transport?.name ?? t("transports.none"),
          })
        : t("simulator.states.none"),
      socket.state ?? "closed",
      counted("waiting", waiting),
      t(
        `simulator.states.${switches.offline ? "offline" : switches.blocked ? "blocked" : "online"}`,
      ),
      isDown ? t("simulator.states.down") : sessions(server),
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
    for (const [i, { id, state, broken }] of claims.entries()) {
      const item = list.children[i];
      item.dataset.state = state;
      const texts = [
        t(`simulator.claims.${id}.name`),
        t(`simulator.marks.${state}`),
        t(`simulator.claims.${id}.text`),
        broken ? t(`simulator.broken.${broken.how}`, broken) : "",
      ];
      for (const [at, text] of texts.entries()) setText(item.children[at], text);
    }
  };
}

/** @param {HTMLElement} counts @param {HTMLElement} recent */
export function showPromises(counts, recent) {
  const names = ["sent", "pending", "resolved", "rejected", "handled", "repeated"];
  const write = definitions(
    counts,
    names.map((name) => t(`simulator.counts.${name}`)),
  );
  return ({ run }) => {
    const { counts: c, messages } = run.claims;
    write(names.map((name) => c[name]));
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
  const count = times === 0 ? "never" : times === 1 ? "once" : "often";
  const handled = t(`simulator.promises.${count}`, { times });
  return t(`simulator.promises.${state}`, { why, handled, ms: Math.round(after) });
}

/** How many connections a server has. */
export function sessions({ engine }) {
  return counted("sessions", engine.clientsCount);
}

function counted(what, count) {
  return t(`simulator.${what}.${count === 1 ? "one" : "many"}`, { count });
}
