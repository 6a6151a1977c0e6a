import { connect, readConfig } from "./parts/connect.js";
import { createMonitor } from "./parts/connection.js";
import { mountStatusBar } from "./parts/status-bar.js";

const button = document.getElementById("pull");
const answer = document.getElementById("answer");
const status = document.getElementById("status");

const { socketUrl } = await readConfig();
const socket = connect(`${socketUrl}/echo`);
const monitor = createMonitor();
monitor.follow(socket);
mountStatusBar(status, monitor, { button: false });
monitor.watch(({ phase }) => (button.disabled = phase !== "connected"));

button.addEventListener("click", async () => {
  const line = status.querySelector(".line");
  line.classList.remove("plucked");
  const start = performance.now();
  try {
    await socket.timeout(10_000).emitWithAck("message", "pull");
    answer.textContent = `The server pulled back after ${(performance.now() - start).toFixed(1)} ms.`;
    // Read a size in between, or the browser sees no change and does not start the animation again.
    void line.getBoundingClientRect();
    line.classList.add("plucked");
  } catch (error) {
    answer.textContent = `Nothing came back: ${error.message}.`;
  }
});
