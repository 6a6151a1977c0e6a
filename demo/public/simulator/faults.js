/** What one can do to the network, by button and by key. */
import { setAvailable } from "../parts/available.js";
import { element, setText } from "../parts/dom.js";

/** `of`: a switch of the world, and what its button says while it is on. */
const FAULTS = [
  { id: "cut", key: "c", label: "Cut the line" },
  { id: "half-open", key: "h", label: "Half-open" },
  { id: "block", key: "b", label: "Block WebSocket", of: "blocked", on: "Let WebSocket pass" },
  { id: "slow", key: "l", label: "Delay 500 ms", of: "slow", on: "No delay" },
  { id: "freeze", key: "f", label: "Freeze 5 s" },
  { id: "offline", key: "o", label: "Go offline", of: "offline", on: "Go online" },
  { id: "kill", key: "k", label: "Kill the server", of: "isDown", on: "Start the server" },
  { id: "restart", key: "r", label: "Restart it, 2 s" },
  { id: "heal", key: "x", label: "Heal all" },
  { id: "send", key: "e", label: "Send a number" },
];

/** @param {HTMLElement} host @param {(id: string) => void} act */
export function showFaults(host, act) {
  const buttons = FAULTS.map(({ id, key, label }) => {
    const text = element("span", {}, label);
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
    for (const [i, { label, of, on }] of FAULTS.entries()) {
      const { button, text } = buttons[i];
      setAvailable(button, !isOver);
      if (of) setText(text, isOn[of] ? on : label);
    }
  };
}

/** @param {string} key @returns {string | undefined} the fault of a key */
export function faultOfKey(key) {
  return FAULTS.find((fault) => fault.key === key)?.id;
}
