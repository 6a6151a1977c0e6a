import { setAvailable } from "./available.js";
import { setText } from "./dom.js";
import { t } from "./texts.js";

/**
 * The switches that break the way between the pages and the Socket.IO server, for every page of this demo at once, and a
 * button that restarts the server.
 *
 * @param {HTMLElement} host with the switches, as the server has put them into the page
 * @returns {{ turn(changes: Record<string, boolean>): Promise<void>, restart(): Promise<void>,
 *   strand(): Promise<void> }} `strand` lets open connections die without a word
 */
export function mountSwitchboard(host) {
  const problem = host.querySelector("[role='alert']");
  const boxes = [...host.querySelectorAll("input[role='switch']")];
  const again = host.querySelector("[data-restart]");

  /** How many changes were asked for. What was asked before the last of them says how the switches stood then. */
  let changes = 0;

  async function ask(path, body) {
    const asked = body ? ++changes : changes;
    try {
      const response = await fetch(path, body && posting(body));
      if (!response.ok) throw new Error(t("switches.answered", { status: response.status }));
      const state = await response.json();
      if (asked === changes) for (const box of boxes) box.checked = state[box.name];
      setText(problem, "");
    } catch (error) {
      setText(problem, t("switches.unreachable", { message: error.message }));
    }
  }
  const turn = (changes) => ask("/switchboard", changes);
  const restart = async () => {
    setAvailable(again, false);
    await ask("/switchboard/restart", {});
    setAvailable(again, true);
  };

  for (const box of boxes) {
    box.addEventListener("change", () => void turn({ [box.name]: box.checked }));
  }
  again.addEventListener("click", () => void restart());
  // Until it is known how they stand, a press could turn on what is to be turned off.
  void ask("/switchboard").then(() => {
    for (const control of [...boxes, again]) control.disabled = false;
  });
  // Another window may have turned a switch meanwhile.
  addEventListener("focus", () => void ask("/switchboard"));
  return { turn, restart, strand: () => ask("/switchboard/strand", {}) };
}

function posting(changes) {
  return {
    method: "POST",
    // also from a page that is being left
    keepalive: true,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(changes),
  };
}
