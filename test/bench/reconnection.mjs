/**
 * How long after the world is well again is a client connected again? In a real Chromium, this client beside the
 * reference client, with default options over WebSocket. Prints the table of docs/reconnection.md.
 *
 *   node scripts/build.mjs && node test/bench/reconnection.mjs [runs] [part of a scene's name]
 *
 * "Connected" means that the page has answered a question that the server asked after the moment zero. To add a
 * scene: another entry of `scenes`, which calls `zero()` when the world is well again.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { launch } from "puppeteer-core";
import { Server } from "socket.io";
import { CHROMIUM_FLAGS, UNTHROTTLING_FLAGS } from "../support/chromium-flags.mjs";
import { createFaultProxy } from "../support/fault-proxy.mjs";

const runs = Number(process.argv[2] ?? 5);
const chromium = process.env.CHROME_PATH ?? "/usr/bin/chromium";

const clients = [
  { name: "Tautline", file: new URL("../../dist/tautline.min.js", import.meta.url) },
  {
    name: "socket.io-client",
    file: new URL("../../node_modules/socket.io-client/dist/socket.io.min.js", import.meta.url),
  },
];

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const network = (offline) => ({
  offline,
  latency: 0,
  downloadThroughput: -1,
  uploadThroughput: -1,
});

const scenes = [
  {
    name: "no network for 10 s",
    async play({ devtools, zero }) {
      await devtools.send("Network.emulateNetworkConditions", network(true));
      await sleep(10_000);
      zero();
      await devtools.send("Network.emulateNetworkConditions", network(false));
    },
  },
  {
    name: "half-open after sleep (the page becomes visible)",
    async play({ page, proxy, zero }) {
      proxy.cut({ side: "server" });
      zero();
      await page.evaluate(`document.dispatchEvent(new Event("visibilitychange"))`);
    },
  },
  {
    name: "frozen for 10 s, then resumed",
    async play({ devtools, zero }) {
      await devtools.send("Page.setWebLifecycleState", { state: "frozen" });
      await sleep(10_000);
      zero();
      await devtools.send("Page.setWebLifecycleState", { state: "active" });
    },
  },
  {
    name: "into the page cache for 2 s, and back",
    async play({ page, url, zero }) {
      await page.goto(`${url}/other`);
      await sleep(2000);
      zero();
      await page.goBack();
    },
  },
  {
    name: "said to be offline for 1 s, but isn't",
    async play({ devtools, zero }) {
      await devtools.send("Network.overrideNetworkState", network(true));
      zero();
      await sleep(1000);
      await devtools.send("Network.overrideNetworkState", network(false));
    },
  },
];

/** Milliseconds from `zero()` until the page has answered. */
async function time(scene, { file }) {
  const script = readFileSync(file);
  const html = `<!doctype html><script src="/client.js"></script><script>
    const socket = io(location.hash.slice(1), { transports: ["websocket"] });
    socket.on("question", (answer) => answer());
  </script>`;
  const http = createServer(({ url }, response) => {
    response.setHeader("Content-Type", url === "/client.js" ? "text/javascript" : "text/html");
    response.end(url === "/client.js" ? script : url === "/" ? html : "another page");
  });
  const io = new Server(http, {
    cors: { origin: true },
    connectionStateRecovery: { maxDisconnectionDuration: 120_000 },
  });
  await new Promise((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address();
  const proxy = await createFaultProxy({ target: port });
  const browser = await launch({
    executablePath: chromium,
    ignoreDefaultArgs: UNTHROTTLING_FLAGS,
    args: CHROMIUM_FLAGS,
  });
  const page = await browser.newPage();
  const devtools = await page.createCDPSession();
  await devtools.send("Network.enable");
  const url = `http://127.0.0.1:${port}`;
  await page.goto(`${url}/#${proxy.url}`);
  await page.waitForFunction("socket.connected");
  await page.evaluate(`socket.on("disconnect", () => (globalThis.lost = true))`);

  let since = 0;
  const asking = { timer: undefined };
  const answered = new Promise((resolve) => {
    asking.timer = setInterval(() => {
      const asked = Date.now();
      for (const socket of io.sockets.sockets.values())
        socket.emit("question", () => {
          if (since && asked >= since) resolve(Date.now() - since);
        });
    }, 10);
  });
  const zero = () => (since = Date.now());
  await scene.play({ page, devtools, proxy, url, zero });
  const ms = await answered;
  await sleep(200);
  const lost = await page.evaluate("Boolean(globalThis.lost)").catch(() => true);
  clearInterval(asking.timer);
  await browser.close();
  io.engine.close();
  await proxy.close();
  http.closeAllConnections();
  http.close();
  return { ms, lost };
}

const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;

for (const scene of scenes.filter(({ name }) => name.includes(process.argv[3] ?? ""))) {
  const cells = [];
  for (const client of clients) {
    const results = [];
    for (let run = 0; run < runs; run++) results.push(await time(scene, client));
    const times = results.map(({ ms }) => ms).sort((a, b) => a - b);
    const lost = results.filter((result) => result.lost).length;
    const range = `${seconds(times[Math.floor(runs / 2)])} (${seconds(times[0])} to ${seconds(times.at(-1))})`;
    cells.push(lost === 0 ? "never lost" : range);
    console.error(scene.name, client.name, JSON.stringify(results));
  }
  console.log(`| ${scene.name} | ${cells.join(" | ")} |`);
}
