import { clock, element } from "../parts/dom.js";

const MAX_LINES = 1000;

/**
 * Lines of text with their time and kind, the newest at the end.
 *
 * @param {HTMLElement} list
 */
export function createLog(list) {
  return {
    /** @param {"info" | "sent" | "message" | "error"} kind @param {string} text */
    write(kind, text) {
      const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
      list.append(
        element(
          "li",
          { "data-kind": kind },
          element("time", {}, clock(Date.now())),
          element("span", { class: "kind" }, kind),
          element("span", { class: "text" }, text),
        ),
      );
      if (list.childElementCount > MAX_LINES) list.firstElementChild.remove();
      if (atEnd) list.scrollTop = list.scrollHeight;
    },
    clear() {
      list.replaceChildren();
    },
  };
}
