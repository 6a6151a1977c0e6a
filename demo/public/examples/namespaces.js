import { io, TautlineError } from "tautline";
import { button, connection, element, form, log, row } from "../parts/ui.js";
import { openExample } from "./frame.js";

const { url, show, text } = await openExample();
const lines = log(text("log"));
let refresh;
let token;

// #region
// Two namespaces and the admin area on one connection.
const orders = io(`${url}/orders`);
const users = io(`${url}/users`);
const admin = io(`${url}/admin`, {
  async auth({ reason }) {
    if (!refresh) throw new TautlineError("unauthorized", text("login"));
    // "refused": the server did not take the token that it got last, so a fresh one is fetched.
    if (!token || reason === "refused") token = await fetchToken();
    return { token };
  },
});

async function fetchToken() {
  const response = await post("/api/admin/token", { refresh });
  lines.write(text("fresh"), "good");
  return (await response.json()).token;
}

admin.on("connect", () => lines.write(text("in"), "good"));
admin.on("connect_error", (error) =>
  lines.write(`${error.code}: ${error.data?.why ?? error.message}`, "bad"),
);
// #endregion

admin.on("disconnect", (reason) => lines.write(text("out", { reason })));
admin.on("secret", (secret) => lines.write(secret));
orders.on("order", (order) => lines.write(`/orders: ${order}`));
users.on("user", (user) => lines.write(`/users: ${user}`));

show(
  element(
    "div",
    { class: "people" },
    ...[
      ["/orders", orders],
      ["/users", users],
      ["/admin", admin],
    ].map(([name, socket]) =>
      element("section", { class: "card" }, element("h2", {}, name), connection(socket)),
    ),
  ),
  form({ label: text("password"), action: text("logIn"), type: "password", onsubmit: logIn }),
  row(button(text("again"), again), button(text("expire"), expire), button(text("logOut"), logOut)),
  element("p", { class: "hint" }, text("hint")),
  lines.node,
);

async function logIn(password) {
  const response = await post("/api/admin/login", { password });
  if (!response.ok) return lines.write(text("wrong"), "bad");
  ({ refresh } = await response.json());
  admin.connect();
}

/** Enters anew with the token that it has, which may have expired meanwhile. */
function again() {
  admin.disconnect().connect();
}

/** As if 15 seconds were over. */
async function expire() {
  if (!refresh) return;
  const response = await post("/api/admin/token", { refresh, isExpired: true });
  ({ token } = await response.json());
  lines.write(text("expired"));
}

function logOut() {
  refresh = token = undefined;
  admin.disconnect();
}

function post(path, body) {
  const headers = { "Content-Type": "application/json" };
  return fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
}
