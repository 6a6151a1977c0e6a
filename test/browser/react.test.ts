import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it, afterEach } from "vitest";
import { describeInBrowser, launchBrowser } from "../support/browser.ts";
import {
  type AdapterPage,
  type AdapterSite,
  buildModes,
  openAdapterPage,
  startAdapterSite,
} from "./support/adapter-site.ts";

const reacts = [
  { react: "19", modules: "node_modules" },
  { react: "18", modules: "test/react18/node_modules" },
].filter(({ modules }) => existsSync(modules));

const builds = reacts.flatMap((one) => buildModes.map((mode) => ({ ...one, mode })));

describeInBrowser("The hooks in a page that Vite has built", () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });

  describe.each(builds)("React $react, $mode, under StrictMode", ({ react, modules, mode }) => {
    let site: AdapterSite;
    let opened: AdapterPage;
    const shows: AdapterPage["shows"] = (id, text) => opened.shows(id, text);
    const live: AdapterPage["live"] = (expression) => opened.live(expression);

    beforeAll(async () => {
      site = await startAdapterSite("react-app.js", {
        mode,
        packages: {
          react: resolve(modules, "react"),
          "react-dom": resolve(modules, "react-dom"),
        },
      });
    });
    afterAll(async () => {
      await site?.close();
    });
    beforeEach(async () => {
      opened = await openAdapterPage(await browser.newPage(), site);
      await shows("state", "true,open,websocket");
      await shows("plain", "1 undefined");
    });
    afterEach(async () => {
      await opened.page.close();
      expect(opened.problems).toEqual([]);
    });

    it("open one connection each, from page to page (REA-7)", async () => {
      expect((await live("version")).split(".")[0]).toBe(react);
      // effects run twice while an app is developed
      expect(await live("effects")).toBe(mode === "development" ? 2 : 1);
      for (let n = 1; n <= 20; n++) await live(`go(${n})`);
      await shows("state", "true,open,websocket");
      expect(site.counts).toEqual({ io: 1, plain: 1 });
      await live("go('away')");
      await expect.poll(() => site.io.engine.clientsCount).toBe(0);
      await expect.poll(() => site.plain.clients.size).toBe(0);
    });

    it("miss none of 10,000 messages, and render once a frame at most (REA-17)", async () => {
      const { renders, frames } = await opened.page.evaluate(() => ({
        ...(globalThis as any).live,
      }));
      await live("burst(10000)");
      await opened.page.waitForFunction(
        "live.heard.length === 10000 && live.list.at(-1)?.[0] === 9999",
      );
      const after = await opened.page.evaluate(() => ({ ...(globalThis as any).live }));
      expect(after.heard).toEqual([...Array(10_000).keys()]);
      expect(after.list).toEqual([...Array(20).keys()].map((n) => [9980 + n]));
      const rounds = mode === "development" ? 2 : 1;
      expect(after.renders - renders).toBeGreaterThan(0);
      expect(after.renders - renders).toBeLessThanOrEqual((after.frames - frames + 1) * rounds);
    });

    it("disconnect and connect again, and speak to a plain server", async () => {
      await live("disconnect()");
      await shows("state", "false,closed,");
      await live("connect()");
      await shows("state", "true,open,websocket");
      await live("say('hello')");
      await shows("plain", "1 hello");
    });
  });
});
