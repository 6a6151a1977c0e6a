/*
 * One node of the cluster: the demo's Socket.IO server with an adapter that connects it to the others. It is started by
 * cluster.mjs, and tells it of each message of the comparison.
 */
import { createAdapter } from "@socket.io/redis-adapter";
import { createAdapter as createStreamsAdapter } from "@socket.io/redis-streams-adapter";
import { createClient } from "redis";
import { createParts, startBackend } from "../server/backend.mjs";

const { REDIS_URL, STREAMS, PAGES_PORT, NODE_PORT } = process.env;

const redis = createClient({ url: REDIS_URL });
// A lost connection to Redis is made again by its client.
// Each namespace has an adapter, which listens.
redis.setMaxListeners(0);
redis.on("error", (error) => console.error(`redis: ${error.message}`));
await redis.connect();

const parts = await createParts({
  arrived: (run, number) => process.send({ run, number }),
  store: {
    // What one node has handled, the others do not handle again.
    async claim(stream, sequence) {
      const isFirst = await redis.set(`claim:${stream}:${sequence}`, "1", {
        expiration: { type: "EX", value: 3600 },
        condition: "NX",
      });
      return isFirst === "OK";
    },
  },
});
await startBackend({
  pagesPort: Number(PAGES_PORT),
  port: Number(NODE_PORT),
  parts,
  adapter: STREAMS === "1" ? createStreamsAdapter(redis) : await pubSub(),
});
process.send("listening");
process.once("disconnect", () => process.exit(0));

async function pubSub() {
  const subscriber = redis.duplicate();
  subscriber.setMaxListeners(0);
  subscriber.on("error", () => {});
  await subscriber.connect();
  return createAdapter(redis, subscriber);
}
