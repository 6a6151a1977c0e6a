import { element } from "../parts/dom.js";
import { t } from "../parts/texts.js";
import { failurePanel } from "./failure.js";
import { transportsPanel } from "./transports.js";

/**
 * Every panel beside the chat room and the connection test, in the order in which they are shown. To add one, write a
 * module beside this one that exports a `Panel`, list it here, and put its title into the texts.
 *
 * @typedef {object} Panel
 * @property {string} id its title is the text `panels.<id>`
 * @property {string[]} pages the pages that show it, by the `data-page` of their body
 * @property {(host: HTMLElement, context: { monitor: object, config: object }) => void} mount `monitor` follows the
 *   page's socket (see parts/connection.js)
 */
const panels = [transportsPanel, failurePanel];

/** Fills `host` with the panels of this page. */
export function mountPanels(host, context) {
  for (const panel of panels) {
    if (!panel.pages.includes(document.body.dataset.page)) continue;
    const body = element("div", { class: "panel-body" });
    const title = element("h2", { id: `panel-${panel.id}` }, t(`panels.${panel.id}`));
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
