import { resolve } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { describeInBrowser, launchBrowser } from "../support/browser.ts";
import {
  type AdapterPage,
  type AdapterSite,
  buildModes,
  openAdapterPage,
  startAdapterSite,
} from "./support/adapter-site.ts";

/** What Vue's plugin for Vite sets. */
const FLAGS = `__VUE_OPTIONS_API__ = true;
  __VUE_PROD_DEVTOOLS__ = __VUE_PROD_HYDRATION_MISMATCH_DETAILS__ = false;`;

describeInBrowser("The composables in a page that Vite has built", () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });

  describe.each(buildModes)("Vue 3, %s", (mode) => {
    let site: AdapterSite;
    let opened: AdapterPage;
    const shows: AdapterPage["shows"] = (id, text) => opened.shows(id, text);
    const live: AdapterPage["live"] = (expression) => opened.live(expression);

    beforeAll(async () => {
      site = await startAdapterSite("vue-app.js", {
        mode,
        packages: { vue: resolve("node_modules/vue") },
        before: FLAGS,
      });
    });
    afterAll(async () => {
      await site?.close();
    });
    beforeEach(async () => {
      opened = await openAdapterPage(await browser.newPage(), site);
      await shows("state", "true,open,websocket");
      await shows("plain", "OPEN null");
    });
    afterEach(async () => {
      await opened.page.close();
      expect(opened.problems).toEqual([]);
    });

    it("open one connection each, from page to page", async () => {
      expect((await live("version")).split(".")[0]).toBe("3");
      for (let n = 1; n <= 20; n++) await live(`go(${n})`);
      await shows("state", "true,open,websocket");
      expect(site.counts).toEqual({ io: 1, plain: 1 });
      await live("go('away')");
      await expect.poll(() => site.plain.clients.size).toBe(0);
      await expect.poll(() => site.io.engine.clientsCount).toBe(1);
      await live("unmount()");
      await expect.poll(() => site.io.engine.clientsCount).toBe(0);
    });

    it("miss none of 10,000 messages, and render less often (VUE-6)", async () => {
      const before = await live("renders");
      await live("burst(10000)");
      await opened.page.waitForFunction("live.heard.length === 10000");
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
