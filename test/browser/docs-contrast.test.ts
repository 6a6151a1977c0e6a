import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildSite } from "../../scripts/docs-site/build.mjs";
import { describeInBrowser, launchBrowser } from "../support/browser.ts";
import { violationsOf } from "./support/axe.ts";
import { type Demo, startDemo } from "./support/demo-process.ts";

/** Colours depend on the kind of element alone: these pages have every kind. */
const ofEachKind = ["/docs/", "/docs/tutorial", "/docs/performance", "/docs/states", "/docs/adr/"];

/** Decisions have nothing but paragraphs, lists and code. */
const paths = [...buildSite(new URL("../../", import.meta.url))]
  .filter(([path, { type }]) => type === "text/html" && !/\/adr\/./.test(path))
  .map(([path]) => path);

describeInBrowser("The pages of the docs, by the rules of WCAG", () => {
  let demo: Demo;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    demo = await startDemo();
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await demo?.stop();
  });

  describe.each([
    ["light", paths],
    ["dark", ofEachKind],
  ] as const)("in %s colours", (colorScheme, some) => {
    beforeAll(async () => {
      page = await browser.newPage({ viewport: { width: 768, height: 900 }, colorScheme });
    });
    afterAll(async () => {
      await page?.close();
    });

    it.each(some)("%s has nothing that axe finds", async (path) => {
      await page.goto(demo.url + path);
      await page.locator("details > summary").click();
      expect(await violationsOf(page)).toEqual([]);
    });

    it("the results of a search have nothing that axe finds", async () => {
      await page.goto(`${demo.url}/docs/`);
      await page.fill("input[type=search]", "sticky sessions");
      await page.locator("#results a").first().waitFor();
      expect(await violationsOf(page)).toEqual([]);
    });
  });

  it("text that is too pale is found", async () => {
    page = await browser.newPage();
    await page.goto(`${demo.url}/docs/concepts`);
    await page
      .locator("main p")
      .first()
      .evaluate((one) => one.style.setProperty("color", "#bbb"));
    expect(await violationsOf(page)).toEqual([expect.stringMatching(/^color-contrast: .*#bbbbbb/)]);
    await page.close();
  });
});
