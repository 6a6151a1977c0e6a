/* What the examples are put together from. */
import { clock, element, keepEnterOfComposition, setText } from "./dom.js";
import { explainCode, nameTransport } from "./reasons.js";
import { t } from "./texts.js";

export { element, setText };

/** @param {{ primary?: boolean }} [look] */
export function button(text, onclick, { primary } = {}) {
  return element(
    "button",
    { type: "button", class: primary ? "primary" : undefined, onclick },
    text,
  );
}

/**
 * A field with a button: `onsubmit` gets what is in the field, which is emptied.
 *
 * @param {{ label: string, action: string, onsubmit: (text: string) => void, type?: string, value?: string }} options
 */
export function form({ label, action, onsubmit, type = "text", value }) {
  const field = element("input", { type, maxlength: 500, enterkeyhint: "send", value });
  keepEnterOfComposition(field);
  const submit = (event) => {
    event.preventDefault();
    const text = field.value.trim();
    if (text === "") return;
    field.value = "";
    onsubmit(text);
  };
  return element(
    "form",
    { class: "row", autocomplete: "off", onsubmit: submit },
    element("label", { class: "field grow" }, element("span", {}, label), field),
    element("button", { type: "submit" }, action),
  );
}

/** A checkbox with its label. */
export function check(label, onchange) {
  const box = element("input", { type: "checkbox", onchange: () => onchange(box.checked) });
  return element("label", { class: "check" }, box, " ", label);
}

export function row(...children) {
  return element("div", { class: "row" }, ...children);
}

/** Lines of text, the newest at the end. */
export function log(label) {
  const list = element("ol", {
    class: "log lines small",
    "aria-label": label,
    "data-empty": t("ui.nothing"),
    tabindex: "0",
  });
  return {
    // Around the list: as a log itself, it would be no list any more.
    node: element("div", { role: "log", "aria-label": label }, list),
    /**
     * @param {string | Node} text
     * @param {string} [kind] "good", "bad" or none
     */
    write(text, kind) {
      const item = element(
        "li",
        { "data-kind": kind },
        element("time", {}, clock(Date.now())),
        element("span", {}, text),
      );
      list.append(item);
      if (list.childElementCount > 200) list.firstElementChild.remove();
      list.scrollTop = list.scrollHeight;
    },
  };
}

/** A line that says how a socket is connected. */
export function connection(socket) {
  const node = element("p", { class: "connection" });
  const show = (why) => {
    node.dataset.connected = String(socket.connected);
    const name = socket.connected && nameTransport(socket.io.engine.transport.name);
    if (name) setText(node, t("status.connected", { transport: name }));
    else
      setText(
        node,
        [t(socket.active ? "home.away" : "status.disconnected"), why].filter(Boolean).join(": "),
      );
  };
  socket.on("connect", () => {
    show();
    socket.io.engine.on("upgrade", () => show());
  });
  socket.on("disconnect", (reason) => show(explainCode(reason.replaceAll(" ", "-"), reason)));
  socket.on("connect_error", (error) => show(explainCode(error.code, error.message)));
  show();
  return node;
}

/** A bar from 0 to 100, with its number. */
export function progress(label) {
  const bar = element("progress", { max: 100, value: 0, "aria-label": label });
  const number = element("output", {}, "0 %");
  return {
    node: element("div", { class: "progress" }, bar, number),
    set(percent) {
      bar.value = percent;
      setText(number, `${Math.floor(percent)} %`);
    },
  };
}
