import { clock, element } from "../parts/dom.js";
import { t } from "../parts/texts.js";

const MAX_LINES = 1000;

/**
 * Lines of text with their time and kind, the newest at the end.
 *
 * @param {HTMLElement} list
 * @param {HTMLElement} empty what is shown while there is nothing
 */
export function createLog(list, empty) {
  return {
    /** @param {"info" | "sent" | "message" | "error"} kind @param {string} text */
    write(kind, text) {
      const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
      list.append(
        element(
          "li",
          { "data-kind": kind },
          element("time", {}, clock(Date.now())),
          element("span", { class: "kind" }, t(`test.kinds.${kind}`)),
          element("span", { class: "text" }, text),
        ),
      );
      empty.hidden = true;
      if (list.childElementCount > MAX_LINES) list.firstElementChild.remove();
      if (atEnd) list.scrollTop = list.scrollHeight;
    },
    clear() {
      list.replaceChildren();
      empty.hidden = false;
    },
  };
}
