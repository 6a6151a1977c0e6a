import { seconds, setText } from "../parts/dom.js";
import { t } from "../parts/texts.js";

/** Seconds for which a bar is as long as its cell. */
const FULL = 16;

/**
 * The table of scenes: for each side, for how long nothing arrived, and how much was lost.
 *
 * @param {HTMLElement} body
 * @param {Record<string, { totals(): { away: number, lost: number } }>} sides
 */
export function createScenes(body, sides) {
  let before;
  const cell = (id, side) => body.querySelector(`[data-scene=${id}] [data-of=${side}]`);
  const totals = () => Object.entries(sides).map(([name, side]) => [name, side.totals()]);

  return {
    begin(id) {
      before = Object.fromEntries(totals());
      for (const row of body.children) row.toggleAttribute("data-now", row.dataset.scene === id);
    },
    end(id) {
      body.querySelector(`[data-scene=${id}]`).removeAttribute("data-now");
      for (const [name, { away, lost }] of totals()) {
        const host = cell(id, name);
        const bar = host.querySelector("[data-bar]");
        const ms = away - before[name].away;
        const count = Math.max(0, lost - before[name].lost);
        bar.hidden = false;
        bar.style.width = `${Math.min(100, (ms / 10 / FULL).toFixed(1))}%`;
        host.dataset.hasLost = String(count > 0);
        const text = t("home.scenes.result", { seconds: seconds(ms), lost: count });
        setText(host.querySelector("[data-text]"), text);
      }
    },
    clear() {
      for (const text of body.querySelectorAll("[data-text]")) setText(text, "–");
      for (const bar of body.querySelectorAll("[data-bar]")) bar.hidden = true;
      for (const row of body.children) row.removeAttribute("data-now");
      for (const host of body.querySelectorAll("[data-has-lost]")) delete host.dataset.hasLost;
    },
  };
}
