import { mountPanels } from "../panels/index.js";
import { setAvailable } from "../parts/available.js";
import { connect, readConfig } from "../parts/connect.js";
import { createMonitor } from "../parts/connection.js";
import { keepEnterOfComposition } from "../parts/dom.js";
import { explainDisconnect, explainError, nameTransport } from "../parts/reasons.js";
import { mountStatusBar } from "../parts/status-bar.js";
import { mountSwitchboard } from "../parts/switchboard.js";
import { t } from "../parts/texts.js";
import { createLog } from "./log.js";
import { offsetReader } from "./offsets.js";

const byId = (id) => document.getElementById(id);
const hostField = byId("host");
const messageField = byId("message");
const log = createLog(byId("log"), byId("empty"));
const monitor = createMonitor();

let socket;
let host;
let isIdle = true;

const config = await readConfig();
hostField.value = `${config.socketUrl}/echo`;
mountStatusBar(byId("status"), monitor, { button: false });
mountSwitchboard(byId("switches"));
mountPanels(byId("panels"), { config, monitor });
for (const field of [hostField, messageField]) keepEnterOfComposition(field);
monitor.watch(({ phase }) => {
  isIdle = phase === "idle" || phase === "disconnected";
  setAvailable(byId("disconnect"), !isIdle);
  setAvailable(byId("send"), phase === "connected");
  offer();
});
hostField.addEventListener("input", offer);

/** While connected, another address may be gone to; to the same one there is nothing to do. */
function offer() {
  setAvailable(byId("connect"), isIdle || hostField.value.trim() !== host);
}

byId("connection").addEventListener("submit", (event) => {
  event.preventDefault();
  open(hostField.value.trim());
});
byId("disconnect").addEventListener("click", () => {
  // A socket that never connected has no "disconnect" to tell.
  if (!socket.connected) log.write("info", t("test.gaveUpConnecting"));
  monitor.disconnect();
});
byId("sending").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = messageField.value;
  try {
    socket.send(text);
    log.write("sent", text);
  } catch (error) {
    // larger than the server takes
    log.write("error", describe(error));
  }
});
byId("clear").addEventListener("click", () => log.clear());
byId("clear").disabled = false;

function open(wanted) {
  log.write("info", t("test.connecting", { host: wanted }));
  try {
    if (wanted === host) monitor.connect();
    else replaceSocket(wanted);
  } catch (error) {
    log.write("error", describe(error));
  }
}

function replaceSocket(wanted) {
  const next = connect(wanted, { forceNew: true });
  socket?.off();
  socket?.disconnect();
  socket = next;
  host = wanted;
  monitor.follow(socket);
  narrate(socket);
}

function narrate(socket) {
  const manager = socket.io;
  const withoutOffset = offsetReader(socket);
  socket.on("connect", () => {
    const transport = nameTransport(manager.engine.transport.name);
    log.write("info", t("test.connected", { transport, id: socket.id }));
  });
  socket.on("disconnect", (reason) => {
    log.write("info", t("test.disconnected", { reason, meaning: explainDisconnect(reason) }));
  });
  socket.on("connect_error", (error) => log.write("error", describe(error)));
  socket.onAny((event, ...values) => {
    log.write("message", `${event}: ${withoutOffset(values).map(show).join(", ")}`);
  });
  manager.on("open", () => {
    manager.engine.on("upgrade", (transport) => {
      log.write("info", t("test.upgraded", { transport: nameTransport(transport.name) }));
    });
  });
  manager.on("reconnect_attempt", (attempt) =>
    log.write("info", t("test.reconnecting", { attempt })),
  );
  manager.on("reconnect_failed", () => log.write("error", t("test.gaveUp")));
}

function describe(error) {
  const code = error.code ?? error.type;
  const tried = (error.attempts ?? []).map(
    ({ transport, code, status, ms }) =>
      `${nameTransport(transport)}: ${code}${status ? ` (HTTP ${status})` : ""}, ${Math.round(ms)} ms`,
  );
  const text = code ? `${code}: ${error.message}` : error.message;
  const meaning = explainError(error);
  return [text, ...(meaning ? [meaning] : []), ...tried].join("\n");
}

function show(value) {
  return typeof value === "string" ? value : JSON.stringify(value);
}
