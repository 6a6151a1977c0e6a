import { fileURLToPath } from "node:url";
import { serve } from "./server/serve.mjs";
import { startDemo } from "./server/start.mjs";

/*
 * The demo over two Socket.IO servers with Redis between them, behind nginx. Beside PORT and HOST:
 *
 * - `STREAMS=1`: the adapter over Redis streams, which can recover sessions at another node.
 * - `STICKY=0`: each request may go to another node. Long-polling does not work so; the client goes to WebSocket by itself.
 */
const { STREAMS, STICKY } = process.env;
const root = fileURLToPath(new URL("..", import.meta.url));

await serve("Tautline demo, two nodes", (settings) => {
  // It imports what has been built, which is known to be there only later.
  const startBackend = async (where) => {
    const { clusterOf } = await import("./cluster/start.mjs");
    return clusterOf({ isSticky: STICKY !== "0", hasStreams: STREAMS === "1" })(where);
  };
  return startDemo({ root, ...settings, startBackend });
});
