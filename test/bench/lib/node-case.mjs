import { WebSocket } from "ws";

// The child process of `NodeHost`: one case, then it ends.
globalThis.WebSocket = WebSocket;
const { runCase } = await import("./run-case.mjs");

process.once("message", async (request) => {
  try {
    const result = await runCase(request);
    process.send({ result }, () => process.exit(0));
  } catch (error) {
    process.send({ error: String(error?.stack ?? error) }, () => process.exit(1));
  }
});
process.send({ ready: true });
