import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { describeInBrowser } from "../support/browser.ts";
import { launchChromiumTabs } from "./support/chromium-tabs.mjs";
import {
  describeInEngine,
  type EngineBrowser,
  type EngineTab,
  engines,
} from "./support/engines.ts";
import { startTabsSite } from "./support/tabs-site.mjs";

/**
 * Tabs in Chromium, and in the slower engines. How hosts die, again and again, is in the benchmark: `node test/bench/shared.mjs`.
 */
const TABS = 30;
const FEWER = 10;
/** For what takes seconds on a machine that has nothing else to do. */
const PATIENCE = 240_000;

type Site = Awaited<ReturnType<typeof startTabsSite>>;
type Opener = Pick<EngineBrowser, "newTab">;

/** Many tabs of one page: each sends one number a second, and hears what the server sends to all. */
async function openTabs(browser: Opener, site: Site, count: number): Promise<EngineTab[]> {
  const tabs = await Promise.all(Array.from({ length: count }, () => browser.newTab(site.url)));
  for (const [n, tab] of tabs.entries()) {
    await tab.until("globalThis.live");
    await tab.evaluate(`void live.start({ life: "tab ${n}", mode: "shared", rate: 1 })`);
  }
  return tabs;
}

async function expectOneConnection(browser: Opener, site: Site, count: number): Promise<void> {
  const tabs = await openTabs(browser, site, count);
  await Promise.all(tabs.map((tab) => tab.until(`live.tabs === ${count} && live.answered > 0`)));
  // the line may just be handed over to the tab that can be seen
  const hostsAndLines = async () => {
    const roles = await Promise.all(tabs.map((tab) => tab.evaluate("live.role")));
    const [hosts, guests] = ["host", "guest"].map((one) => roles.filter((role) => role === one));
    return [hosts?.length, guests?.length, site.lines.size];
  };
  await expect.poll(hostsAndLines).toEqual([1, count - 1, 1]);
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

  it("have one, however many they are (SHR-1)", { timeout: PATIENCE }, async () => {
    await expectOneConnection(browser, site, TABS);
    expect(site.lives.size).toBe(TABS);
  });
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

    it("have one, however many they are (SHR-1)", { timeout: PATIENCE }, async () => {
      await expectOneConnection(browser, site, FEWER);
      expect(site.lives.size).toBe(FEWER);
    });
  });
