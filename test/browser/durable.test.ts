import { afterEach, beforeEach, expect, it } from "vitest";
import { describeInBrowser } from "../support/browser.ts";
import { launchChromiumTabs } from "./support/chromium-tabs.mjs";
import { startDurableSite } from "./support/durable-site.mjs";
import { describeInEngine, type EngineBrowser, engines } from "./support/engines.ts";
import { runKills } from "./support/kills.mjs";

/** TAUTLINE_KILLS=500 for as many as the benchmark has; TAUTLINE_SEED replays a run. */
const KILLS = Number(process.env["TAUTLINE_KILLS"] ?? 5);
const SEED = Number(process.env["TAUTLINE_SEED"] ?? 1);

type Site = Awaited<ReturnType<typeof startDurableSite>>;

const numbers = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, n) => first + n);

/** In the tab, nothing is stored any more. */
const isEmpty = "live.socket.durable.list().then((all) => all.length === 0)";

async function expectToOutliveReload(browser: Pick<EngineBrowser, "newTab">, site: Site) {
  site.isOpen = false;
  const tab = await browser.newTab(site.url);
  await tab.until("globalThis.live");
  await tab.evaluate("void live.connect()");
  await tab.evaluate("void live.fill(0, 200).then(() => (live.isFilled = true))");
  await tab.until("live.isFilled");
  await tab.reload();
  await tab.until("globalThis.live");
  site.isOpen = true;
  await tab.evaluate("void live.connect()");
  await tab.evaluate("void live.fill(200, 200).then(() => (live.isFilled = true))");
  await tab.until("live.isFilled");
  await tab.evaluate(`void (live.ask = async () => { live.isEmpty = await ${isEmpty}; })`);
  await tab.until("(live.ask(), live.isEmpty)");
  expect(site.received).toEqual(numbers(0, 400));
  await tab.close();
}

describeInBrowser("What is stored in Chromium", () => {
  let site: Site;

  beforeEach(async () => {
    site = await startDurableSite();
  });

  afterEach(async () => {
    await site?.close();
  });

  const inBrowser = async (work: (browser: Opener) => Promise<void>): Promise<void> => {
    const browser = await launchChromiumTabs();
    try {
      await work(browser);
    } finally {
      await browser.close();
    }
  };
  type Opener = Awaited<ReturnType<typeof launchChromiumTabs>>;

  it(
    "outlives the browser, which is killed again and again (DUR-31)",
    { timeout: 30_000 + KILLS * 20_000 },
    async () => {
      const { totals } = await runKills({ kills: KILLS, seed: SEED });
      expect(totals.stored).toBeGreaterThan(0);
      expect(totals).toMatchObject({
        lost: [],
        doubled: 0,
        disordered: 0,
        failures: [],
        errors: [],
      });
    },
  );

  it("outlives a reload, and goes out before what is new (DUR-32)", async () => {
    await inBrowser((browser) => expectToOutliveReload(browser, site));
  });

  it("goes out once, though two tabs have it and one of them closes (DUR-30)", async () => {
    await inBrowser(async (browser) => {
      site.isOpen = false;
      const [first, second] = [await browser.newTab(site.url), await browser.newTab(site.url)];
      for (const [n, tab] of [first, second].entries()) {
        await tab.evaluate(`void live.connect({ delivery: "exactlyOnce" })`);
        await tab.evaluate(`live.fill(${n * 1000}, 200)`);
      }
      const some = new Promise<void>((resolve) => {
        site.on("received", () => site.received.length === 50 && resolve());
      });
      site.isOpen = true;
      await some;
      await first.close();
      await second.evaluate(`void (live.ask = async () => { live.isEmpty = await ${isEmpty}; })`);
      await second.until("(live.ask(), live.isEmpty)");
      expect([...site.received].sort((a, b) => a - b)).toEqual([
        ...numbers(0, 200),
        ...numbers(1000, 200),
      ]);
    });
  });
});

for (const engine of engines)
  describeInEngine("What is stored", engine, () => {
    let site: Site;
    let browser: EngineBrowser;

    beforeEach(async () => {
      site = await startDurableSite();
      browser = await engine.launch();
    });

    afterEach(async () => {
      await browser?.close();
      await site?.close();
    });

    it("outlives a reload, and goes out before what is new", async () => {
      await expectToOutliveReload(browser, site);
    });
  });
