import { diagnose } from "tautline/doctor";
import { readConfig } from "../parts/connect.js";
import { element, seconds, setText } from "../parts/dom.js";
import { mountSwitchboard } from "../parts/switchboard.js";
import { t } from "../parts/texts.js";

/** How the way to the demo's own server can be, and the switches that are on then. */
const PRESETS = {
  well: [],
  websocketBlocked: ["websocketBlocked"],
  websocketHangs: ["websocketHangs"],
  silent: ["silent"],
  cut: ["cut"],
};
const SWITCHES = ["websocketBlocked", "websocketHangs", "slow", "silent", "cut"];

const byId = (id) => document.getElementById(id);
const field = byId("address");
const presets = byId("presets");

let running;

const switchboard = mountSwitchboard(byId("switches"));
const { socketUrl } = await readConfig();
field.value = socketUrl;
for (const [name, on] of Object.entries(PRESETS)) {
  const label = name === "well" ? t("doctor.well") : t(`switches.${name}.label`);
  presets.append(element("button", { type: "button", onclick: () => void tryOut(on) }, label));
}
byId("asking").addEventListener("submit", (event) => {
  event.preventDefault();
  void ask();
});
// Until now the form would have been sent the old way, and the page would have been left.
byId("ask").disabled = false;

async function tryOut(on) {
  begin();
  await switchboard.turn(Object.fromEntries(SWITCHES.map((name) => [name, on.includes(name)])));
  field.value = socketUrl;
  await ask();
}

/** Another question ends the one before. */
function begin() {
  running?.abort();
  running = new AbortController();
  byId("report").hidden = true;
  setText(byId("progress"), t("doctor.asking"));
  return running;
}

async function ask() {
  const own = begin();
  const report = await diagnose(field.value.trim(), { signal: own.signal });
  if (running === own) show(report);
}

function show({ cause, causes, connects, evidence, fix, docs, ms }) {
  const isWell = cause === "none";
  const node = byId("report");
  node.dataset.verdict = isWell ? "good" : connects ? "slow" : "bad";
  setText(byId("progress"), t("doctor.done", { cause, seconds: seconds(ms) }));
  setText(byId("cause"), causes.length > 1 ? causes.join(", ") : cause);
  setText(byId("connects"), t(isWell ? "doctor.good" : connects ? "doctor.slow" : "doctor.bad"));
  const seen = evidence.length > 0 ? evidence : [t("doctor.nothing")];
  byId("evidence").replaceChildren(...seen.map((text) => element("li", {}, text)));
  setText(byId("fix"), fix);
  byId("docs").href = docs;
  node.hidden = false;
}
