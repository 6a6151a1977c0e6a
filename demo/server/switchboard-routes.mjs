import express from "express";

/**
 * `GET /switchboard` tells how the switches stand, `POST /switchboard` with `{ "<switch>": true | false, ... }` sets
 * them and answers with the new state. `POST /switchboard/restart` with `{}` restarts the server, and answers when it runs.
 * `POST /switchboard/strand` with `{}` lets every open WebSocket die without a word, as while a laptop sleeps.
 *
 * @param {import("./switchboard.mjs").Switchboard} switchboard
 * @param {{ restart(): Promise<void> }} backend
 */
export function switchboardRoutes(switchboard, backend) {
  const router = express.Router();
  router.get("/", (_request, response) => {
    response.json(switchboard.state);
  });
  // Only JSON is read: a page of another site cannot send that here without asking first.
  router.post("/", express.json({ limit: "1kb" }), (request, response) => {
    const problem = problemOf(request.body, switchboard.state);
    if (problem) {
      response.status(400).json({ error: problem });
      return;
    }
    switchboard.set(request.body);
    response.json(switchboard.state);
  });
  const actions = { restart: () => backend.restart(), strand: () => switchboard.strand() };
  for (const [name, act] of Object.entries(actions)) {
    router.post(`/${name}`, express.json({ limit: "1kb" }), async (request, response) => {
      const problem = problemOf(request.body, {});
      if (problem) {
        response.status(400).json({ error: problem });
        return;
      }
      await act();
      response.json(switchboard.state);
    });
  }
  return router;
}

function problemOf(changes, state) {
  if (typeof changes !== "object" || changes === null || Array.isArray(changes)) {
    return "The body must be a JSON object of switches.";
  }
  for (const [name, value] of Object.entries(changes)) {
    if (!Object.hasOwn(state, name)) {
      return `There is no switch "${name}". The switches are: ${Object.keys(state).join(", ")}.`;
    }
    if (typeof value !== "boolean") return `The switch "${name}" must be true or false.`;
  }
  return undefined;
}
