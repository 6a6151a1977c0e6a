import { wantedTransports } from "../parts/connect.js";
import { element } from "../parts/dom.js";
import { t } from "../parts/texts.js";

const CHOICES = {
  "": "any",
  websocket: "websocket",
  polling: "polling",
  "polling,websocket": "upgrade",
};

/** Links to this page with other lists of transports. */
export const transportsPanel = {
  id: "transports",
  pages: ["chat", "connection-test"],
  mount(host) {
    const current = wantedTransports()?.join(",") ?? "";
    const links = Object.entries(CHOICES).map(([value, name]) => {
      const isCurrent = value === current;
      const link = element(
        "a",
        {
          href: value ? `?transports=${value}` : location.pathname,
          "aria-current": isCurrent ? "true" : undefined,
        },
        t(`transports.choices.${name}`),
      );
      return element("li", {}, link, isCurrent ? ` ${t("transports.inUse")}` : "");
    });
    host.append(
      element("p", { class: "hint" }, t("transports.lead")),
      element("ul", { class: "choices" }, ...links),
    );
  },
};
