import { io } from "tautline";
import { upload } from "tautline/upload";
import { setAvailable } from "../parts/available.js";
import { button, connection, element, log, progress, row, setText } from "../parts/ui.js";
import { openExample } from "./frame.js";

const { url, show, text, cut, announce } = await openExample();
const socket = io(`${url}/files`);
const bar = progress(text("progress"));
const rate = element("p", { class: "hint" });
const lines = log(text("log"));
let sending;
let isRunning;

// #region
async function send(file) {
  sending = upload(socket, "upload", file, {
    onProgress({ percent, rate: bytes, timeLeft }) {
      bar.set(percent);
      setText(
        rate,
        text("rate", { kb: Math.round(bytes / 1024), left: Math.ceil((timeLeft ?? 0) / 1000) }),
      );
    },
  });
  try {
    const { bytes, sha256 } = await sending;
    const own = await digest(file);
    const result = own === undefined ? "unchecked" : own === sha256 ? "same" : "different";
    lines.write(text(result, { bytes, sha256 }), result === "different" ? "bad" : "good");
  } catch (error) {
    lines.write(`${error.code}: ${error.message}`, "bad");
  }
}
// #endregion

const picker = element("input", { type: "file", onchange: () => start(picker.files[0]) });
const pause = button(text("pause"), () => turnPause(pause.textContent === text("pause")));
const abort = button(text("abort"), () => sending.abort());
const cutting = button(text("cut"), () => cut(3));
const made = button(text("made"), () => start(new Blob([noise(6_000_000)])), { primary: true });
const running = [pause, abort, cutting];
turnRunning(false);

show(
  connection(socket),
  row(made, element("label", { class: "field" }, element("span", {}, text("choose")), picker)),
  bar.node,
  rate,
  row(...running),
  lines.node,
);

async function start(file) {
  // A file can be dropped onto the picker at any time.
  if (!file || isRunning) return;
  turnRunning(true);
  await send(file);
  announce(lines.node.querySelector("li:last-child span").textContent);
  turnPause(false);
  turnRunning(false);
}

function turnRunning(isOn) {
  isRunning = isOn;
  for (const control of [made, picker]) setAvailable(control, !isOn);
  for (const control of running) setAvailable(control, isOn);
}

function turnPause(isPaused) {
  if (isPaused) sending.pause();
  else sending.resume();
  setText(pause, text(isPaused ? "resume" : "pause"));
}

function noise(size) {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
}

/** Undefined where the browser cannot tell: only secure origins and localhost have `crypto.subtle`. */
async function digest(file) {
  if (!crypto.subtle) return undefined;
  const hash = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
