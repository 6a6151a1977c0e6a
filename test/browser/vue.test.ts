import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { describeInBrowser, launchBrowser } from "../support/browser.ts";
import { startVueSite, type VueSite } from "./support/vue-site.ts";

describeInBrowser("The composables in a page that Vite has built", () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });

  describe.each(["development", "production"] as const)("Vue 3, %s", (mode) => {
    let site: VueSite;
    let page: Page;
    const problems: string[] = [];

    beforeAll(async () => {
      site = await startVueSite(mode);
    });
    afterAll(async () => {
      await site?.close();
    });
    beforeEach(async () => {
      Object.assign(site.counts, { io: 0, plain: 0 });
      problems.length = 0;
      page = await browser.newPage();
      page.on("pageerror", (error) => problems.push(error.message));
      page.on("console", (message) => {
        if (/error|warning/.test(message.type())) problems.push(message.text());
      });
      await page.goto(site.url);
      await shows("state", "true,open,websocket");
      await shows("plain", "OPEN null");
    });
    afterEach(async () => {
      await page.close();
      expect(problems).toEqual([]);
    });

    const shows = (id: string, text: string) =>
      page.waitForFunction(
        ([id, text]) => document.getElementById(String(id))?.textContent === text,
        [id, text],
      );
    const live = (expression: string): Promise<any> => page.evaluate(`live.${expression}`);

    it("open one connection each, from page to page", async () => {
      expect((await live("version")).split(".")[0]).toBe("3");
      for (let n = 1; n <= 20; n++) await live(`go(${n})`);
      await shows("state", "true,open,websocket");
      expect(site.counts).toEqual({ io: 1, plain: 1 });
      await live("go('away')");
      await expect.poll(() => site.plain.clients.size, { timeout: 5000 }).toBe(0);
      expect(site.io.engine.clientsCount).toBe(1);
      await live("unmount()");
      await expect.poll(() => site.io.engine.clientsCount, { timeout: 5000 }).toBe(0);
    });

    it("miss none of 10,000 messages, and render less often", async () => {
      const before = await live("renders");
      await live("burst(10000)");
      await page.waitForFunction("live.heard.length === 10000");
      await shows("last", "9999");
      expect(await live("heard")).toEqual([...Array(10_000).keys()]);
      const renders = (await live("renders")) - before;
      expect(renders).toBeGreaterThan(0);
      expect(renders).toBeLessThanOrEqual(10_000);
    });

    it("disconnect and connect again, and speak to a plain server", async () => {
      await live("disconnect()");
      await shows("state", "false,closed,");
      await live("connect()");
      await shows("state", "true,open,websocket");
      expect(await live("log")).toEqual(["connected", "io client disconnect", "connected"]);
      await live("say('hello')");
      await shows("plain", "OPEN hello");
    });
  });
});
