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
  const fresh = await ask("token", { refresh });
  // the site does not know the login any more: no further try helps
  if (!fresh) throw new TautlineError("unauthorized", text("login"));
  lines.write(text("fresh"), "good");
  return fresh.token;
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
  const login = await tell("login", { password });
  if (!login) return;
  ({ refresh } = login);
  token = undefined;
  admin.connect();
}

/** Enters anew with the token that it has, which may have expired meanwhile. */
function again() {
  admin.disconnect().connect();
}

/** As if 15 seconds were over. */
async function expire() {
  if (!refresh) return;
  const old = await tell("token", { refresh, isExpired: true });
  if (!old) return;
  ({ token } = old);
  lines.write(text("expired"));
}

function logOut() {
  refresh = token = undefined;
  admin.disconnect();
}

/** What the site answers: undefined, where it refuses. */
async function ask(what, body) {
  const headers = { "Content-Type": "application/json" };
  const init = { method: "POST", headers, body: JSON.stringify(body) };
  const response = await fetch(`/api/admin/${what}`, init);
  return response.ok ? response.json() : undefined;
}

/** The same for a button: what went wrong is written down. */
async function tell(what, body) {
  try {
    const answer = await ask(what, body);
    if (!answer) lines.write(text(what === "login" ? "wrong" : "unknown"), "bad");
    return answer;
  } catch (error) {
    lines.write(text("unreachable", { message: error.message }), "bad");
    return undefined;
  }
}
