/** The demo's pages that ask why a client does not connect, and that show what happens on a connection. */
import type { BrowserContextOptions, Page } from "playwright-core";
import { expect, it } from "vitest";
import { describeDemo, isSettled } from "./support/demo-site.ts";

const PHONE = { viewport: { width: 360, height: 740 }, colorScheme: "dark" } as const;

describeDemo("The demo's doctor and inspector", (site) => {
  let page: Page;

  async function open(path: string, options: BrowserContextOptions = {}): Promise<void> {
    page = await site.open(path, options);
  }

  /** The time of the page stands still, so that nothing takes too long for the doctor. */
  async function openTimeless(path: string, options: BrowserContextOptions = {}): Promise<void> {
    const visitor = await site.visit(options);
    await visitor.clock.install({ time: 0 });
    await visitor.clock.pauseAt(1000);
    page = await site.open(path, visitor);
  }

  const cause = (): Promise<string | null> => page.locator("#cause").textContent();

  /** Where time stands still it takes a millisecond with each look. */
  async function reported({ isTimeless = true } = {}): Promise<void> {
    const look = async () => {
      if (isTimeless) await page.clock.runFor(1);
      return page.locator("#report").isVisible();
    };
    await expect.poll(look).toBe(true);
  }

  const preset = (name: string) => page.getByRole("button", { name }).click();

  it("finds nothing wrong where nothing is, by keyboard, and breaks no policy", async () => {
    await openTimeless("/doctor");
    await expect.poll(() => page.getByLabel("Address").inputValue()).toMatch(/^http:/);
    await page.getByLabel("Address").focus();
    await page.keyboard.press("Enter");
    await reported();
    expect(await cause()).toBe("none");
    expect(await page.getByRole("status").last().textContent()).toContain("none");
    expect(site.problems).toEqual([]);
  });

  it.each([
    ["WebSocket blocked", "websocket-blocked", "slow"],
    ["Cut the network", "unreachable", "bad"],
    ["All well", "none", "good"],
  ])("turns the switches of a preset and names the cause: %s", async (name, expected, verdict) => {
    await site.demo.turn({ slow: true });
    await openTimeless("/doctor");
    await preset(name);
    await reported();
    expect(await cause()).toBe(expected);
    expect(await page.locator("#report").getAttribute("data-verdict")).toBe(verdict);
    expect(await page.locator("#evidence li").count()).toBeGreaterThan(0);
    expect(await page.locator("#docs").getAttribute("href")).toMatch(
      new RegExp(`doctor\\.md#${expected}$`),
    );
    expect(await page.getByRole("switch", { name: "Slow" }).isChecked()).toBe(false);
    // the browser itself tells of requests that fail
    expect(
      site.problems.filter((text) => !/WebSocket connection|Failed to load/.test(text)),
    ).toEqual([]);
  });

  it("tells of an address that is none", async () => {
    await open("/doctor");
    await page.getByLabel("Address").fill("javascript:alert(1)");
    await page.getByRole("button", { name: "Diagnose" }).click();
    await expect.poll(cause).toBe("invalid-address");
    expect(site.problems).toEqual([]);
  });

  it("shows the packets of its own connection, and breaks no policy", async () => {
    await open("/inspector");
    // what it asks before it is connected is not sent
    await isSettled(page);
    await page.getByRole("button", { name: "Ask once" }).click();
    await expect
      .poll(() => page.locator(".list.packets .row:visible").allTextContents())
      .toContainEqual(expect.stringContaining("outmessage/echo"));
    await expect
      .poll(() => page.getByRole("figure", { name: "Round trips" }).textContent())
      .toMatch(/round trip/);
    const many = page.getByRole("button", { name: "Ask 20 times a second" });
    await many.click();
    expect(await many.getAttribute("aria-pressed")).toBe("true");
    await many.click();
    expect(site.problems).toEqual([]);
  });

  it.each(["/doctor", "/inspector"])("%s fits a dark phone, in Chinese too", async (path) => {
    for (const locale of ["en", "zh"]) {
      await open(path, { ...PHONE, locale });
      if (path === "/inspector") await isSettled(page);
      else {
        await preset(locale === "en" ? "All well" : "一切正常");
        await reported({ isTimeless: false });
      }
      const { scrollWidth, clientWidth } = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        return { scrollWidth, clientWidth };
      });
      expect(scrollWidth).toBeLessThanOrEqual(clientWidth);
      expect(site.problems).toEqual([]);
    }
  });
});
