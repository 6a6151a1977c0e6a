import { element } from "../parts/dom.js";

const SWITCHES = [
  ["websocketBlocked", "WebSocket blocked", "A proxy refuses every upgrade."],
  ["websocketHangs", "WebSocket hangs", "Upgrades are never answered."],
  ["slow", "Slow", "400 ms more, each way."],
  ["silent", "Silent", "Connections stay open, and nothing arrives."],
  ["cut", "Cut the network", "Connections are reset and refused."],
];

/** Breaks the way between the pages and the Socket.IO server, for every page of this demo at once. */
export const switchboardPanel = {
  id: "switchboard",
  title: "Break something",
  pages: ["chat", "connection-test"],
  mount(host) {
    const problem = element("p", { class: "hint", role: "alert" });
    const boxes = new Map();
    const list = element("ul", { class: "switches" });
    for (const [name, label, hint] of SWITCHES) {
      const box = element("input", {
        type: "checkbox",
        role: "switch",
        name,
        onchange: () => update({ [name]: box.checked }),
      });
      boxes.set(name, box);
      list.append(
        element(
          "li",
          {},
          element(
            "label",
            {},
            box,
            element("span", {}, element("b", {}, label), element("small", {}, hint)),
          ),
        ),
      );
    }
    host.append(list, problem);

    const update = async (changes) => {
      try {
        const response = await fetch("/switchboard", changes && posting(changes));
        if (!response.ok) throw new Error(`the demo's server answered ${response.status}`);
        const state = await response.json();
        for (const [name, box] of boxes) box.checked = state[name];
        problem.textContent = "";
      } catch (error) {
        problem.textContent = `The switches could not be reached: ${error.message}`;
      }
    };
    void update();
    // Another window may have turned a switch meanwhile.
    addEventListener("focus", () => void update());
  },
};

function posting(changes) {
  return {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(changes),
  };
}
