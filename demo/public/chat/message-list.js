import { clock, element, setText } from "../parts/dom.js";
import { t } from "../parts/texts.js";

const NEAR_THE_END = 80;
const MAX_ITEMS = 500;

/**
 * The list of messages: it stays at its end while one reads there, and says so when newer ones come while one reads
 * further up. Whatever people write is put in as text.
 *
 * @param {HTMLElement} list
 * @param {HTMLButtonElement} toNewest
 * @param {HTMLElement} empty what is shown while there is nothing
 */
export function createMessageList(list, toNewest, empty) {
  const byKey = new Map();

  const atEnd = () => list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_THE_END;
  /** What goes away while it has the focus leaves it to the list. */
  const hide = (node) => {
    if (node.contains(document.activeElement)) list.focus();
    node.hidden = true;
  };
  const scrollToEnd = () => {
    list.scrollTop = list.scrollHeight;
    hide(toNewest);
  };
  list.addEventListener("scroll", () => {
    if (atEnd()) hide(toNewest);
  });
  toNewest.addEventListener("click", scrollToEnd);
  // A phone's keyboard makes the list lower: its end is what one wants to see.
  let follows = true;
  list.addEventListener("scroll", () => (follows = atEnd()));
  new ResizeObserver(() => follows && scrollToEnd()).observe(list);

  const append = (item, always) => {
    const follow = always || atEnd();
    list.append(item);
    hide(empty);
    if (list.childElementCount > MAX_ITEMS) list.firstElementChild.remove();
    if (follow) scrollToEnd();
    else toNewest.hidden = false;
  };

  return {
    has: (key) => byKey.has(key),

    /** @param {{ key: string, name: string, text: string, at: number }} message */
    add(message, { own = false } = {}) {
      const status = element("span", { class: "message-status" });
      const item = element(
        "li",
        { class: own ? "message own" : "message", "data-key": message.key },
        element(
          "time",
          { datetime: new Date(message.at).toISOString() },
          clock(message.at, { seconds: false }),
        ),
        element("b", { class: "message-name" }, message.name),
        element("span", { class: "message-text" }, message.text),
        status,
      );
      byKey.set(message.key, { item, status });
      append(item, own);
    },

    /** @param {"waiting" | "sending" | "delivered" | "refused"} state */
    mark(key, state, detail = t(`chat.states.${state}`)) {
      const entry = byKey.get(key);
      if (!entry) return;
      entry.item.dataset.status = state;
      setText(entry.status, detail);
    },

    /** What happened in the room. @param {string | Node} text */
    note(text, at) {
      append(
        element(
          "li",
          { class: "note" },
          element("time", { datetime: new Date(at).toISOString() }, clock(at, { seconds: false })),
          element("span", {}, text),
        ),
        false,
      );
    },
  };
}
