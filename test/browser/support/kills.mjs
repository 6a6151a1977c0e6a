/**
 * A Chromium that stores and sends numbers and is killed, again and again, with all of its processes. Its profile stays.
 *
 *   const { totals } = await runKills({ kills: 5, seed: 1 });
 *
 * A page stores ever higher numbers, as fast as it can. In about a third of its lives nobody lets it in, so that what it
 * stored is left for the next one.
 */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launchChromiumTabs } from "./chromium-tabs.mjs";
import { startDurableSite } from "./durable-site.mjs";
import { seeded } from "../../support/seeded.mjs";

const PATIENCE = 60_000;
/** Numbers of one life begin with this multiple of it. */
const LIFE = 100_000;

/** When a browser is killed: after so many events of a kind. */
function plan(random) {
  const count = 1 + Math.floor(random() ** 2 * 80);
  const isOpen = random() < 0.7;
  const moments = ["stored", "received", "report"];
  const moment = isOpen ? moments[Math.floor(random() * moments.length)] : "stored";
  return {
    moment,
    count: moment === "report" ? 1 : count,
    isOpen,
    width: 1 + Math.floor(random() * 8),
  };
}

export async function runKills({
  kills,
  seed = 1,
  delivery = "exactlyOnce",
  durability = "relaxed",
  onKill = () => {},
}) {
  const options = JSON.stringify({ delivery, durability });
  const random = seeded(seed);
  const profile = await mkdtemp(join(tmpdir(), "tautline-kills-"));
  const site = await startDurableSite();
  /** Databases that Chromium itself has given up after a kill, and what it says of them. */
  const given = { up: [], numbers: [] };
  site.on("fresh", (why) => {
    if (!site.stored.size) return;
    given.up.push(why);
    given.numbers.push(...site.missing);
  });
  let browser;
  const open = async () => {
    browser = await launchChromiumTabs({ userDataDir: profile });
    const tab = await browser.newTab(site.url);
    await tab.until("globalThis.live");
    return tab;
  };
  try {
    for (let kill = 0; kill < kills; kill++) {
      const { moment, count, isOpen, width } = plan(random);
      site.isOpen = isOpen;
      const tab = await open();
      const isTime = counted(site, moment, count);
      // it may be killed before it has answered
      tab.evaluate(lifeOf(kill + 1, options, width)).catch(() => {});
      await isTime.catch(async (cause) => {
        throw new Error(
          `life ${kill + 1}, seed ${seed}: ${cause.message}\n${await stateOf(tab)}\n${site.failures}`,
          { cause },
        );
      });
      await browser.kill();
      onKill({
        kill,
        moment,
        count,
        isOpen,
        stored: site.stored.size,
        received: site.received.length,
      });
    }
    site.isOpen = true;
    const tab = await open();
    await tab.evaluate(`live.openReports().then(() => void live.connect(${options}))`);
    const signal = AbortSignal.timeout(PATIENCE);
    const isGiven = (n) => given.numbers.includes(n);
    while (!site.missing.every(isGiven) && !signal.aborted)
      await once(site, "received", { signal }).catch(() => {});
    const errors = await tab.evaluate("live.errors");
    const lost = site.missing.filter((n) => !isGiven(n));
    const withDatabase = site.missing.length - lost.length;
    return { totals: { ...count(site), lost, errors, databasesLost: given.up, withDatabase } };
  } finally {
    await browser?.close().catch(() => {});
    await site.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

const lifeOf = (number, options, width) => `(async () => {
  await live.openReports();
  live.connect(${options});
  live.write(${number * LIFE}, ${width});
})()`;

/** What a page that does not go on has to say. */
const stateOf = (tab) =>
  tab
    .evaluate(
      `(async () => {
        const { errors, socket, written } = live;
        const list = await Promise.race([
          socket.durable.list(),
          new Promise((resolve) => setTimeout(resolve, 2000, "no answer")),
        ]).catch(String);
        const state = { errors, written, connected: socket.connected, manager: socket.io.state };
        return JSON.stringify({ ...state, list: String(list).slice(0, 200) });
      })()`,
    )
    .catch(String);

/** So many events of this kind have come. */
function counted(site, event, count) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(
      () => done(reject, new Error(`not ${count} ${event} in time`)),
      PATIENCE,
    );
    const done = (settle, value) => {
      clearTimeout(late);
      site.off(event, listener);
      settle(value);
    };
    let left = count;
    const listener = () => --left || done(resolve);
    site.on(event, listener);
  });
}

function count(site) {
  const seen = new Set();
  const totals = { stored: site.stored.size, received: 0, doubled: 0, disordered: 0 };
  let last = -1;
  for (const n of site.received) {
    if (seen.has(n)) totals.doubled++;
    else if (n < last) totals.disordered++;
    seen.add(n);
    last = Math.max(last, n);
  }
  return { ...totals, received: seen.size, failures: site.failures };
}
