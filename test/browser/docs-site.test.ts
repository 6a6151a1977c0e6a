import type { Page } from "playwright-core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { describeDemo } from "./support/demo-site.ts";

describeDemo("The docs on the demo's site", (site) => {
  let page: Page;

  beforeEach(async () => {
    const visitor = await site.visit({ viewport: { width: 360, height: 740 } });
    page = await visitor.newPage();
  });
  afterEach(() => {
    expect(site.problems).toEqual([]);
  });

  const open = (path: string) => page.goto(site.demo.url + path);

  it("are one click away from every page of the demo", async () => {
    await open("/");
    await page.click('nav a[href="/docs/"]');
    await page.locator("main h1", { hasText: "Documentation" }).waitFor();
    expect(new URL(page.url()).pathname).toBe("/docs/");
  });

  it("lead back to every page of the demo, in the reader's language", async () => {
    await open("/");
    const ofDemo = await page
      .locator("header nav a")
      .evaluateAll((links) => links.map((link) => [link.getAttribute("href"), link.textContent]));
    await open("/docs/delivery");
    const ofDocs = await page
      .locator("header nav a")
      .evaluateAll((links) => links.map((link) => [link.getAttribute("href"), link.textContent]));
    expect(ofDocs).toEqual(ofDemo);
    expect(await page.locator("header .brand").getAttribute("href")).toBe("/");
    await open("/docs/delivery?lang=zh");
    await page.locator("header nav[lang=zh] a", { hasText: "聊天" }).waitFor();
  });

  it("on a phone show where one is among the links of the head", async () => {
    await open("/docs/delivery");
    const here = page.locator("header nav [aria-current]");
    expect(await here.textContent()).toBe("Docs");
    const [link, nav] = await Promise.all([
      here.boundingBox(),
      page.locator("header nav").boundingBox(),
    ]);
    expect(link!.x + link!.width).toBeLessThanOrEqual(nav!.x + nav!.width);
  });

  it("have their tutorial in Chinese, one click away from every page, and back", async () => {
    await open("/docs/delivery");
    await page.click("header .language");
    await page.locator("main[lang=zh-CN] h1").waitFor();
    await page.click("header .language");
    await page.locator("main[lang=en] h1", { hasText: "Tutorial" }).waitFor();
  });

  it("lead past the navigation by the first key, and show where the focus is", async () => {
    await page.setViewportSize({ width: 1440, height: 900 });
    await open("/docs/delivery");
    await page.keyboard.press("Tab");
    expect(await page.locator(".skip").evaluate((link) => link.matches(":focus-visible"))).toBe(
      true,
    );
    await page.keyboard.press("Enter");
    await page.waitForFunction("location.hash !== ''");
    await page.keyboard.press("Tab");
    const inMain = await page.evaluate(() => {
      const focused = document.activeElement!;
      return [focused.closest("main") !== null, getComputedStyle(focused).outlineStyle];
    });
    expect(inMain).toEqual([true, "solid"]);
  });

  it.each([
    "/docs/",
    "/docs/states",
    "/docs/api",
    "/docs/performance",
    "/docs/adr/0010-probe",
    "/docs/tutorial.zh-CN",
  ])("%s fits a width of 360 px, and keeps to the policy", async (path) => {
    const response = await open(path);
    expect(response?.headers()["content-security-policy"]).toContain("script-src 'self';");
    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    expect(widths[0]).toBe(widths[1]);
    await page.locator("details > summary").click();
    expect(await page.locator('nav.pages [aria-current="page"]').count()).toBeLessThanOrEqual(1);
  });

  it("are dark where the reader wants it", async () => {
    await page.emulateMedia({ colorScheme: "dark" });
    await open("/docs/concepts");
    const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(background).toBe("rgb(16, 22, 30)");
  });

  it("are searched by keyboard alone", async () => {
    await open("/docs/");
    await page.keyboard.press("/");
    await page.keyboard.type("sticky sess");
    await page.locator("#results a", { hasText: "Several nodes" }).waitFor();
    await page.keyboard.press("Escape");
    expect(await page.locator("#results").isVisible()).toBe(false);
    await page.keyboard.type("flush before leaving");
    const first = page.locator("#results a").first();
    await first.waitFor();
    const target = await first.getAttribute("href");
    await page.keyboard.press("Enter");
    await page.waitForURL(site.demo.url + target);
  });

  it("say so where the search finds nothing", async () => {
    await open("/docs/");
    await page.fill("input[type=search]", "xyzzyplugh");
    await page.locator("#results [role=status]", { hasText: "Nothing was found" }).waitFor();
  });

  it("redirect to the first page, and answer 404 to what is not there", async () => {
    expect((await fetch(`${site.demo.url}/docs`)).url).toBe(`${site.demo.url}/docs/`);
    for (const name of ["no-such-page", "%ff", "%"])
      expect((await fetch(`${site.demo.url}/docs/${name}`)).status).toBe(404);
  });
});
