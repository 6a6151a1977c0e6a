import { describe, expect, it } from "vitest";
import { pages } from "../../demo/pages.mjs";
import { describeDemo, isSettled } from "./support/demo-site.ts";

const CONTROLS = "button, input[type=submit], select, [role=switch]";

describeDemo("The demo's pages, before their scripts have run", (site) => {
  it.each(pages.map(({ path }) => path))(
    "offer nothing that would do nothing: %s",
    async (path) => {
      const visitor = await site.visit();
      await visitor.route(
        (url) => url.pathname !== path && /\.js$/.test(url.pathname),
        (route) => route.abort(),
      );
      const page = await site.open(path, visitor);
      const offered = await page
        .locator(CONTROLS)
        .evaluateAll((all) =>
          all
            .filter((control) => control.matches(":enabled:not([hidden])"))
            .map((one) => one.outerHTML),
        );
      expect(offered).toEqual([]);
    },
  );

  describe("and afterwards", () => {
    it.each(pages.filter(({ script }) => script).map(({ path }) => path))(
      "offer what there is to switch, restart and start: %s",
      async (path) => {
        const page = await site.open(path);
        // until then there are not all of them
        await isSettled(page);
        for (const control of await page.locator(`main :is(${CONTROLS})`).all()) {
          // These wait for a connection, and for an upload that runs.
          if (/^(send|disconnect)$/.test((await control.getAttribute("id")) ?? "")) continue;
          if (await control.evaluate((one) => one.closest("#example") !== null)) continue;
          await expect.poll(() => control.isEnabled()).toBe(true);
        }
        expect(site.problems).toEqual([]);
      },
    );
  });
});

describeDemo("The switches of a page", (site) => {
  /** Pages ask how the switches stand, and hear it when the test lets them. */
  async function open() {
    const visitor = await site.visit();
    const held: (() => void)[] = [];
    await visitor.route("**/switchboard", async (route) => {
      if (route.request().method() !== "GET") return route.continue();
      // how they stand now
      const response = await route.fetch();
      await new Promise<void>((resolve) => held.push(resolve));
      await route.fulfill({ response });
    });
    const page = await site.open("/doctor", visitor);
    const asked = () => expect.poll(() => held.length).toBe(1);
    const answer = async () => {
      await asked();
      const answered = page.waitForResponse("**/switchboard");
      held.pop()!();
      await (await answered).finished();
    };
    return { page, asked, answer, slow: page.getByRole("switch", { name: "Slow" }) };
  }

  it("can be turned once it is known how they stand", async () => {
    await site.demo.turn({ slow: true });
    const { page, answer, slow } = await open();
    await page.locator("#ask:enabled").waitFor();
    expect(await slow.isEnabled()).toBe(false);
    await answer();
    await expect.poll(() => slow.isEnabled()).toBe(true);
    expect(await slow.isChecked()).toBe(true);
  });

  it("stay as they were turned when an older answer comes", async () => {
    const { page, asked, answer, slow } = await open();
    await answer();
    await page.evaluate("dispatchEvent(new Event('focus'))");
    await asked();
    const turned = page.waitForResponse(
      (response) => response.request().method() === "POST" && response.ok(),
    );
    await slow.check();
    await turned;
    await answer();
    // what the page is told later, it has heard later
    await page.evaluate("fetch('/config.json').then((response) => response.json())");
    expect(await slow.isChecked()).toBe(true);
  });
});

describeDemo("The source of an example", (site) => {
  it("is shown once, however fast its button is pressed", async () => {
    const page = await site.open("/examples/rooms");
    const toggle = page.getByRole("button", { name: "Source" });
    await toggle.click();
    await toggle.click();
    await toggle.click();
    await page.locator("#source mark").first().waitFor();
    expect(await page.locator("#source pre").count()).toBe(2);
    expect(await toggle.getAttribute("aria-expanded")).toBe("true");
  });

  it("says so when it cannot be loaded, and is asked for again by the next press", async () => {
    const visitor = await site.visit();
    await visitor.route("**/source/rooms", (route) => route.abort());
    const page = await site.open("/examples/rooms", visitor);
    const toggle = page.getByRole("button", { name: "Source" });
    await toggle.click();
    await page.locator("#source", { hasText: "The source could not be loaded" }).waitFor();
    await visitor.unroute("**/source/rooms");
    await toggle.click();
    await toggle.click();
    await page.locator("#source mark").first().waitFor();
  });
});
