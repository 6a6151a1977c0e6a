import { io } from "tautline";
import { indexedDb } from "tautline/durable";
import { isolated } from "../parts/texts.js";
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
  await socket.durable.emit("note", words).catch(told);
  await showStored();
}

// Told for those of earlier sessions too.
socket.durable.on("settled", ({ status, args }) => {
  const sentence = isolated(`examples.offline.${status}`, { words: args?.[0] });
  lines.write(sentence, status === "delivered" ? "good" : "bad");
  void showStored();
});

async function showStored() {
  // without a store there is nothing in it
  const packets = await socket.durable.list().catch(() => []);
  stored.replaceChildren(...packets.map(({ args }) => element("li", {}, String(args?.[0]))));
  if (packets.length === 0) stored.append(element("li", { class: "hint" }, text("none")));
}
// #endregion

socket.durable.on("error", told);
/** Once: each note may fail in the same way. */
let last;
function told({ code, message }) {
  if (last !== (last = `${code}: ${message}`)) lines.write(last, "bad");
}
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
