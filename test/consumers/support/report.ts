import type { Browser, BrowserContext } from "playwright-core";
import { expect } from "vitest";

/** What apps/conversation.js tells of one conversation. */
const conversation = (transport: string) => ({
  transport,
  greeting: ["hello", 1, 2, 3],
  sum: 5,
  echo: [0, 127, 255],
  answer: "hello, too",
});

/** The report of an app that has heard, asked, answered and sent bytes over both transports. */
export const goodReport = ["websocket", "polling"].map(conversation);

/** The report of an app with one socket, and the default options. */
export const shortReport = [conversation("websocket")];

const PREFIX = "report: ";

/** Opens a page, gives what its app prints, and fails when the page has anything to complain of. */
export async function reportOf(browser: Browser | BrowserContext, url: string): Promise<unknown> {
  const page = await browser.newPage();
  const problems: string[] = [];
  try {
    const told = await new Promise((resolve, reject) => {
      page.on("pageerror", (error) => reject(error));
      page.on("console", (message) => {
        const text = message.text();
        if (text.startsWith(PREFIX)) resolve(JSON.parse(text.slice(PREFIX.length)));
        else if (/error|warning/.test(message.type())) problems.push(text);
      });
      page.goto(url).catch(reject);
      const late = setTimeout(() => {
        reject(new Error(`No report from ${url}. ${problems.join("\n") || "No message either."}`));
      }, 40_000);
      late.unref();
    });
    expect(problems).toEqual([]);
    return told;
  } finally {
    await page.close();
  }
}
