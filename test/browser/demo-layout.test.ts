import type { Page } from "playwright-core";
import { pages } from "../../demo/pages.mjs";
import { describe, expect, it } from "vitest";
import { ChatPage } from "./support/chat-page.ts";
import { describeDemo, isSettled } from "./support/demo-site.ts";

describeDemo("The demo's pages", (site) => {
  describe("on a phone", () => {
    it.each(pages.map((page) => page.path))("fit into 360 px: %s", async (path) => {
      const page = await site.open(path, { viewport: { width: 360, height: 640 } });
      await isSettled(page);
      const [content, window] = await page.evaluate(() => [
        document.documentElement.scrollWidth,
        innerWidth,
      ]);
      expect(content).toBeLessThanOrEqual(window!);
    });
  });

  describe("while the connection comes and goes", () => {
    it.each([360, 1280])("do not move what one looks at, %d px wide", async (width) => {
      const context = await site.visit({ viewport: { width, height: 800 } });
      await context.addInitScript(recordLayoutShifts);
      const ann = await ChatPage.open(context, `${site.demo.url}/chat.html`);
      await ann.say("Steady");
      await ann.statusOf("Steady", "delivered");
      await site.demo.turn({ cut: true });
      await ann.stateIs("waiting");
      await ann.say("as she goes");
      await ann.statusOf("as she goes", "waiting");
      await site.demo.turn({ cut: false });
      await ann.statusOf("as she goes", "delivered");
      expect(await ann.page.evaluate("globalThis.layoutShifts")).toEqual([]);
    });
  });

  describe("by keyboard", () => {
    it("lead from the top to the message field, and send with Enter", async () => {
      const context = await site.visit();
      const ann = await ChatPage.open(context, `${site.demo.url}/chat.html`);
      await ann.page.keyboard.press("Tab");
      await ann.page.keyboard.press("Enter");
      await ann.page.locator("#message:focus").waitFor();
      await ann.page.keyboard.type("Typed without a mouse");
      await ann.page.keyboard.press("Enter");
      await ann.statusOf("Typed without a mouse", "delivered");
    });

    it.each(pages.map((page) => page.path))(
      "reach everything that can be pressed, with a visible focus and a name: %s",
      async (path) => {
        const page = await site.open(path);
        await isSettled(page);
        const expected = await page
          .locator(
            "a[href]:visible, :is(button, input, select, textarea):visible:enabled, summary:visible, [tabindex='0']:visible",
          )
          .count();
        const reached = await tabThrough(page, expected);
        expect(new Set(reached.map(({ index }) => index)).size).toBe(expected);
        expect(reached.filter(({ outline }) => outline === "none")).toEqual([]);
        expect(reached.filter(({ name }) => name === "")).toEqual([]);
      },
    );
  });
});

async function tabThrough(page: Page, times: number) {
  const reached: { index: number; outline: string; name: string }[] = [];
  for (let i = 0; i < times; i++) {
    await page.keyboard.press("Tab");
    reached.push(
      await page.evaluate(() => {
        let focused = document.activeElement as HTMLInputElement;
        while (focused.shadowRoot?.activeElement) {
          focused = focused.shadowRoot.activeElement as HTMLInputElement;
        }
        const all = ((globalThis as { reached?: Set<Element> }).reached ??= new Set());
        all.add(focused);
        return {
          index: [...all].indexOf(focused),
          outline: getComputedStyle(focused).outlineStyle,
          name: focused.ariaLabel ?? (focused.labels?.[0] ?? focused).textContent?.trim() ?? "",
        };
      }),
    );
  }
  return reached;
}

/** Runs in the page, before everything else. */
function recordLayoutShifts(): void {
  const shifts: string[] = [];
  Object.assign(globalThis, { layoutShifts: shifts });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as any[]) {
      for (const { node } of entry.sources) {
        shifts.push(node instanceof Element ? node.outerHTML.slice(0, 120) : node?.nodeName);
      }
    }
  }).observe({ type: "layout-shift", buffered: true });
}
