/**
 * Packets that are stored before they are sent (docs/durable.md), in a real Chromium at a real Socket.IO server.
 *
 *   node scripts/build.mjs && node test/bench/durable.mjs [--parts kills,stored,restored] [--kills 500] [--seed 1]
 *     [--delivery exactlyOnce] [--durability relaxed] [--rounds 5]
 *
 * kills: the browser stores and sends, and is killed with all of its processes again and again. What was lost, doubled or out of
 * order of all that it reported as stored.
 * stored: how long it takes until a packet is stored, one after the other, connected and not; beside what the host's IndexedDB
 * takes for the same, in turns.
 * restored: how long after a page's start 1,000 packets that were stored before are read, and have arrived.
 */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { launchChromiumTabs } from "../browser/support/chromium-tabs.mjs";
import { startDurableSite } from "../browser/support/durable-site.mjs";
import { runKills } from "../browser/support/kills.mjs";
import { quantile } from "./lib/stats.mjs";

const { values: flags } = parseArgs({
  options: {
    parts: { type: "string", default: "kills,stored,restored" },
    kills: { type: "string", default: "500" },
    delivery: { type: "string", default: "exactlyOnce" },
    durability: { type: "string", default: "relaxed" },
    seed: { type: "string", default: "1" },
    rounds: { type: "string", default: "5" },
    verbose: { type: "boolean", default: false },
  },
});

const parts = { kills, stored, restored };
for (const part of flags.parts.split(",")) await parts[part]();

async function kills() {
  const { delivery, durability } = flags;
  const { totals } = await runKills({
    kills: Number(flags.kills),
    seed: Number(flags.seed),
    delivery,
    durability,
    onKill: (kill) => flags.verbose && console.log(JSON.stringify(kill)),
  });
  const of = `${flags.kills} kills, ${delivery}, ${durability}, seed ${flags.seed}`;
  console.log(`\n${of}: ${JSON.stringify(totals)}`);
}

/** With a profile on the disk: one that is thrown away may be kept in memory. */
async function inBrowser(work) {
  const profile = await mkdtemp(join(tmpdir(), "tautline-durable-"));
  const site = await startDurableSite();
  const browser = await launchChromiumTabs({ userDataDir: profile });
  try {
    await work(site, browser);
  } finally {
    await browser.close();
    await site.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function stored() {
  const [COUNT, TURN] = [2000, 100];
  for (const isOpen of [true, false]) {
    await inBrowser(async (site, browser) => {
      site.isOpen = isOpen;
      const tab = await browser.newTab(site.url);
      await tab.evaluate("void live.connect()");
      if (isOpen) await tab.until("live.socket.connected");
      await tab.evaluate("live.timeStored(0, 200)");
      await tab.evaluate("live.timeRaw(200)");
      const [ours, raw] = [[], []];
      for (let n = 1000; ours.length < COUNT; n += TURN) {
        ours.push(...(await tab.evaluate(`live.timeStored(${n}, ${TURN})`)));
        raw.push(...(await tab.evaluate(`live.timeRaw(${TURN})`)));
      }
      const of = (times) => [0.5, 0.99, 1].map((q) => quantile(times, q));
      const print = (times) => {
        const [half, most, longest] = times.map((time) => time.toFixed(2));
        return `p50 ${half}, p99 ${most}, max ${longest}`;
      };
      const where = isOpen ? "connected" : "not connected";
      console.log(`\nstored, ${where}, ${COUNT} one after the other: ${print(of(ours))} ms`);
      console.log(`IndexedDB alone: ${print(of(raw))} ms`);
      console.log(`times that: ${print(of(ours).map((time, n) => time / of(raw)[n]))}`);
    });
  }
}

async function restored() {
  const COUNT = 1000;
  const [read, arrived] = [[], []];
  for (let round = 0; round < Number(flags.rounds); round++) {
    await inBrowser(async (site, browser) => {
      site.isOpen = false;
      const tab = await browser.newTab(site.url);
      await tab.evaluate(`live.connect(); live.fill(0, ${COUNT})`);
      await tab.reload();
      await tab.until("globalThis.live");
      // reading alone, while nobody lets it in
      read.push(
        await tab.evaluate(`(async () => {
          const start = performance.now();
          live.connect();
          const all = await live.socket.durable.list();
          if (all.length !== ${COUNT}) throw new Error("only " + all.length);
          return performance.now() - start;
        })()`),
      );
      await tab.reload();
      await tab.until("globalThis.live");
      site.isOpen = true;
      const start = await tab.evaluate("live.connect(), Date.now()");
      while (site.received.length < COUNT) await once(site, "received");
      arrived.push(Date.now() - start);
    });
  }
  const print = (times) => times.map((time) => time.toFixed(0)).join(", ");
  console.log(
    `\n${COUNT} restored, ${flags.rounds} rounds: read after ${print(read)} ms; arrived after ${print(arrived)} ms`,
  );
}
