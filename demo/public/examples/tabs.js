import { io } from "tautline";
import { shared } from "tautline/shared";
import { connection, element, form, log, setText } from "../parts/ui.js";
import { openExample } from "./frame.js";

const { url, show, text, announce } = await openExample();
const lines = log(text("log"));
const role = element("p", { class: "role", "data-role": "" });
const clients = element("p", { class: "hint", "data-clients": "" });

// #region
// All tabs of this person have one connection; `key` says whose it is.
const socket = io(`${url}/tabs`, { share: shared({ key: "demo" }) });
socket.io.on("shared", showRole);
socket.on("clients", (count) => setText(clients, text("clients", { count })));
socket.on("said", (words) => lines.write(words));
const say = (words) => socket.emit("say", words);
// #endregion

function showRole() {
  const { role: name = "alone", tabs = 1 } = socket.shared ?? {};
  role.dataset.role = name;
  setText(role, text(`roles.${name}`, { tabs }));
  announce(text(`roles.${name}`, { tabs }));
}
socket.on("connect", showRole);
showRole();

show(
  connection(socket),
  role,
  clients,
  element(
    "p",
    {},
    element("a", { href: location.pathname, target: "_blank", rel: "noopener" }, text("another")),
  ),
  form({ label: text("words"), action: text("send"), onsubmit: say }),
  lines.node,
);
