/**
 * How smooth a page stays in a real Chromium while `<tautline-inspector>` shows 1,000 packets a second: frames a second, and how
 * many came late, in turns with the same page without the inspector.
 *
 *   node scripts/build.mjs && node test/bench/inspector.mjs
 */
import { createServer } from "node:http";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { CHROMIUM_FLAGS } from "../support/chromium-flags.mjs";
import { findChromium } from "./lib/chromium-host.mjs";
import { quantile } from "./lib/stats.mjs";

const SECONDS = 5;
const ROUNDS = 3;
const APP = `
  import { io } from "tautline";
  import { defineInspector } from "tautline/inspector";
  import { record } from "tautline/recorder";
  import { connectFake } from "./lib/connect.mjs";

  const { client, ws } = await connectFake({ name: "shown", io });
  const recording = record(client);
  defineInspector();
  const inspector = document.createElement("tautline-inspector");
  const names = ["move", "chat", "price", "a longer name of an event"];
  let count = 0;

  globalThis.measure = async (isShown, seconds) => {
    inspector.recording = recording;
    if (isShown) document.body.append(inspector);
    else inspector.remove();
    const started = performance.now();
    const before = count;
    const feed = setInterval(() => {
      // 1,000 a second, however late the timer is
      const due = before + Math.floor(performance.now() - started);
      for (; count < due; count++)
        ws.deliver("42" + JSON.stringify([names[count % 4], { id: count, text: "x".repeat(count % 90) }]));
    }, 4);
    const frames = [];
    let last = await new Promise(requestAnimationFrame);
    while (performance.now() - started < seconds * 1000) {
      const now = await new Promise(requestAnimationFrame);
      frames.push(now - last);
      last = now;
    }
    clearInterval(feed);
    const rate = (count - before) / seconds;
    return { frames, rate, rows: inspector.shadowRoot?.querySelectorAll(".list .row").length };
  };
`;

const executablePath = await findChromium();
if (!executablePath) throw new Error("There is no Chromium.");
const { outputFiles } = await build({
  stdin: { contents: APP, resolveDir: import.meta.dirname },
  bundle: true,
  write: false,
  format: "esm",
  target: "es2022",
});
const server = createServer((request, response) => {
  const isScript = request.url === "/page.js";
  response.setHeader("Content-Type", isScript ? "text/javascript" : "text/html");
  response.end(
    isScript
      ? outputFiles[0].text
      : `<!doctype html><meta charset="utf-8"><script type="module" src="/page.js"></script>`,
  );
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const browser = await chromium.launch({
  executablePath,
  args: CHROMIUM_FLAGS,
});
try {
  const page = await browser.newPage({ viewport: { width: 1000, height: 800 } });
  await page.goto(`http://127.0.0.1:${server.address().port}`);
  await page.waitForFunction("globalThis.measure");
  const results = { without: [], shown: [] };
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const work = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    const of = (name) => metrics.find((metric) => metric.name === name).value;
    return of("TaskDuration");
  };
  const busy = { without: 0, shown: 0 };
  for (let round = 0; round < ROUNDS; round++)
    for (const name of Object.keys(results)) {
      const before = await work();
      const { frames, rate, rows } = await page.evaluate(
        `measure(${name === "shown"}, ${SECONDS})`,
      );
      busy[name] += ((await work()) - before) / (SECONDS * ROUNDS);
      results[name].push(...frames);
      if (rate < 990) throw new Error(`only ${rate} packets a second`);
      if (rows > 100) throw new Error(`${rows} rows for those that can be seen`);
    }
  for (const [name, frames] of Object.entries(results)) {
    const total = frames.reduce((sum, ms) => sum + ms, 0);
    const late = frames.filter((ms) => ms > 25).length;
    console.log(
      `${name.padEnd(8)} ${((frames.length * 1000) / total).toFixed(1)} frames a second, median ${quantile(frames, 0.5).toFixed(1)} ms, ` +
        `99th of 100 ${quantile(frames, 0.99).toFixed(1)} ms, ${late} of ${frames.length} late, ` +
        `main thread busy ${(busy[name] * 100).toFixed(1)} %`,
    );
  }
} finally {
  await browser.close();
  server.close();
}
