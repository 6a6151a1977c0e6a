/**
 * Tabs that share a connection (docs/shared.md), in a real Chromium at a real Socket.IO server.
 *
 *   node scripts/build.mjs && node test/bench/shared.mjs [--parts deaths,round-trip,cost] [--deaths 200] [--seed 1]
 *     [--deliveries atLeastOnce,exactlyOnce] [--kinds close,navigate,reload,crash,freeze,stall] [--rounds 3]
 *
 * deaths: 5 tabs at 50 messages a second each way; the one that holds the connection dies again and again. What was lost,
 * doubled or out of order, and how long after the death the first packet of another tab was answered.
 * round-trip: how much longer an ack takes for a tab that does not hold the connection than over a connection of its own.
 * cost: CPU time and memory of the whole browser with 10 tabs, shared and not.
 */
import { parseArgs } from "node:util";
import { launchChromiumTabs } from "../browser/support/chromium-tabs.mjs";
import { allKinds, runDeaths } from "../browser/support/host-deaths.mjs";
import { startTabsSite } from "../browser/support/tabs-site.mjs";
import { costOfTree } from "../support/process-tree.mjs";
import { median, quantile } from "./lib/stats.mjs";

const { values: flags } = parseArgs({
  options: {
    parts: { type: "string", default: "deaths,round-trip,cost" },
    deaths: { type: "string", default: "200" },
    deliveries: { type: "string", default: "atLeastOnce,exactlyOnce" },
    kinds: { type: "string", default: allKinds.join() },
    seed: { type: "string", default: "1" },
    rounds: { type: "string", default: "3" },
    verbose: { type: "boolean", default: false },
  },
});

const parts = { deaths, "round-trip": roundTrip, cost };
for (const part of flags.parts.split(",")) await parts[part]();

/** A browser and a site for each measurement, whatever becomes of it. */
async function inBrowser(options, work) {
  const site = await startTabsSite(options);
  const browser = await launchChromiumTabs();
  try {
    return await work(site, browser);
  } finally {
    await browser.close();
    await site.close();
  }
}

async function deaths() {
  for (const delivery of flags.deliveries.split(",")) {
    const { records, totals } = await inBrowser({ rate: 50 }, (site, browser) =>
      runDeaths({
        site,
        browser,
        deaths: Number(flags.deaths),
        seed: Number(flags.seed),
        kinds: flags.kinds.split(","),
        delivery,
        hides: true,
        onRecord: ({ notes = [], ...record }) => {
          if (flags.verbose) console.log([JSON.stringify(record), ...notes].join("\n  "));
        },
      }),
    );
    console.log(
      `\n${records.length} deaths, ${delivery}, seed ${flags.seed}: ${JSON.stringify(totals)}`,
    );
    const print = (name, chosen) => {
      const backs = chosen.map(({ back }) => back);
      const missed = chosen.reduce((sum, one) => sum + one.downsMissed, 0);
      const recovered = chosen.filter(({ isRecovered }) => isRecovered).length;
      const [half, most, longest] = [0.5, 0.95, 1].map((q) => quantile(backs, q).toFixed(0));
      console.log(
        `  ${name.padEnd(20)} ${String(chosen.length).padStart(4)}  back after p50 ${half}, p95 ${most}, max ${longest} ms; ` +
          `session recovered ${recovered}; events missed ${missed}`,
      );
    };
    for (const kind of allKinds) {
      for (const isHidden of [false, true]) {
        const chosen = records.filter((one) => one.kind === kind && one.isHidden === isHidden);
        if (chosen.length) print(`${kind}${isHidden ? ", all hidden" : ""}`, chosen);
      }
    }
    const isSilent = ({ kind }) => kind === "freeze" || kind === "stall";
    const groups = { "frozen or stalled": isSilent, "all others": (one) => !isSilent(one) };
    for (const [name, isOf] of Object.entries(groups)) {
      if (records.some(isOf)) print(name, records.filter(isOf));
    }
  }
}

async function roundTrip() {
  for (const opens of ["newTab", "newWindow"]) {
    await inBrowser({}, async (site, browser) => {
      const guest = await browser.newTab(site.url);
      const host = await browser[opens](site.url);
      await host.evaluate(`live.start({ life: "host", mode: "shared" })`);
      await host.until("live.role === 'host' && live.socket.connected");
      await guest.evaluate(`live.start({ life: "guest", mode: "shared" })`);
      await guest.until("live.tabs === 2 && live.socket.connected");
      const state = await guest.evaluate("`${live.role}, ${document.visibilityState}`");
      // the code gets warm
      await guest.evaluate("live.compare(300)");
      const times = await guest.evaluate("live.compare(3000)");
      console.log(`\nround trip of a guest (${state}), 3,000 each, alternately`);
      for (const q of [0.5, 0.95, 0.99]) {
        const [shared, direct] = [times.shared, times.direct].map((side) => quantile(side, q));
        console.log(
          `  p${q * 100}: ${shared.toFixed(2)} ms, direct ${direct.toFixed(2)} ms, added ${(shared - direct).toFixed(2)} ms`,
        );
      }
    });
  }
}

async function cost() {
  const SECONDS = 15;
  const TABS = 10;
  const results = {};
  for (let round = 0; round < Number(flags.rounds); round++) {
    for (const mode of round % 2 ? ["direct", "shared"] : ["shared", "direct"]) {
      for (const rate of [0, 10]) {
        await inBrowser({ rate }, async (site, browser) => {
          const tabs = [];
          for (let n = 0; n < TABS; n++) {
            const tab = await browser.newTab(site.url);
            await tab.evaluate(`live.start({ life: "${n}", mode: "${mode}", rate: ${rate} })`);
            await tab.until("live.socket.connected");
            tabs.push(tab);
          }
          if (mode === "shared") for (const tab of tabs) await tab.until(`live.tabs === ${TABS}`);
          const before = costOfTree(browser.process.pid);
          await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000));
          const after = costOfTree(browser.process.pid);
          const one = ((results[rate] ??= {})[mode] ??= {
            cpu: [],
            memory: [],
            lines: site.lines.size,
          });
          one.cpu.push((after.cpu - before.cpu) / SECONDS);
          one.memory.push(after.memory / 2 ** 20);
        });
      }
    }
  }
  for (const [rate, modes] of Object.entries(results)) {
    console.log(
      `\n${TABS} tabs, ${rate} messages a second each way, ${flags.rounds} rounds of ${SECONDS} s, the whole browser`,
    );
    for (const [mode, { cpu, memory, lines }] of Object.entries(modes)) {
      console.log(
        `  ${mode}, connections: ${lines}; CPU ${(median(cpu) * 1000).toFixed(0)} ms a second (${cpu.map((one) => (one * 1000).toFixed(0)).join(", ")}); ` +
          `memory ${median(memory).toFixed(0)} MiB (${memory.map((one) => one.toFixed(0)).join(", ")})`,
      );
    }
  }
}
