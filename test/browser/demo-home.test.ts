import type { BrowserContextOptions, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { createTally } from "../../demo/public/home/tally.js";
import { SCENES, tellStory } from "../../demo/public/home/story.js";
import { describeDemo } from "./support/demo-site.ts";
import { watchFor } from "./support/seen.ts";

describe("The tally of the comparison", () => {
  it("counts what arrived, and what arrived twice", () => {
    const tally = createTally();
    for (const text of ["a", "b", "c"]) tally.send(text);
    tally.count([1, 2]);
    expect(tally.totals()).toMatchObject({ sent: 3, arrived: 2, doubled: 1, lost: 0 });
    expect(tally.messages().map(({ fate }) => fate)).toEqual(["arrived", "doubled", "waiting"]);
  });

  it("counts a message as lost 2 s after a later one has come, and as arrived when it comes after all", () => {
    let now = 0;
    const tally = createTally(() => now);
    tally.send("a");
    tally.send("b");
    now = 60_000;
    tally.count([]);
    expect(tally.totals()).toMatchObject({ lost: 0 });
    tally.count([0, 1]);
    now += 2001;
    tally.count([0, 1]);
    expect(tally.totals()).toMatchObject({ lost: 1, arrived: 1 });
    tally.count([1, 1]);
    expect(tally.totals()).toMatchObject({ lost: 0, arrived: 2 });
  });

  it("takes nothing back when a server has forgotten what it counted", () => {
    let now = 0;
    const tally = createTally(() => now);
    for (const text of ["a", "b", "c"]) tally.send(text);
    tally.count([1, 2, 1]);
    for (const ms of [0, 60_000]) {
      now += ms;
      tally.count([]);
      expect(tally.totals()).toMatchObject({ arrived: 3, doubled: 1, lost: 0 });
    }
  });

  it("adds up the time for which the oldest message waits, the present one too", () => {
    let now = 0;
    const tally = createTally(() => now);
    tally.send("a");
    now = 1000;
    tally.count([1]);
    // as fast as a slow network: nothing to count
    expect(tally.totals().away).toBe(0);
    tally.send("b");
    now = 1500;
    tally.send("c");
    now = 4000;
    expect(tally.totals().away).toBe(3000);
    tally.count([1, 0, 1]);
    now = 60_000;
    // nothing waits but what is lost
    expect(tally.totals().away).toBe(3000);
    tally.reset();
    expect(tally.totals()).toMatchObject({ away: 0, sent: 0 });
  });

  it("is past a number when a message from it on has come, and it is known what became of all before", () => {
    let now = 0;
    const tally = createTally(() => now);
    for (const text of ["a", "b"]) tally.send(text);
    const number = tally.next();
    tally.send("c");
    tally.count([1, 1]);
    expect(tally.isPast(number)).toBe(false);
    for (const text of ["d", "e"]) tally.send(text);
    tally.count([1, 1, 0, 1]);
    // c may be lost, or come late
    expect(tally.isPast(number)).toBe(false);
    now = 2001;
    tally.count([1, 1, 0, 1]);
    expect(tally.isPast(number)).toBe(true);
  });
});

describe("The story of the comparison", () => {
  it("breaks one thing after the other, each when the clients are well, and leaves the network as it was", async () => {
    const done: string[] = [];
    /** Yes is the second answer. */
    const asked = (question: string) => {
      let times = 0;
      return () => done.push(question) > 0 && ++times === 2;
    };
    const note = (what: string) => async () => void done.push(what);
    await tellStory({
      turn: async (changes) => {
        const on = Object.keys(changes).filter((name) => changes[name]);
        done.push(on.join() || "off");
      },
      restart: note("restart"),
      strand: note("strand"),
      signal: (event) => void done.push(event),
      begin: (id) => void done.push(`<${id}`),
      end: (id) => void done.push(`${id}>`),
      areReady: asked("ready?"),
      watch: () => asked("over?"),
      wait: async () => undefined,
    });
    expect(done.join(" ")).toBe(
      [
        "off ready? ready?",
        "<wake strand wake over? over? wake>",
        "<tunnel cut offline off online over? over? tunnel>",
        "<silent silent off over? over? silent>",
        "<restart restart over? over? restart>",
      ].join(" "),
    );
  });
});

describeDemo("The first page", (site) => {
  const open = async (options: BrowserContextOptions = {}) => {
    const page = await site.open("/", options);
    for (const side of ["tautline", "reference"]) {
      await page.locator(`[data-side=${side}][data-state=connected]`).waitFor();
    }
    return page;
  };
  const number = async (page: Page, side: string, name: string) =>
    Number(await page.locator(`[data-side=${side}] [data-${name}]`).textContent());

  it("shows what it is, the install line, the code and both clients at first sight", async () => {
    const page = await open({ viewport: { width: 1280, height: 800 } });
    for (const selector of [
      "h1",
      ".install",
      ".code",
      "#story",
      "#switches",
      "[data-side] .counts",
    ]) {
      for (const box of await page.locator(selector).all()) {
        const { y, height } = (await box.boundingBox())!;
        expect(y + height, selector).toBeLessThanOrEqual(800);
      }
    }
    const lines = (await page.locator(".code").textContent())!.split("\n");
    expect(lines.filter((line) => line.trim() !== "")).toHaveLength(5);
    // beside each other, on a phone too
    await page.setViewportSize({ width: 360, height: 740 });
    await page.waitForFunction("innerWidth === 360");
    const [ours, theirs] = await page
      .locator("[data-side]")
      .evaluateAll((sides) => sides.map((side) => side.getBoundingClientRect().y));
    expect(ours).toBe(theirs);
  });

  it("brings both clients into view when its story begins, on a phone too", async () => {
    const page = await open({ viewport: { width: 360, height: 740 } });
    await page.click("#story");
    for (const selector of ["#verdict", "[data-side] .counts"])
      for (const part of await page.locator(selector).all()) {
        await expect
          .poll(async () => {
            const { y, height } = (await part.boundingBox())!;
            return y >= 0 && y + height <= 740;
          })
          .toBe(true);
      }
  });

  it("mends the network when the page is left in the middle of its story", async () => {
    const page = await open();
    // the scene before the cut is over at once
    await page.route("**/switchboard/strand", (route) => route.fulfill({ json: {} }));
    await page.click("#story");
    const isCut = async (): Promise<unknown> => {
      const response = await fetch(`${site.demo.url}/switchboard`);
      return ((await response.json()) as { cut: unknown }).cut;
    };
    await expect.poll(isCut).toBe(true);
    expect(await page.locator("#reset").getAttribute("aria-disabled")).toBe("true");
    await page.goto(`${site.demo.url}/examples`);
    await expect.poll(isCut).toBe(false);
  });

  it("counts what both have sent, and what has arrived", async () => {
    const page = await open();
    for (const side of ["tautline", "reference"]) {
      await page.locator(`[data-side=${side}] [data-cells] [data-fate=arrived]`).nth(2).waitFor();
      expect(await number(page, side, "sent")).toBeGreaterThanOrEqual(3);
      expect(await number(page, side, "lost")).toBe(0);
    }
  });

  it("shows a text on both sides, with what became of it, and as text", async () => {
    const page = await open();
    await page.getByLabel("Write to both").fill("<b>hello</b>");
    await page.keyboard.press("Enter");
    for (const side of ["tautline", "reference"]) {
      const line = page.locator(`[data-side=${side}] [data-written] [data-fate=arrived]`);
      await line.waitFor();
      expect(await line.textContent()).toBe("<b>hello</b> arrived");
    }
  });

  it("shows that the reference client loses what was sent into the silence, and Tautline does not", async () => {
    const page = await open();
    await site.demo.turn({ silent: true });
    for (const side of ["tautline", "reference"]) {
      await page.locator(`[data-side=${side}][data-state=away]`).waitFor();
    }
    await site.demo.turn({ silent: false });
    // a connection that was begun in the silence would be given up after 20 s only
    await site.demo.turn({ cut: true });
    await site.demo.turn({ cut: false });
    await page.locator("[data-side=reference] [data-cells] [data-fate=lost]").first().waitFor();
    await page.locator("[data-side=tautline][data-state=connected]").waitFor();
    // those that were sent meanwhile have come by now, or never will
    await page.getByLabel("Write to both").fill("last");
    await page.keyboard.press("Enter");
    await page.locator("[data-side=tautline] [data-written] [data-fate=arrived]").waitFor();
    expect(await number(page, "tautline", "lost")).toBe(0);
    expect(await number(page, "tautline", "doubled")).toBe(0);
    expect(await number(page, "tautline", "away")).toBeGreaterThan(0);
    expect(await number(page, "reference", "lost")).toBeGreaterThan(0);
  });

  it("shows each scene with the seconds and the losses of both", { timeout: 120_000 }, async () => {
    const page = await open();
    await page.getByRole("button", { name: /^Break the network/ }).click();
    const result = (scene: string, side: string) =>
      page.locator(`[data-scene=${scene}] [data-of=${side}] [data-text]`);
    for (const scene of SCENES) {
      await result(scene, "reference").filter({ hasText: /lost/ }).waitFor({ timeout: 60_000 });
      expect(await result(scene, "tautline").textContent()).toMatch(/^\d+\.\d s, 0 lost$/);
    }
    // What was sent into a connection that is dead, or silent, is lost without a policy.
    for (const scene of ["wake", "silent"]) {
      expect(await result(scene, "reference").textContent()).not.toContain(" 0 lost");
    }
    await page
      .locator("#verdict", { hasText: /^Tautline \(delivery: exactlyOnce\(\)\): 0 lost/ })
      .waitFor();
    expect(await page.locator("#verdict").textContent()).toContain("(default options)");
  });

  it("loses nothing while the server restarts", async () => {
    const page = await open();
    const isAway = await watchFor(page, "[data-side=tautline][data-state=away]");
    await page.getByRole("button", { name: "Restart the server" }).click();
    await isAway();
    await page.getByLabel("Write to both").fill("meanwhile");
    await page.keyboard.press("Enter");
    await page.locator("[data-side=tautline] [data-written] [data-fate=arrived]").waitFor();
    expect(await number(page, "tautline", "lost")).toBe(0);
    expect(await number(page, "tautline", "doubled")).toBe(0);
  });

  it("counts from zero with other options", async () => {
    const page = await open();
    await page.locator("[data-side=reference] [data-cells] [data-fate=arrived]").nth(3).waitFor();
    await page.locator("[data-side=reference] select").selectOption("retries");
    await page.locator("[data-side=reference] [data-cells] [data-fate=arrived]").first().waitFor();
    expect(await number(page, "reference", "lost")).toBe(0);
    expect(await number(page, "reference", "sent")).toBeLessThan(
      await number(page, "tautline", "sent"),
    );
  });
});
