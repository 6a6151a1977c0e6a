import { createHmac, randomUUID } from "node:crypto";
import express from "express";
import { textOf } from "../untrusted.mjs";

/** Two namespaces for everybody, and one for those whose token is valid. */
const PASSWORD = "tautline";
const VALID_FOR = 15_000;
/** The nodes of a cluster have the same. */
const SECRET = process.env.DEMO_SECRET ?? randomUUID();

export function create() {
  const logins = new Set();
  const router = express.Router().use(express.json({ limit: "1kb" }));

  router.post("/login", ({ body }, response) => {
    if (body?.password !== PASSWORD) return response.status(401).end();
    const refresh = randomUUID();
    logins.add(refresh);
    if (logins.size > 1000) logins.delete(logins.values().next().value);
    response.json({ refresh });
  });
  router.post("/token", ({ body }, response) => {
    if (!logins.has(body?.refresh)) return response.status(401).end();
    const token = signed(String(Date.now() + (body.isExpired ? -1 : VALID_FOR)));
    response.json({ token });
  });

  function open({ io }) {
    io.of("/orders").on("connection", (socket) => socket.emit("order", "2 × 30 m"));
    io.of("/users").on("connection", (socket) => socket.emit("user", "Ann"));
    // #region
    io.of("/admin").use((socket, next) => {
      const token = textOf(socket.handshake.auth.token, 200);
      const validUntil = token.split(".")[0];
      const isOurs = token === signed(validUntil);
      if (isOurs && Number(validUntil) > Date.now()) return next();
      const error = new Error("not authorised");
      error.data = { why: isOurs ? "the token has expired" : "no such token" };
      next(error);
    });
    io.of("/admin").on("connection", (socket) => socket.emit("secret", "/admin: 42"));
    // #endregion
  }
  return { open, routes: [["/api/admin", router]] };
}

function signed(text) {
  return `${text}.${createHmac("sha256", SECRET).update(text).digest("hex")}`;
}
