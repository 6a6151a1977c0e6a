import { explainClose, ReconnectingWebSocket, watch } from "tautline/websocket";
import { button, element, form, log, row, setText } from "../parts/ui.js";
import { openExample } from "./frame.js";

const { url, show, text } = await openExample();
const lines = log(text("log"));
const state = element("p", { class: "connection" });

// #region
const ws = new ReconnectingWebSocket(`${url.replace("http", "ws")}/plain`, {
  watch: watch({
    heartbeat: {
      message: "ping",
      interval: 3000,
      timeout: 3000,
      isAnswer: (data) => data === "pong",
    },
  }),
});
ws.onopen = () => lines.write(text("open"), "good");
ws.onmessage = ({ data }) => data !== "pong" && lines.write(data);
ws.onclose = (event) => {
  const { name, meaning } = explainClose(event);
  lines.write(
    `${event.code} ${name}, wasClean ${event.wasClean}: ${meaning}`,
    event.wasClean ? undefined : "bad",
  );
};
ws.addEventListener("reconnecting", ({ attempt, delay }) => {
  lines.write(text("again", { attempt, seconds: (delay / 1000).toFixed(1) }));
});
// #endregion

ws.addEventListener("state", showState);
showState();
function showState() {
  state.dataset.connected = String(ws.state === "open");
  setText(state, text(`states.${ws.state}`));
}

show(
  state,
  form({ label: text("words"), action: text("send"), onsubmit: (words) => ws.send(words) }),
  row(
    button(text("bye"), () => ws.send("bye")),
    button(text("huge"), () => ws.send("x".repeat(20_000))),
    button(text("crash"), () => ws.send("crash")),
    button(text("close"), () => ws.close(1000, "enough")),
    button(text("connect"), () => ws.open()),
  ),
  element("p", { class: "hint" }, text("hint")),
  lines.node,
);
