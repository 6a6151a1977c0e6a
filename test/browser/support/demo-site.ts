import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { describeInBrowser, launchBrowser } from "../../support/browser.ts";
import { type Demo, startDemo } from "./demo-process.ts";

/*
 * A suite over the demo in a browser: one browser for all its tests, and one demo, with every switch off before each of them.
 *
 *   describeDemo("The demo's doctor", (site) => {
 *     it("finds nothing wrong", async () => {
 *       const page = await site.open("/doctor");
 *       ...
 *       expect(site.problems).toEqual([]);
 *     });
 *   });
 */

export interface DemoSite {
  readonly browser: Browser;
  readonly demo: Demo;
  /** What the pages of this test wrote to the console as errors and warnings, and what they threw. */
  readonly problems: string[];
  /** A visitor of its own, in English if nothing else is said. Closed after the test. */
  visit(options?: BrowserContextOptions): Promise<BrowserContext>;
  /** A page of the demo. @param by a visitor, or what a new one is like */
  open(path: string, by?: BrowserContext | BrowserContextOptions): Promise<Page>;
}

/** What shows that all of a page that connects by itself is connected. An example's first connection is as good as any. */
const CONNECTED = [
  "#status[data-state=connected]",
  "[data-side=tautline][data-state=connected] ~ [data-side=reference][data-state=connected]",
  "#example .connection[data-connected=true]",
  "tautline-inspector .packets .row:has-text('inconnect')",
];
/** The others connect when they are told to, or not at all. */
const BY_ITSELF = /^\/$|^\/chat\.html$|^\/examples\/(?!job$)|^\/inspector$/;

/**
 * Waits until a page of the demo is as it stays while nobody touches it: its scripts have run to their end, its switches
 * are known, and it is connected. The network says nothing about it: pages ask again and again.
 */
export async function isSettled(page: Page): Promise<void> {
  // A module that has run is not run again, and one that a test keeps away is not waited for. A text, as the tests' own
  // loader would take this import() for its own.
  await page.evaluate(`(async () => {
    const scripts = document.querySelectorAll("script[type=module][src]");
    await Promise.allSettled([...scripts].map(({ src }) => import(src)));
  })()`);
  await page.locator("#switches :disabled").first().waitFor({ state: "detached" });
  if (BY_ITSELF.test(new URL(page.url()).pathname))
    await page.locator(CONNECTED.join()).first().waitFor();
}

/** @param options `fresh`: each test has a demo of its own, where nothing has happened yet */
export function describeDemo(
  name: string,
  suite: (site: DemoSite) => void,
  { fresh = false } = {},
): void {
  describeInBrowser(name, () => {
    let browser: Browser | undefined;
    let demo: Demo | undefined;
    let visitors: BrowserContext[] = [];
    let problems: string[] = [];
    const [before, after] = fresh ? [beforeEach, afterEach] : [beforeAll, afterAll];

    beforeAll(async () => {
      browser = await launchBrowser();
    });
    before(async () => {
      demo = await startDemo();
    });
    beforeEach(async () => {
      problems = [];
      if (!fresh) await demo?.heal();
    });
    afterEach(async () => {
      await Promise.all(visitors.map((visitor) => visitor.close()));
      visitors = [];
    });
    after(async () => {
      await demo?.stop();
    });
    afterAll(async () => {
      await browser?.close();
    });

    suite({
      get browser() {
        return browser!;
      },
      get demo() {
        return demo!;
      },
      get problems() {
        return problems;
      },
      async visit(options) {
        const visitor = await browser!.newContext({ locale: "en-US", ...options });
        visitors.push(visitor);
        const found = problems;
        visitor.on("weberror", (error) => found.push(error.error().message));
        visitor.on("console", (message) => {
          if (/error|warning/.test(message.type())) found.push(message.text());
        });
        return visitor;
      },
      async open(path, by = {}) {
        const visitor = "newPage" in by ? by : await this.visit(by);
        const page = await visitor.newPage();
        await page.goto(demo!.url + path);
        return page;
      },
    });
  });
}
