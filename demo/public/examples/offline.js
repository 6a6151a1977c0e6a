import { io } from "tautline";
import { indexedDb } from "tautline/durable";
import { button, connection, element, form, log, row } from "../parts/ui.js";
import { openExample } from "./frame.js";

const { url, show, text } = await openExample();
const lines = log(text("log"));
const stored = element("ol", { class: "log small", "aria-label": text("stored"), tabindex: "0" });

// #region
const socket = io(`${url}/notes`, {
  outbox: indexedDb({ name: "demo", identity: "visitor", ttl: 24 * 3600 * 1000 }),
});

async function write(words) {
  // Once this has resolved, the note survives a reload and a crash.
  await socket.durable.emit("note", words);
  await showStored();
}

// Told for those of earlier sessions too.
socket.durable.on("settled", ({ status, args }) => {
  lines.write(text(status, { words: args?.[0] }), status === "delivered" ? "good" : "bad");
  void showStored();
});

async function showStored() {
  const packets = await socket.durable.list();
  stored.replaceChildren(...packets.map(({ args }) => element("li", {}, String(args?.[0]))));
  if (packets.length === 0) stored.append(element("li", { class: "hint" }, text("none")));
}
// #endregion

socket.durable.on("error", (error) => lines.write(`${error.code}: ${error.message}`, "bad"));
void showStored();
show(
  connection(socket),
  element("p", { class: "hint" }, text("hint")),
  form({ label: text("words"), action: text("write"), onsubmit: write }),
  row(button(text("reload"), () => location.reload())),
  element("h2", {}, text("stored")),
  stored,
  element("h2", {}, text("log")),
  lines.node,
);
