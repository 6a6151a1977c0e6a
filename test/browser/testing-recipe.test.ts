/** What docs/testing.md says of end-to-end tests, run as it stands there. */
import { readFile } from "node:fs/promises";
import { transform } from "esbuild";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { describeInBrowser, launchBrowser } from "../support/browser.ts";
import { startBundleSite } from "./support/bundle-site.ts";

interface Recipe {
  cutter(page: Page): Promise<{ cut(): Promise<void>; block(isBlocked: boolean): void }>;
}

/** The block of code that has this text in it. */
async function recipe(text: string): Promise<Recipe> {
  const docs = await readFile(new URL("../../docs/testing.md", import.meta.url), "utf8");
  const [block] = docs.split(/^```\w*$/m).filter((one) => one.includes(text));
  const { code } = await transform(block ?? "", { loader: "ts" });
  return (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as Recipe;
}

describeInBrowser("The recipe for Playwright", () => {
  it("cuts and blocks the WebSockets of a page, and the app goes on (KIT-44)", async () => {
    const { cutter } = await recipe("export async function cutter");
    const site = await startBundleSite();
    const browser = await launchBrowser();
    try {
      const heard: unknown[] = [];
      site.io.on("connection", (socket) => {
        socket.on("say", (text: string, answer: () => void) => {
          heard.push(`${text} over ${socket.conn.transport.name}`);
          answer();
        });
      });
      const open = async (isBlocked: boolean) => {
        const page = await browser.newPage();
        const line = await cutter(page);
        line.block(isBlocked);
        await page.goto(site.url);
        await page.evaluate(`
          seen = [];
          // a WebSocket that is slow is not one that is blocked
          socket = io("${site.socketUrl}", { reconnectionDelay: 50, reconnectionDelayMax: 100, fallbackDelay: Infinity });
          socket.on("disconnect", (why) => seen.push(why));
        `);
        return { page, line };
      };
      const { page, line } = await open(false);
      await page.evaluate(`socket.emitWithAck("say", "hello")`);
      expect(heard).toEqual(["hello over websocket"]);
      await page.evaluate(`void (back = new Promise((done) => socket.on("connect", done)))`);
      await line.cut();
      await page.evaluate(`back.then(() => socket.emitWithAck("say", "again"))`);
      expect(heard[1]).toMatch(/^again over/);
      expect(await page.evaluate("seen")).toEqual(["transport close"]);

      const { page: other } = await open(true);
      await other.evaluate(`socket.emitWithAck("say", "without")`);
      expect(heard[2]).toBe("without over polling");
    } finally {
      await browser.close();
      await site.close();
    }
  });
});
