import { element, setText } from "./dom.js";
import { drawLine } from "./line.js";
import { nameTransport } from "./reasons.js";

/**
 * The line between this page and the server, drawn: taut while connected, slack while not; with the transport in use
 * and the reason of the last failure. Its size never changes.
 *
 * @param {HTMLElement} host
 * @param {ReturnType<typeof import("./connection.js").createMonitor>} monitor
 * @param {{ button?: boolean }} [options] `button: false` where the page has buttons of its own
 */
export function mountStatusBar(host, monitor, { button: withButton = true } = {}) {
  const transport = element("span", { class: "line-label" });
  const headline = element("strong", { class: "status-phase", "data-phase": "" });
  const reason = element("span", { class: "status-reason", "data-reason": "" });
  const button = element("button", { type: "button", class: "quiet", "data-toggle": "" });

  host.classList.add("status");
  host.replaceChildren(
    element(
      "div",
      { class: "line-row", "aria-hidden": "true" },
      element("span", { class: "line-end" }, element("span", {}, "this page")),
      element("div", { class: "line-middle" }, drawLine(), transport),
      element("span", { class: "line-end" }, element("span", {}, "server")),
    ),
    element("p", { class: "status-text", role: "status" }, headline, " ", reason),
  );
  if (withButton) host.append(button);

  let connection;
  const show = () => {
    host.dataset.state = connection.phase;
    host.dataset.transport = connection.transport ?? "";
    setText(headline, headlineOf(connection));
    setText(reason, reasonOf(connection));
    reason.title = reason.textContent;
    setText(transport, connection.transport ? nameTransport(connection.transport) : "");
    setText(button, ACTIONS[connection.phase].label);
  };
  monitor.watch((next) => {
    connection = next;
    show();
  });
  button.addEventListener("click", () => {
    monitor[ACTIONS[connection.phase].does]();
  });
  // Whether the device is offline is part of the headline.
  addEventListener("online", show);
  addEventListener("offline", show);
}

const connect = { label: "Connect", does: "connect" };
const disconnect = { label: "Disconnect", does: "disconnect" };
const tryNow = { label: "Try now", does: "connect" };

const ACTIONS = {
  idle: connect,
  connecting: disconnect,
  connected: disconnect,
  waiting: tryNow,
  disconnected: connect,
};

function headlineOf({ phase, transport, attempt, recovered }) {
  switch (phase) {
    case "idle":
      return "Not connected yet";
    case "connected":
      return `Connected over ${nameTransport(transport)}${recovered ? " (recovered)" : ""}`;
    case "connecting":
      return attempt > 0 ? `Reconnecting, attempt ${attempt}` : "Connecting";
    case "waiting":
      return navigator.onLine ? "Waiting to try again" : "This device is offline";
    default:
      return "Disconnected";
  }
}

function reasonOf({ failure }) {
  if (!failure) return "Nothing has failed so far.";
  const tried = failure.attempts.map(
    ({ transport, code }) => `${nameTransport(transport)}: ${code}`,
  );
  const details = tried.length > 0 ? ` (${tried.join(", ")})` : "";
  return `Last failure: ${failure.code}. ${failure.hint ?? failure.message}${details}`;
}
