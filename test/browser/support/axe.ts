import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults, RunOptions } from "axe-core";
import type { Page } from "playwright-core";

/*
 * Checks a page by axe-core, with the rules of WCAG 2.0 and 2.1, levels A and AA; contrast is one of them.
 *
 *   await page.emulateMedia({ colorScheme: "dark" });
 *   await page.goto(demo.url);
 *   expect(await violationsOf(page)).toEqual([]);
 *
 * Only what is visible is checked: show first what a click shows. In the page nothing is loaded over the network, so a
 * strict Content-Security-Policy stays as it is.
 */

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const options: RunOptions = {
  runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] },
  // no demands of WCAG, but what readers of a page without seeing it go by
  rules: { "landmark-unique": { enabled: true }, "heading-order": { enabled: true } },
  resultTypes: ["violations"],
};

/** One line for each element that breaks a rule: the rule, the element, and what to change. */
export async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(source);
  const results: AxeResults = await page.evaluate(`axe.run(${JSON.stringify(options)})`);
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary = "" }) => {
      const advice = failureSummary.replace(/^Fix .*:\s*/, "").replace(/\s+/g, " ");
      return `${id}: ${target.join(" ")}: ${advice}`;
    }),
  );
}
