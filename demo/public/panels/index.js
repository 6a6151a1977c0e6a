import { element } from "../parts/dom.js";
import { attemptsPanel } from "./attempts.js";
import { switchboardPanel } from "./switchboard.js";
import { transportsPanel } from "./transports.js";

/**
 * Every panel of the demo, in the order in which they are shown. To add one, write a module beside this one that
 * exports a `Panel`, and list it here.
 *
 * @typedef {object} Panel
 * @property {string} id
 * @property {string} title
 * @property {string[]} pages the pages that show it, by the `data-page` of their body
 * @property {(host: HTMLElement, context: { monitor: object, config: object }) => void} mount `monitor` follows the
 *   page's socket (see parts/connection.js)
 */
const panels = [switchboardPanel, transportsPanel, attemptsPanel];

/** Fills `host` with the panels of this page. */
export function mountPanels(host, context) {
  for (const panel of panels) {
    if (!panel.pages.includes(document.body.dataset.page)) continue;
    const body = element("div", { class: "panel-body" });
    const title = element("h2", { id: `panel-${panel.id}` }, panel.title);
    host.append(
      element(
        "section",
        { class: "panel", "data-panel": panel.id, "aria-labelledby": title.id },
        title,
        body,
      ),
    );
    panel.mount(body, context);
  }
}
