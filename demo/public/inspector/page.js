import { io } from "tautline";
import { defineInspector } from "tautline/inspector";
import { record } from "tautline/recorder";
import { readConfig } from "../parts/connect.js";
import { signals } from "../parts/signals.js";
import { mountSwitchboard } from "../parts/switchboard.js";

/** A question every so many milliseconds, while many are wanted. */
const EVERY = 50;

const byId = (id) => document.getElementById(id);
const many = byId("many");

let timer;

mountSwitchboard(byId("switches"));
const { socketUrl } = await readConfig();
const socket = io(`${socketUrl}/echo`, { network: signals });
byId("inspector").recording = record(socket, { bytes: 1_000_000 });
defineInspector();

byId("one").addEventListener("click", ask);
byId("again").addEventListener("click", () => socket.disconnect().connect());
many.addEventListener("click", () => {
  const isOn = timer === undefined;
  clearInterval(timer);
  timer = isOn ? setInterval(ask, EVERY) : undefined;
  many.setAttribute("aria-pressed", String(isOn));
});
for (const id of ["one", "many", "again"]) byId(id).disabled = false;

function ask() {
  // what the network does not take now is not worth waiting for
  socket.volatile.emit("message", new Date().toISOString(), () => {});
}
