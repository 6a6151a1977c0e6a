import { announcer } from "./announce.js";
import { clock, element, seconds, setText } from "./dom.js";
import { drawLine } from "./line.js";
import { explainCode, nameTransport } from "./reasons.js";
import { tryUpgradeNow } from "./signals.js";
import { t } from "./texts.js";

/** Milliseconds for which a loss is still told after the connection is back. */
const REMEMBERED = 60_000;

/**
 * How the connection between this page and the server stands: drawn, and in two sentences. Its size never changes.
 *
 * @param {HTMLElement} host
 * @param {ReturnType<typeof import("./connection.js").createMonitor>} monitor
 * @param {{ button?: boolean }} [options] `button: false` where the page has buttons of its own
 */
export function mountStatusBar(host, monitor, { button: withButton = true } = {}) {
  const transport = element("span", { class: "line-label" });
  const headline = element("strong", { class: "status-phase", "data-phase": "" });
  const reason = element("span", { "data-reason": "" });
  const upgrade = element(
    "button",
    { type: "button", class: "inline", "data-upgrade": "", onclick: tryUpgradeNow },
    t("status.tryUpgrade"),
  );
  const button = element("button", { type: "button", class: "quiet", "data-toggle": "" });
  const spoken = element("p", { class: "visually-hidden", role: "status" });
  const announce = announcer(spoken);

  host.classList.add("status");
  host.tabIndex = -1;
  host.replaceChildren(
    element(
      "div",
      { class: "line-row", "aria-hidden": "true" },
      element("span", { class: "line-end" }, element("span", {}, t("status.page"))),
      element("div", { class: "line-middle" }, drawLine(), transport),
      element("span", { class: "line-end" }, element("span", {}, t("status.server"))),
    ),
    element(
      "p",
      { class: "status-text" },
      headline,
      element("span", { class: "status-reason" }, reason, upgrade),
    ),
    spoken,
  );
  if (withButton) host.append(button);

  let connection;
  const show = () => {
    host.dataset.state = connection.phase;
    host.dataset.transport = connection.transport ?? "";
    setText(transport, connection.transport ? nameTransport(connection.transport) : "");
    setText(button, t(`actions.${ACTIONS[connection.phase].label}`));
    tick();
    const news = newsOf(connection);
    if (news) announce(t(`status.say.${news}`));
  };
  // What changes with time alone is not announced: nobody wants to hear a clock.
  const tick = () => {
    const { phase, nextUpgradeAt } = connection;
    setText(headline, headlineOf(connection));
    setText(reason, reasonOf(connection));
    showUpgrade(phase === "connected" && nextUpgradeAt !== undefined);
  };
  const showUpgrade = (isWanted) => {
    // Pressed, it goes away: the focus stays close by.
    if (!isWanted && document.activeElement === upgrade) (withButton ? button : host).focus();
    upgrade.hidden = !isWanted;
  };
  monitor.watch((next) => {
    connection = next;
    show();
  });
  setInterval(tick, 500);
  button.addEventListener("click", () => {
    monitor[ACTIONS[connection.phase].does]();
  });
  // Whether the device is offline is part of the headline.
  addEventListener("online", show);
  addEventListener("offline", show);
}

const connect = { label: "connect", does: "connect" };
const disconnect = { label: "disconnect", does: "disconnect" };
const tryNow = { label: "tryNow", does: "connect" };

const ACTIONS = {
  idle: connect,
  connecting: disconnect,
  connected: disconnect,
  waiting: tryNow,
  disconnected: connect,
};

function headlineOf({ phase, transport, attempt, recovered, nextTryAt }) {
  switch (phase) {
    case "idle":
      return t("status.idle");
    case "connected":
      return t(recovered ? "status.recovered" : "status.connected", {
        transport: nameTransport(transport),
      });
    case "connecting":
      return attempt > 0 ? t("status.reconnecting", { attempt }) : t("status.connecting");
    case "waiting":
      if (!navigator.onLine) return t("status.offline");
      return nextTryAt === undefined
        ? t("status.waiting")
        : t("status.nextTry", { seconds: secondsTo(nextTryAt) });
    default:
      return t("status.disconnected");
  }
}

function reasonOf({ phase, transport, failure, lostAt, backAt, nextUpgradeAt }) {
  if (!failure) return phase === "connected" ? t("status.well") : "";
  if (phase !== "connected") return explainCode(failure.code, failure.hint ?? failure.message);
  if (failure.isDetour && transport === "polling") {
    const why = explainCode(failure.code, failure.code);
    return nextUpgradeAt === undefined
      ? t("status.upgrading", { why })
      : t("status.detour", { why, seconds: secondsTo(nextUpgradeAt) });
  }
  if (lostAt === undefined || Date.now() - backAt > REMEMBERED) return t("status.well");
  return t("status.past", { at: clock(lostAt), away: seconds(backAt - lostAt) });
}

function secondsTo(at) {
  return Math.max(0, Math.ceil((at - Date.now()) / 1000));
}

/** What is worth saying aloud: whether there is a connection. Each try, and its transport, is not. */
function newsOf({ phase, lostAt }) {
  switch (phase) {
    case "connected":
      return lostAt === undefined ? "connected" : "back";
    case "waiting":
      return lostAt === undefined ? "unreachable" : "lost";
    case "disconnected":
      return "disconnected";
    default:
      return undefined;
  }
}
