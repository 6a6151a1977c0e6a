import { clock, element } from "../parts/dom.js";
import { nameTransport } from "../parts/reasons.js";

/** Why the last connection failed: the code, the message, and each thing that was tried. */
export const attemptsPanel = {
  id: "attempts",
  title: "Last failure",
  pages: ["chat", "connection-test"],
  mount(host, { monitor }) {
    let shown;
    host.append(element("p", { class: "hint" }, "Nothing has failed so far."));
    monitor.watch(({ failure }) => {
      if (!failure || failure === shown) return;
      shown = failure;
      host.replaceChildren(...describe(failure));
    });
  },
};

function describe({ code, message, hint, attempts, at }) {
  const summary = element(
    "p",
    {},
    element("code", { class: "code", "data-code": "" }, code),
    element("span", { class: "hint" }, ` at ${clock(at)}`),
    element("br"),
    message,
    ...(hint ? [element("br"), hint] : []),
  );
  if (attempts.length === 0) return [summary];
  const rows = attempts.map((attempt) =>
    element(
      "tr",
      {},
      element("td", {}, nameTransport(attempt.transport)),
      element(
        "td",
        {},
        element("code", {}, attempt.code),
        attempt.status ? ` ${attempt.status}` : "",
      ),
      element("td", { class: "number" }, `${Math.round(attempt.ms)} ms`),
    ),
  );
  const heads = ["Tried", "Result", "After"].map((head) => element("th", { scope: "col" }, head));
  return [
    summary,
    element(
      "table",
      { "data-attempts": "" },
      element("thead", {}, element("tr", {}, ...heads)),
      element("tbody", {}, ...rows),
    ),
  ];
}
