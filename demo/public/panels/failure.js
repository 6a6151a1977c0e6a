import { clock, element, setText } from "../parts/dom.js";
import { nameTransport } from "../parts/reasons.js";
import { t } from "../parts/texts.js";

/** Why the last connection failed, and what was tried: as past, as soon as there is a connection again. */
export const failurePanel = {
  id: "failure",
  pages: ["chat", "connection-test"],
  mount(host, { monitor }) {
    let shown;
    const when = element("p", { class: "hint", "data-when": "" }, t("failure.none"));
    const body = element("div", {});
    host.append(when, body);
    monitor.watch(({ failure, phase, transport }) => {
      if (!failure) return;
      const holds = phase !== "connected" || (failure.isDetour && transport === "polling");
      host.dataset.past = String(!holds);
      setText(when, t(holds ? "failure.now" : "failure.past", { at: clock(failure.at) }));
      if (failure === shown) return;
      shown = failure;
      body.replaceChildren(...describe(failure));
    });
  },
};

function describe({ code, message, hint, attempts }) {
  const summary = element(
    "p",
    {},
    element("code", { class: "code", "data-code": "" }, code),
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
      element("td", {}, element("code", {}, attempt.code)),
      element("td", { "data-status": "" }, attempt.status ? `HTTP ${attempt.status}` : ""),
      element("td", { class: "number" }, `${Math.round(attempt.ms)} ms`),
    ),
  );
  const heads = ["tried", "result", "status", "after"].map((head) =>
    element("th", { scope: "col" }, t(`failure.${head}`)),
  );
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
