import { expect, it } from "vitest";
import { pages } from "../../demo/pages.mjs";
import { violationsOf } from "./support/axe.ts";
import { describeDemo, isSettled } from "./support/demo-site.ts";

describeDemo("The demo's pages, by axe", (site) => {
  it.each(pages.map(({ path }) => path))(
    "break no rule of WCAG A and AA, light and dark, in both languages: %s",
    async (path) => {
      const found: string[] = [];
      for (const locale of ["en-US", "zh-CN"]) {
        const visitor = await site.visit({ locale, reducedMotion: "reduce" });
        // While it runs, timers of its page are those of its network, and axe would wait for ever: it is checked before.
        await visitor.route("**/built/simulator/page.js", (route) => route.abort());
        const page = await site.open(path, visitor);
        await isSettled(page);
        for (const colorScheme of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme });
          for (const violation of await violationsOf(page))
            found.push(`${locale}, ${colorScheme}: ${violation}`);
        }
        await page.close();
      }
      expect(found).toEqual([]);
    },
  );
});
