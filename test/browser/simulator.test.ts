/** The simulator of the demo: its runs beside those of Node, and what one does to it by mouse and keyboard. */
import type { BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterEach, describe, expect, it } from "vitest";
import { atLeastOnce, exactlyOnce } from "../../src/delivery/index.js";
import { dedupe } from "../../src/server/index.js";
import { explore, type TestNetwork } from "../../src/test-kit/index.js";
import { describeDemo } from "./support/demo-site.ts";

const SEEDS = 100;
const POLICIES = ["at-most-once", "at-least-once", "exactly-once", "latest"];

interface ScenarioModule {
  FAULTS: { duration: number; maxFaults: number };
  scenario(net: TestNetwork, kit: object, policy: string): Promise<void>;
}

const { FAULTS, scenario } = (await import(
  new URL("../../demo/public/simulator/scenario.js", import.meta.url).href
)) as ScenarioModule;

/** A run of `explore()`, in Node. */
async function runInNode(seed: number, policy: string): Promise<string> {
  let transcript = "";
  await explore({ seed, runs: 1, ...FAULTS }, async (net) => {
    await scenario(net, { atLeastOnce, exactlyOnce, dedupe }, policy);
    transcript = net.transcript;
  });
  return transcript;
}

describeDemo("The simulator", (site) => {
  let page: Page;

  afterEach(() => {
    expect(site.problems).toEqual([]);
  });

  async function open(query = "", options: BrowserContextOptions = {}): Promise<void> {
    // without motion it waits to be started
    page = await site.open(`/simulator${query}`, { reducedMotion: "reduce", ...options });
    await page.locator("#simulator:not([data-phase='loading'])").waitFor();
  }

  const phase = (name: string) => page.locator(`#simulator[data-phase='${name}']`).waitFor();
  const fault = (id: string) => page.locator(`[data-fault='${id}']`);
  const state = (name: string) =>
    page.locator(`#states > div:has(dt:text-is("${name}")) dd`).textContent();

  /** Presses it, and waits until what it does is done: the network takes turns of the event loop. */
  async function press(control: Locator): Promise<void> {
    await control.click();
    await page.locator("#simulator[data-busy='false']").waitFor();
  }

  /** Goes on, an event at a time, until the page shows what is looked for. */
  async function stepUntil(isThere: () => Promise<boolean>): Promise<void> {
    for (let steps = 0; !(await isThere()); steps++) {
      expect(steps, "steps").toBeLessThan(200);
      await press(page.locator("#step"));
    }
  }

  it(
    "runs a seed as explore() does in Node, to the byte (DEM-8)",
    { timeout: 240_000 },
    async () => {
      await open();
      await page.locator("summary").click();
      const different: string[] = [];
      for (let seed = 1; seed <= SEEDS; seed++) {
        const policy = POLICIES[seed % POLICIES.length]!;
        await page.locator("#policy").selectOption(policy);
        await page.locator("#seed").fill(String(seed));
        await page.locator("#seed").press("Enter");
        await page.locator("#about", { hasText: `Seed ${seed}:` }).waitFor();
        await page.locator("#finish").click();
        await page.locator("#about", { hasText: "every claim holds" }).waitFor();
        const here = await page.locator("#transcript").textContent();
        if (here !== (await runInNode(seed, policy))) different.push(`${policy}, seed ${seed}`);
      }
      expect(different).toEqual([]);
    },
  );

  it("takes its seed and policy from its address (DEM-9)", async () => {
    await open("?seed=12&policy=latest");
    expect(await page.locator("#seed").inputValue()).toBe("12");
    expect(await page.locator("#policy").inputValue()).toBe("latest");
    await page.locator("#next").click();
    await page.locator("#about", { hasText: "Seed 13:" }).waitFor();
    const { searchParams } = new URL(page.url());
    expect(Object.fromEntries(searchParams)).toEqual({ seed: "13", policy: "latest" });
  });

  it("can be broken and healed by mouse (DEM-10)", async () => {
    await open();
    await stepUntil(async () => (await state("Socket")) === "connected");
    await press(fault("cut"));
    await stepUntil(async () => (await state("Socket")) !== "connected");
    await page.locator("#rows tr[data-fate='fault']", { hasText: "cut all both" }).waitFor();
    await stepUntil(async () => (await state("Socket")) === "connected");
    await press(fault("kill"));
    expect(await state("Server")).toBe("down");
    await stepUntil(async () => ((await state("Manager")) ?? "").startsWith("waiting"));
    await press(fault("kill"));
    await stepUntil(async () => (await state("Socket")) === "connected");
    await press(fault("offline"));
    await stepUntil(async () => (await state("Manager")) === "offline");
    await press(fault("heal"));
    await stepUntil(async () => (await state("Socket")) === "connected");
  });

  it("can be used by keyboard, and by keyboard without shortcuts (DEM-10)", async () => {
    await open();
    await page.keyboard.press("Space");
    await phase("running");
    await page.keyboard.press("Space");
    await phase("paused");
    await page.keyboard.press("h");
    await page.locator("#rows tr", { hasText: "half-open" }).waitFor();
    await page.locator("#keys").focus();
    await page.keyboard.press("Space");
    await page.locator("h1").click();
    await page.locator("#simulator[data-busy='false']").waitFor();
    const before = await page.locator("#clock").textContent();
    await page.keyboard.press(".");
    await page.locator("#step").focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator("#clock").textContent()).not.toBe(before);
    expect(await page.locator("#rows tr[data-fate='fault']").count()).toBe(2);
  });

  it("checks claims while it runs: a number that was lost breaks none at most once (DEM-11)", async () => {
    await open("?seed=3&policy=at-most-once");
    await page.locator("#finish").click();
    await phase("over");
    const claims = page.locator("#claims li");
    expect(await claims.count()).toBe(5);
    expect(await page.locator("#claims li[data-state='holds']").count()).toBe(5);
    expect(await page.locator("#claims-title").textContent()).toBe("Claims: at most once");
    expect(await page.locator("#counts").textContent()).toMatch(/Sent41Pending0/);
  });

  it("says everything in Chinese but what is the protocol's or the library's", async () => {
    await open("?seed=3&policy=at-most-once", { locale: "zh-CN" });
    await stepUntil(async () => (await state("Socket")) === "connected");
    await press(fault("block"));
    await press(fault("slow"));
    await press(fault("offline"));
    await press(fault("kill"));
    await page.locator("#finish").click();
    await phase("over");
    const foreign = await page.locator("#simulator").evaluate((root) => {
      const isWords = (text: string | null) => /[a-z]{2}/i.test(text ?? "");
      const isChinese = (text: string | null) => /\p{Script=Han}/u.test(text ?? "");
      const protocol =
        "kbd, #rows td:nth-child(3), #rows td:nth-child(4), #transcript, #line, #states :is(dt, dd)";
      const leaves = [...root.querySelectorAll("*")].filter(
        (one) => one.children.length === 0 && !one.closest(protocol),
      );
      const names = [...root.querySelectorAll("[aria-label]")].map((one) =>
        one.getAttribute("aria-label"),
      );
      return [...leaves.map(({ textContent }) => textContent), ...names].filter(
        (text) => isWords(text) && !isChinese(text),
      );
    });
    expect(foreign).toEqual([]);
    expect(await page.locator("#states").textContent()).toMatch(
      /Manager.*连接.*Socket.*等待发送.*个数据包.*网络.*服务器/,
    );
    expect(await page.locator("#line .sim-end > b").allTextContents()).toEqual([
      "客户端",
      "服务器",
    ]);
  });

  it("has no label of a packet over another one", async () => {
    await open("", { reducedMotion: "no-preference", viewport: { width: 360, height: 740 } });
    await page.locator("#play").click();
    await phase("paused");
    await stepUntil(async () => (await state("Socket")) === "connected");
    for (let n = 0; n < 3; n++) {
      await press(fault("send"));
      await press(page.locator("#step"));
    }
    const labels = page.locator("#line .sim-dot:not([hidden])[data-direction='up'] span");
    await stepUntil(async () => (await labels.count()) > 1);
    const boxes = await labels.evaluateAll((all) =>
      all
        .filter((one) => getComputedStyle(one).visibility === "visible")
        .map((one) => one.getBoundingClientRect())
        .map(({ left, right }) => ({ left, right }))
        .sort((a, b) => a.left - b.left),
    );
    expect(boxes.length).toBeLessThan(await labels.count());
    for (const [i, { left }] of boxes.entries())
      expect(left).toBeGreaterThan(boxes[i - 1]?.right ?? -Infinity);
  });

  describe.each([
    [360, "light", "en-US"],
    [360, "dark", "zh-CN"],
    [1280, "light", "zh-CN"],
    [1280, "dark", "en-US"],
  ] as const)("%d px wide, %s, %s", (width, colorScheme, locale) => {
    it("fits, and every control has a name", async () => {
      await open("?seed=5", { viewport: { width, height: 740 }, colorScheme, locale });
      await page.locator("#finish").click();
      await phase("over");
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(
        width,
      );
      const nameless = await page.locator("button, select, input").evaluateAll((all) =>
        all.flatMap((one) => {
          const { labels, textContent, id } = one as HTMLInputElement;
          return labels?.length || textContent?.trim() ? [] : [id];
        }),
      );
      expect(nameless).toEqual([]);
    });
  });
});
