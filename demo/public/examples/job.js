import { io } from "tautline";
import { setAvailable } from "../parts/available.js";
import { explainDisconnect } from "../parts/reasons.js";
import { button, connection, element, log, progress } from "../parts/ui.js";
import { openExample } from "./frame.js";

const { url, show, text, announce } = await openExample();
const bar = progress(text("progress"));
const lines = log(text("log"));
const start = button(text("start"), run, { primary: true });
const state = element("div", {});
show(start, state, bar.node, lines.node);

function run() {
  setAvailable(start, false);
  bar.set(0);
  // #region
  const socket = io(`${url}/job`, { forceNew: true });
  const id = crypto.getRandomValues(new Uint32Array(1))[0];
  // After a cut it asks again for the same job, which has gone on, and may have ended meanwhile. A recovered session too:
  // the server ends only those that are there.
  socket.on("connect", () => socket.emit("follow", id));
  socket.on("progress", (percent) => bar.set(percent));
  socket.on("message", (line) => lines.write(line));
  socket.on("disconnect", (reason) => {
    if (socket.active) return; // lost: it comes back by itself
    // The server has ended it, so it is not opened again.
    lines.write(`${reason}: ${explainDisconnect(reason)}`, "good");
    announce(text("done"));
    setAvailable(start, true);
  });
  // #endregion
  state.replaceChildren(connection(socket));
}
