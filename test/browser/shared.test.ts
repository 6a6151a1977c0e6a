import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { describeInBrowser } from "../support/browser.ts";
import { launchChromiumTabs } from "./support/chromium-tabs.mjs";
import {
  describeInEngine,
  type EngineBrowser,
  type EngineTab,
  engines,
} from "./support/engines.ts";
import { runDeaths } from "./support/host-deaths.mjs";
import { startTabsSite } from "./support/tabs-site.mjs";

/** TAUTLINE_DEATHS=200 for as many as the benchmark has; TAUTLINE_SEED replays a run. */
const DEATHS = Number(process.env["TAUTLINE_DEATHS"] ?? 12);
const SEED = Number(process.env["TAUTLINE_SEED"] ?? 1);
const TABS = 30;
/** For what takes seconds on a machine that has nothing else to do. */
const PATIENCE = 240_000;

type Site = Awaited<ReturnType<typeof startTabsSite>>;
type Opener = Pick<EngineBrowser, "newTab">;

/** Many tabs of one page: each sends one number a second, and hears what the server sends to all. */
async function openTabs(browser: Opener, site: Site): Promise<EngineTab[]> {
  const tabs = await Promise.all(Array.from({ length: TABS }, () => browser.newTab(site.url)));
  for (const [n, tab] of tabs.entries()) {
    await tab.until("globalThis.live");
    await tab.evaluate(`void live.start({ life: "tab ${n}", mode: "shared", rate: 1 })`);
  }
  return tabs;
}

async function expectOneConnection(browser: Opener, site: Site): Promise<void> {
  const tabs = await openTabs(browser, site);
  await Promise.all(tabs.map((tab) => tab.until(`live.tabs === ${TABS} && live.answered > 0`)));
  const roles = await Promise.all(tabs.map((tab) => tab.evaluate("live.role")));
  expect(roles.filter((role) => role === "host")).toHaveLength(1);
  expect(roles.filter((role) => role === "guest")).toHaveLength(TABS - 1);
  expect(site.lines.size).toBe(1);
  site.sendDowns(1000);
  await Promise.all(tabs.map((tab) => tab.until("live.downs.last >= 0")));
  for (const tab of tabs) await tab.close();
}

describeInBrowser("Tabs that share a connection in Chromium", () => {
  let site: Site;
  let browser: Awaited<ReturnType<typeof launchChromiumTabs>>;

  beforeEach(async () => {
    site = await startTabsSite();
    browser = await launchChromiumTabs();
  });

  afterEach(async () => {
    await browser?.close();
    await site?.close();
  });

  it("have one, however many they are", { timeout: PATIENCE }, async () => {
    await expectOneConnection(browser, site);
    expect(site.lives.size).toBe(TABS);
  });

  describe(
    "while the one that holds it dies, again and again",
    { timeout: 30_000 + DEATHS * 20_000 },
    () => {
      it("lose and double nothing with exactlyOnce()", async () => {
        site.sendDowns(20);
        const run = {
          site,
          browser,
          deaths: DEATHS,
          seed: SEED,
          delivery: "exactlyOnce",
          hides: true,
        };
        const { totals } = await runDeaths(run);
        expect(totals).toMatchObject({ lost: 0, doubled: 0, disordered: 0, broken: 0, errors: [] });
        expect(totals.downs).toMatchObject({ doubled: 0, disordered: 0 });
      });

      it("lose nothing with atLeastOnce()", async () => {
        site.sendDowns(20);
        const run = { site, browser, deaths: DEATHS / 2, seed: SEED, delivery: "atLeastOnce" };
        const { totals } = await runDeaths(run);
        expect(totals).toMatchObject({ lost: 0, disordered: 0, broken: 0, errors: [] });
        expect(totals.downs).toMatchObject({ doubled: 0, disordered: 0 });
      });
    },
  );
});

for (const engine of engines)
  describeInEngine("Tabs that share a connection", engine, () => {
    let site: Site;
    let browser: EngineBrowser;

    beforeAll(async () => {
      browser = await engine.launch();
    });

    afterAll(async () => {
      await browser?.close();
    });

    beforeEach(async () => {
      site = await startTabsSite();
    });

    afterEach(async () => {
      await site?.close();
    });

    it("have one, however many they are", { timeout: PATIENCE }, async () => {
      await expectOneConnection(browser, site);
      expect(site.lives.size).toBe(TABS);
    });

    it(
      "lose and double nothing while the one that holds it dies",
      { timeout: PATIENCE },
      async () => {
        site.sendDowns(20);
        const kinds = ["close", "navigate", "reload", ...engine.deaths];
        const run = {
          site,
          browser,
          deaths: kinds.length,
          kinds,
          seed: SEED,
          delivery: "exactlyOnce",
        };
        const { totals } = await runDeaths(run);
        expect(totals).toMatchObject({ lost: 0, doubled: 0, disordered: 0, broken: 0, errors: [] });
        expect(totals.downs).toMatchObject({ doubled: 0, disordered: 0 });
      },
    );
  });
