import { fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { createParts, routesOf } from "../server/backend.mjs";
import { nginxConf } from "./nginx-conf.mjs";
import { findPrograms, freePort, run, untilOpen } from "./programs.mjs";

const NODE = fileURLToPath(new URL("node.mjs", import.meta.url));
const NODES = 2;
/** Milliseconds for which a node that was killed stays away. */
const AWAY = 3000;

/**
 * Two Socket.IO servers with Redis between them, behind nginx: what `startDemo` takes in the place of its one server.
 * A restart kills one node, without a goodbye, and starts it again; the next one the other node.
 *
 * @param {object} options
 * @param {boolean} options.isSticky whether the pages' clients come back to their node
 * @param {boolean} options.hasStreams Redis streams, which can recover sessions, in the place of publish and subscribe
 */
export function clusterOf({ isSticky, hasStreams }) {
  return async ({ pagesPort }) => {
    const programs = await findPrograms(process.env.PATH ?? "");
    const folder = await mkdtemp(path.join(os.tmpdir(), "tautline-cluster-"));
    const undo = [() => rm(folder, { recursive: true, force: true })];
    const close = async () => {
      for (const task of undo.splice(0).reverse()) await task();
    };
    try {
      return { ...(await start()), close };
    } catch (error) {
      await close();
      throw error;
    }

    async function start() {
      const redisPort = await freePort();
      const where = ["--port", redisPort, "--bind", "127.0.0.1", "--dir", folder];
      const redis = run(
        programs["redis-server"],
        [...where.map(String), "--save", "", "--appendonly", "no"],
        folder,
      );
      undo.push(() => redis.close());
      await untilOpen(redisPort);

      // the pages' process signs what the nodes check
      process.env.DEMO_SECRET ??= randomUUID();
      const parts = await createParts();
      const comparison = parts.find((part) => part.count);
      const env = {
        ...process.env,
        REDIS_URL: `redis://127.0.0.1:${redisPort}`,
        STREAMS: hasStreams ? "1" : "0",
        PAGES_PORT: String(pagesPort),
      };
      const nodes = await Promise.all(
        Array.from({ length: NODES }, () =>
          startNode(env, ({ run, number }) => comparison.count(run, number)),
        ),
      );
      undo.push(() => Promise.all(nodes.map((node) => node.kill())));

      const [stickyPort, roundRobinPort] = [await freePort(), await freePort()];
      const conf = path.join(folder, "nginx.conf");
      const ports = nodes.map(({ port }) => port);
      await writeFile(conf, nginxConf({ folder, nodes: ports, stickyPort, roundRobinPort }));
      const nginx = run(
        programs.nginx,
        ["-p", folder, "-e", path.join(folder, "error.log"), "-c", conf],
        folder,
      );
      undo.push(() => nginx.close());
      await untilOpen(roundRobinPort);

      let next = 0;
      return {
        port: isSticky ? stickyPort : roundRobinPort,
        routes: routesOf(parts),
        async restart() {
          const node = nodes[next++ % NODES];
          await node.kill();
          await new Promise((resolve) => setTimeout(resolve, AWAY));
          await node.start();
        },
      };
    }
  };
}

async function startNode(env, onMessage) {
  const port = await freePort();
  let child;
  let isWanted = false;
  const node = {
    port,
    start() {
      isWanted = true;
      child = fork(NODE, { env: { ...env, NODE_PORT: String(port) } });
      child.once("exit", (code, signal) => {
        if (!isWanted) return;
        console.error(`The node at port ${port} ended (${signal ?? code}), and is started again.`);
        setTimeout(() => isWanted && node.start().catch(() => {}), AWAY);
      });
      return new Promise((resolve, reject) => {
        child.once("exit", (code) => reject(new Error(`a node ended with ${code}`)));
        child.on("message", (message) =>
          message === "listening" ? resolve() : onMessage(message),
        );
      });
    },
    kill() {
      isWanted = false;
      if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      return ended;
    },
  };
  await node.start();
  return node;
}
