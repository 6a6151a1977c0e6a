/** The network in memory in a real browser: its WebSocket beside the browser's own. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeInBrowser, launchBrowser } from "../support/browser.ts";
import { transcriptsOf } from "../support/kit-scenario.ts";
import { startWebSocketSite, type WebSocketSite } from "./support/websocket-site.ts";

/** Runs that are compared. */
const SEEDS = 100;

/** Where they differ, and why nobody minds. */
const DIFFERENT = new Set([
  // the server's HTTP half is not there
  "send, then close",
  // frames that arrive together are handed over in one task
  "bufferedAmount counts what was sent in this turn",
  // of scripts, not of the host
  "isTrusted",
  "promises between two listeners",
  // who awaits the network hears of it, and not the page
  "a listener that throws",
  // only the browser's own class takes calls that its interface does not have
  "called without new",
  "no argument",
  "send without an argument",
]);

describeInBrowser("The network in memory, in Chromium", () => {
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    browser = await launchBrowser();
    page = await browser.newPage();
  });

  afterAll(async () => {
    await browser?.close();
  });

  it(
    "has a WebSocket that behaves as the browser's own (KIT-16)",
    { timeout: 120_000 },
    async () => {
      const site: WebSocketSite = await startWebSocketSite();
      try {
        await page.goto(site.url);
        const names = JSON.parse(String(await page.evaluate("JSON.stringify(names)"))) as string[];
        const wrong: unknown[] = [];
        for (const name of names.filter((one) => !DIFFERENT.has(one))) {
          const call = JSON.stringify(name);
          const own = await page.evaluate(
            `behave(${call}, "native", ${JSON.stringify(site.address)})`,
          );
          const inMemory = await page
            .evaluate(`behaveInMemory(${call})`)
            .catch((error: Error) => error.message.split("\n")[0]);
          if (own !== inMemory) wrong.push([name, own, inMemory]);
        }
        expect(wrong).toEqual([]);
      } finally {
        await site.close();
      }
    },
  );

  it("runs a seed as in Node, to the byte (KIT-41)", { timeout: 120_000 }, async () => {
    const site = await startWebSocketSite();
    try {
      await page.goto(site.url);
      const here = await transcriptsOf(1, SEEDS);
      const there = (await page.evaluate(`transcriptsOf(1, ${SEEDS})`)) as string[];
      const different = here.flatMap((one, i) => (one === there[i] ? [] : [i + 1]));
      expect(different).toEqual([]);
      expect(new Set(here).size).toBe(SEEDS);
    } finally {
      await site.close();
    }
  });

  it("tells the page what the network says, not what the host says (KIT-31)", async () => {
    const site = await startWebSocketSite();
    try {
      await page.goto(site.url);
      await page.evaluate(`
        net = network();
        told = [];
        for (const type of ["online", "offline"]) addEventListener(type, () => told.push(type));
      `);
      await page.context().setOffline(true);
      await page.context().setOffline(false);
      const seen = "[...told, navigator.onLine]";
      expect(await page.evaluate(seen)).toEqual([true]);
      expect(await page.evaluate(`net.offline(); ${seen}`)).toEqual(["offline", false]);
      await page.evaluate("net.close()");
      await page.context().setOffline(true);
      // the host tells it in a task of its own
      await expect.poll(() => page.evaluate(seen)).toEqual(["offline", "offline", false]);
      await page.context().setOffline(false);
    } finally {
      await site.close();
    }
  });
});
