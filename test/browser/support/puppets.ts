/**
 * Browsers by Puppeteer: Chromium with what Playwright keeps for itself (freezing, the page cache, throttling), and
 * Firefox by WebDriver BiDi.
 */
import { accessSync, constants } from "node:fs";
import { delimiter, resolve } from "node:path";
import { type Browser, launch, type Page } from "puppeteer-core";
import { findBrowser, missingBrowser } from "../../support/browser-path.ts";
import { CHROMIUM_FLAGS, UNTHROTTLING_FLAGS } from "../../support/chromium-flags.mjs";

/** A headless Chromium whose hidden tabs are throttled as on a desk. */
export function launchChromium(): Promise<Browser> {
  const executablePath = findBrowser();
  if (!executablePath) throw new Error(missingBrowser);
  return launch({
    executablePath,
    headless: true,
    ignoreDefaultArgs: UNTHROTTLING_FLAGS,
    args: CHROMIUM_FLAGS,
  });
}

/** FIREFOX_PATH, or what the system has. */
export function findFirefox(): string | undefined {
  return find("FIREFOX_PATH", ["firefox-esr", "firefox"]);
}

export function launchFirefox(): Promise<Browser> {
  const executablePath = findFirefox();
  if (!executablePath) throw new Error("No Firefox was found");
  return launch({
    browser: "firefox",
    executablePath,
    headless: true,
    // a process for each tab of a site, as with few tabs on a desk: what happens to one happens to it alone
    extraPrefsFirefox: { "dom.ipc.processCount.webIsolated": 40 },
  });
}

/** An executable, by a variable that names it or by the names or paths that it may have. */
export function find(variable: string, names: string[]): string | undefined {
  const wanted = process.env[variable];
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const files = wanted
    ? [wanted]
    : names.flatMap((name) => folders.map((folder) => resolve(folder, name)));
  return files.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** What has happened in a page of the lifecycle site so far. */
export function logOf(page: Page): Promise<unknown[][]> {
  return page.evaluate("live.log") as Promise<unknown[][]>;
}

/** Waits until the page's expression is true: also while the page is not, since it asks from outside. */
export async function untilIn(page: Page, expression: string): Promise<void> {
  await page.waitForFunction(expression, { polling: 20, timeout: 20_000 });
}

export async function connectIn(page: Page, options: object): Promise<void> {
  await page.evaluate(`live.connect(${JSON.stringify(options)})`);
  await untilIn(page, "live.socket.connected");
}
