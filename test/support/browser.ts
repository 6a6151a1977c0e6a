import { type Browser, chromium } from "playwright-core";
import { describe, expect, it } from "vitest";
import { browserIsRequired, findBrowser, missingBrowser } from "./browser-path.ts";
import { CHROMIUM_FLAGS } from "./chromium-flags.mjs";

/*
 * A real Chromium for the tests in test/browser.
 *
 *   describeInBrowser("Chat", () => {
 *     it("shows a message to both pages", async () => {
 *       const browser = await launchBrowser();
 *       ...
 *       await browser.close();
 *     });
 *   });
 *
 * On a machine without a browser such a suite is skipped; with TAUTLINE_REQUIRE_BROWSER=1 it fails.
 * To know another browser, see browser-path.ts.
 */

/** A headless browser that calls nobody but the page's own servers. Close it when done. */
export function launchBrowser(): Promise<Browser> {
  const executablePath = findBrowser();
  if (!executablePath) throw new Error(missingBrowser);
  return chromium.launch({
    executablePath,
    args: CHROMIUM_FLAGS,
  });
}

/** A suite that needs a browser. */
export function describeInBrowser(name: string, suite: () => void): void {
  if (findBrowser()) {
    describe(name, suite);
  } else if (browserIsRequired) {
    describe(name, () => {
      it("finds the browser that TAUTLINE_REQUIRE_BROWSER asks for", () => {
        expect.fail(missingBrowser);
      });
    });
  } else {
    describe.runIf(false)(name, suite);
  }
}
