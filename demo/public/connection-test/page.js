import { mountPanels } from "../panels/index.js";
import { connect, readConfig } from "../parts/connect.js";
import { createMonitor } from "../parts/connection.js";
import { explainDisconnect, explainError, nameTransport } from "../parts/reasons.js";
import { mountStatusBar } from "../parts/status-bar.js";
import { createLog } from "./log.js";

const byId = (id) => document.getElementById(id);
const hostField = byId("host");
const messageField = byId("message");
const log = createLog(byId("log"));
const monitor = createMonitor();

let socket;
let host;

const config = await readConfig();
hostField.value = `${config.socketUrl}/echo`;
mountStatusBar(byId("status"), monitor, { button: false });
mountPanels(byId("panels"), { config, monitor });
monitor.watch(({ phase }) => {
  const idle = phase === "idle" || phase === "disconnected";
  byId("connect").disabled = !idle;
  byId("disconnect").disabled = idle;
  byId("send").disabled = phase !== "connected";
});

byId("connection").addEventListener("submit", (event) => {
  event.preventDefault();
  open(hostField.value.trim());
});
byId("disconnect").addEventListener("click", () => {
  // A socket that never connected has no "disconnect" to tell.
  if (!socket.connected) log.write("info", "Gave up connecting.");
  monitor.disconnect();
});
byId("sending").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = messageField.value;
  log.write("sent", text);
  socket.send(text);
});
byId("clear").addEventListener("click", () => log.clear());

function open(wanted) {
  log.write("info", `Connecting to ${wanted}`);
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
  socket = next;
  host = wanted;
  monitor.follow(socket);
  narrate(socket);
}

function narrate(socket) {
  const manager = socket.io;
  socket.on("connect", () => {
    log.write(
      "info",
      `Connected over ${nameTransport(manager.engine.transport.name)}, id ${socket.id}`,
    );
  });
  socket.on("disconnect", (reason) => {
    log.write("info", `Disconnected: ${reason}. ${explainDisconnect(reason)}`);
  });
  socket.on("connect_error", (error) => log.write("error", describe(error)));
  socket.onAny((event, ...values) => {
    log.write("message", `${event}: ${values.map(show).join(", ")}`);
  });
  manager.on("open", () => {
    manager.engine.on("upgrade", (transport) => {
      log.write("info", `Upgraded to ${nameTransport(transport.name)}`);
    });
  });
  manager.on("reconnect_attempt", (attempt) =>
    log.write("info", `Reconnecting, attempt ${attempt}`),
  );
  manager.on("reconnect_failed", () => log.write("error", "Gave up reconnecting."));
}

function describe(error) {
  const code = error.code ?? error.type;
  const tried = (error.attempts ?? []).map(
    (attempt) =>
      `${nameTransport(attempt.transport)}: ${attempt.code} after ${Math.round(attempt.ms)} ms`,
  );
  const text = code ? `${code}: ${error.message}` : error.message;
  const meaning = explainError(error);
  return [text, ...(meaning ? [meaning] : []), ...tried].join("\n");
}

function show(value) {
  return typeof value === "string" ? value : JSON.stringify(value);
}
