/** What one can do to the network, by button and by key. */
import { setAvailable } from "../parts/available.js";
import { element, setText } from "../parts/dom.js";
import { t } from "../parts/texts.js";

/** `of`: a switch of the world. While it is on, the button has the text that takes it back. */
const FAULTS = [
  { id: "cut", key: "c" },
  { id: "half-open", key: "h" },
  { id: "block", key: "b", of: "blocked" },
  { id: "slow", key: "l", of: "slow" },
  { id: "freeze", key: "f" },
  { id: "offline", key: "o", of: "offline" },
  { id: "kill", key: "k", of: "isDown" },
  { id: "restart", key: "r" },
  { id: "heal", key: "x" },
  { id: "send", key: "e" },
];

/** @param {HTMLElement} host @param {(id: string) => void} act */
export function showFaults(host, act) {
  const buttons = FAULTS.map(({ id, key }) => {
    const text = element("span", {}, t(`simulator.faults.${id}`));
    const button = element(
      "button",
      { type: "button", "data-fault": id, "aria-keyshortcuts": key, onclick: () => act(id) },
      text,
      " ",
      element("kbd", {}, key),
    );
    host.append(button);
    return { button, text };
  });
  return ({ switches, isDown, isOver }) => {
    const isOn = { ...switches, isDown };
    for (const [i, { id, of }] of FAULTS.entries()) {
      const { button, text } = buttons[i];
      setAvailable(button, !isOver);
      if (of) setText(text, t(`simulator.${isOn[of] ? "undo" : "faults"}.${id}`));
    }
  };
}

/** @param {string} key @returns {string | undefined} the fault of a key */
export function faultOfKey(key) {
  return FAULTS.find((fault) => fault.key === key)?.id;
}
