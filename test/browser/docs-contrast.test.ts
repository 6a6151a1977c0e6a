import { describe, expect, it } from "vitest";
import { buildSite } from "../../scripts/docs-site/build.mjs";
import { violationsOf } from "./support/axe.ts";
import { describeDemo } from "./support/demo-site.ts";

/** Colours depend on the kind of element alone: these pages have every kind. */
const ofEachKind = ["/docs/", "/docs/tutorial", "/docs/performance", "/docs/states", "/docs/adr/"];

/** Decisions have nothing but paragraphs, lists and code. */
const paths = [...buildSite(new URL("../../", import.meta.url))]
  .filter(([path, { type }]) => type === "text/html" && !/\/adr\/./.test(path))
  .map(([path]) => path);

describeDemo("The pages of the docs, by the rules of WCAG", (site) => {
  describe.each([
    ["light", paths],
    ["dark", ofEachKind],
  ] as const)("in %s colours", (colorScheme, some) => {
    const open = (path: string) =>
      site.open(path, { viewport: { width: 768, height: 900 }, colorScheme });

    it.each(some)("%s has nothing that axe finds", async (path) => {
      const page = await open(path);
      await page.locator("details > summary").click();
      expect(await violationsOf(page)).toEqual([]);
    });

    it("the results of a search have nothing that axe finds", async () => {
      const page = await open("/docs/");
      await page.fill("input[type=search]", "sticky sessions");
      await page.locator("#results a").first().waitFor();
      expect(await violationsOf(page)).toEqual([]);
    });
  });

  it("text that is too pale is found", async () => {
    const page = await site.open("/docs/concepts");
    await page
      .locator("main p")
      .first()
      .evaluate((one) => one.style.setProperty("color", "#bbb"));
    expect(await violationsOf(page)).toEqual([expect.stringMatching(/^color-contrast: .*#bbbbbb/)]);
  });
});
