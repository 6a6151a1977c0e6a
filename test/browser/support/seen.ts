import type { Page } from "playwright-core";

/*
 * What a page shows for a moment only, which may be over before a test looks. The page itself looks at each of its changes:
 *
 *   const isAway = await watchFor(page, "[data-state=away]");
 *   await page.getByRole("button", { name: "Restart the server" }).click();
 *   await isAway(); // also if it is back already
 */

/** @param selector CSS alone. From now on it is watched for; what this gives waits until it has matched once. */
export async function watchFor(page: Page, selector: string): Promise<() => Promise<void>> {
  const watch = await page.evaluateHandle((selector) => {
    const seen = new Promise<void>((resolve) => {
      const look = () => {
        if (!document.querySelector(selector)) return;
        observer.disconnect();
        resolve();
      };
      const observer = new MutationObserver(look);
      observer.observe(document, { attributes: true, childList: true, subtree: true });
      look();
    });
    return { seen };
  }, selector);
  return () => watch.evaluate(({ seen }) => seen);
}
