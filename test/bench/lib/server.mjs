import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const ENTRY = fileURLToPath(new URL("./server-process.mjs", import.meta.url));

/** Starts the stock server in its own process: `{ port, url, counters(), close() }`. */
export async function startServer() {
  const child = fork(ENTRY);
  const [{ port }] = await once(child, "message");
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    /** POST requests and latencies in ms since this was last asked. */
    async counters() {
      const answer = once(child, "message");
      child.send("counters");
      return (await answer)[0];
    },
    async close() {
      const exit = once(child, "exit");
      child.kill();
      await exit;
    },
  };
}
