import { wantedTransports } from "../parts/connect.js";
import { element } from "../parts/dom.js";

const CHOICES = [
  ["", "Let the client choose"],
  ["websocket", "WebSocket only"],
  ["polling", "HTTP long-polling only"],
  ["polling,websocket", "Long-polling, then upgrade"],
];

/** Opens this page again with another list of transports. */
export const transportsPanel = {
  id: "transports",
  title: "Transports",
  pages: ["chat", "connection-test"],
  mount(host) {
    const current = wantedTransports()?.join(",") ?? "";
    host.append(
      element(
        "ul",
        { class: "choices" },
        ...CHOICES.map(([value, label]) =>
          element(
            "li",
            {},
            element(
              "a",
              {
                href: value ? `?transports=${value}` : location.pathname,
                "aria-current": value === current ? "true" : undefined,
              },
              label,
            ),
          ),
        ),
      ),
    );
  },
};
