import { mountPanels } from "../panels/index.js";
import { connect, readConfig } from "../parts/connect.js";
import { createMonitor } from "../parts/connection.js";
import { keepEnterOfComposition } from "../parts/dom.js";
import { mountStatusBar } from "../parts/status-bar.js";
import { mountSwitchboard } from "../parts/switchboard.js";
import { isolated, t } from "../parts/texts.js";
import { createMessageList } from "./message-list.js";
import { readName, rememberName } from "./names.js";
import { createOutgoing } from "./outgoing.js";

const byId = (id) => document.getElementById(id);
const form = byId("chat");
const nameField = byId("name");
const messageField = byId("message");

nameField.value = readName();
const config = await readConfig();
const socket = connect(config.socketUrl, { auth: { name: nameField.value } });
const monitor = createMonitor();
monitor.follow(socket);
mountStatusBar(byId("status"), monitor);
mountSwitchboard(byId("switches"));
mountPanels(byId("panels"), { config, monitor });

const messages = createMessageList(byId("log"), byId("to-newest"), byId("empty"));
const outgoing = createOutgoing(socket, messages.mark);

socket.on("welcome", ({ recent }) => {
  for (const message of recent) show(message);
});
socket.on("chat message", show);
socket.on("system", ({ what, at, ...names }) =>
  messages.note(isolated(`chat.system.${what}`, names), at),
);
socket.on("people", (names) => byId("people").replaceChildren(describePeople(names)));

form.addEventListener("submit", (event) => {
  event.preventDefault();
  rename();
  const text = messageField.value.trim();
  if (text === "") return;
  const message = { key: newKey(), name: nameField.value, text, at: Date.now() };
  messages.add(message, { own: true });
  outgoing.send(message.key, text);
  messageField.value = "";
  messageField.focus();
});
nameField.addEventListener("change", rename);
for (const field of [nameField, messageField]) keepEnterOfComposition(field);
// Until now the form would have been sent the old way, and the page would have been left.
byId("send").disabled = false;

function show(message) {
  if (messages.has(message.key)) outgoing.confirm(message.key);
  else messages.add(message, { own: message.name === socket.auth.name });
}

function rename() {
  const name = nameField.value.trim() || socket.auth.name;
  nameField.value = name;
  if (name === socket.auth.name) return;
  // The next connection introduces itself by the new name, so nothing need wait for it in the buffer.
  socket.auth = { name: rememberName(name) };
  if (socket.connected) socket.emit("rename", name);
}

function describePeople(names) {
  if (names.length === 1) return t("chat.alone");
  return isolated("chat.people", { count: names.length, names });
}

function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(12))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
