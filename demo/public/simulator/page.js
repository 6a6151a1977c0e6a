import { setAvailable } from "../parts/available.js";
import { replaceQuery } from "../parts/address.js";
import { setText } from "../parts/dom.js";
import { t } from "../parts/texts.js";
import { faultOfKey, showFaults } from "./faults.js";
import { drawLine } from "./line-view.js";
import { listPackets } from "./packet-list.js";
import { showClaims, showPromises, showStates } from "./panels.js";
import { Player } from "./player.js";
import { policies } from "./scenario.js";
import { World } from "./world.js";

const SPEEDS = [0.02, 0.1, 0.25, 1, 10, 100, 1000, Infinity];
const SEED = /^\d{1,9}$/;
const LAST_SEED = 999_999_999;
const byId = (id) => document.getElementById(id);
const root = byId("simulator");
const seedField = byId("seed");
const policyField = byId("policy");
const views = [
  drawLine(byId("line")),
  listPackets(byId("rows")),
  showStates(byId("states")),
  showClaims(byId("claims")),
  showPromises(byId("counts"), byId("recent")),
  showFaults(byId("faults"), (id) => player.do(id)),
];
const player = new Player(show);
player.ended = goOn;
let written;

const asked = new URLSearchParams(location.search);
policyField.value = policies.includes(asked.get("policy")) ? asked.get("policy") : "at-least-once";
seedField.value = SEED.test(asked.get("seed") ?? "") ? asked.get("seed") : "";
for (const speed of SPEEDS)
  byId("speed").add(new Option(speed === Infinity ? t("simulator.fastest") : `${speed} ×`, speed));
byId("speed").value = "1";
for (const id of ["speed", "policy", "anew", "next"]) byId(id).disabled = false;

byId("play").addEventListener("click", toggle);
byId("step").addEventListener("click", () => player.step());
byId("finish").addEventListener("click", () => player.finish());
byId("next").addEventListener("click", next);
byId("speed").addEventListener("change", ({ target }) => {
  player.speed = Number(target.value);
});
policyField.addEventListener("change", begin);
byId("transcript-box").addEventListener("toggle", show);
byId("choice").addEventListener("submit", (event) => {
  event.preventDefault();
  begin();
});
document.addEventListener("keydown", (event) => {
  const { key, target, ctrlKey, metaKey, altKey } = event;
  if (ctrlKey || metaKey || altKey || !byId("keys").checked) return;
  if (target.closest("input, select, textarea")) return;
  // it presses what has the focus, and scrolls
  const isSpace = key === " " && !target.closest("button, summary, [tabindex='0']");
  const fault = faultOfKey(key);
  if (isSpace) toggle();
  else if (key === ".") player.step();
  else if (key === "n") next();
  else if (fault) player.do(fault);
  else return;
  event.preventDefault();
});

await begin();
player.play(!matchMedia("(prefers-reduced-motion: reduce)").matches);
player.start();

function toggle() {
  player.play(!player.isPlaying);
}

/** A new run of what is chosen. */
async function begin() {
  if (!seedField.reportValidity()) return;
  const policy = policyField.value;
  const seed = seedField.value === "" ? undefined : Number(seedField.value);
  const query = new URLSearchParams(location.search);
  query.delete("seed");
  if (seed !== undefined) query.set("seed", seed);
  query.set("policy", policy);
  replaceQuery(query);
  written = undefined;
  const { text } = policyField.selectedOptions[0];
  setText(byId("claims-title"), t("simulator.claimsOf", { policy: text.toLowerCase() }));
  await player.replace(() => new World({ seed, policy }));
}

/** After the last one comes the first one; what is no seed is none. */
function next() {
  const seed = SEED.test(seedField.value) ? Number(seedField.value) : 0;
  seedField.value = seed < LAST_SEED ? seed + 1 : 0;
  return begin();
}

function show() {
  const { world, isPlaying, rate } = player;
  if (!world) return;
  for (const view of views) view(world);
  root.dataset.busy = player.isBusy;
  root.dataset.phase = world.isOver ? "over" : isPlaying ? "running" : "paused";
  setText(byId("play"), t(`simulator.${isPlaying && !world.isOver ? "pause" : "run"}`));
  for (const id of ["play", "step", "finish"]) setAvailable(byId(id), !world.isOver);
  setText(byId("clock"), `${(world.now / 1000).toFixed(3)} s`);
  setText(byId("rate"), rate ? t("simulator.rate", { rate: rate.toFixed(rate < 10 ? 2 : 0) }) : "");
  setText(byId("about"), about(world));
  if (byId("transcript-box").open && written !== world.count && (!isPlaying || world.isOver)) {
    written = world.count;
    setText(byId("transcript"), world.transcript);
  }
}

/** What is broken is looked at; otherwise it goes on. */
function goOn() {
  const { run, seed } = player.world;
  const isBroken = run.claims.list().some(({ state }) => state === "broken");
  if (seed !== undefined && byId("on").checked && !isBroken) void next();
  else show();
}

function about({ seed, faults, isTouched, isOver, run }) {
  if (seed === undefined) return t("simulator.about.byHand");
  const kinds = faults.map(({ kind }) => kind).join(", ") || t("simulator.about.noFaults");
  const isBroken = run.claims.list().some(({ state }) => state === "broken");
  const parts = [t("simulator.about.seed", { seed, kinds })];
  if (isTouched) parts.push(t("simulator.about.touched"));
  if (isOver) parts.push(t(`simulator.about.${isBroken ? "broken" : "held"}`));
  return parts.join(document.documentElement.lang === "zh" ? "" : " ");
}
