import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { describeInBrowser } from "../../support/browser.ts";
import { openPage, settled, startApp, useBrowser } from "../support/app.ts";
import { libraries, type Library } from "../support/libraries.ts";
import { serveChat } from "./server.ts";

async function enter(page: Page, name: string): Promise<void> {
  await page.getByLabel("Your name").fill(name);
  await page.keyboard.press("Enter");
  await page.locator("#people", { hasText: name }).waitFor();
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel("Message").fill(text);
  await page.keyboard.press("Enter");
}

const sees = (page: Page, text: string): Promise<void> =>
  page.locator("#log li", { hasText: text }).first().waitFor();

/** Each text that a place shows from now on, for however short a time. */
async function textsOf(page: Page, selector: string): Promise<() => Promise<string[]>> {
  const handle = await page.evaluateHandle((selector) => {
    const texts: string[] = [];
    const watch = new MutationObserver((records) => {
      for (const { addedNodes } of records)
        for (const { textContent } of addedNodes) texts.push(textContent ?? "");
    });
    watch.observe(document.querySelector(selector)!, { childList: true });
    return texts;
  }, selector);
  return () => handle.jsonValue();
}

describeInBrowser("A chat by script tag", () => {
  const browser = useBrowser();

  async function setUp(library: Library) {
    const app = await startApp("chat", library);
    serveChat(app.io);
    const ann = await openPage(browser(), app.url);
    await enter(ann, "Ann");
    const bob = await openPage(browser(), app.url);
    await enter(bob, "Bob");
    await settled(2, app);
    return { app, ann, bob };
  }

  describe.each(libraries)("with $name", (library) => {
    it("shows who is here, who types and what is said (BRW-10)", async () => {
      const { ann, bob } = await setUp(library);
      await sees(ann, "Bob came in");
      const typing = await textsOf(ann, "#typing");
      await bob.getByLabel("Message").pressSequentially("He");
      await expect.poll(typing).toContain("Bob is typing");
      await say(bob, "Hello");
      await sees(ann, "Bob: Hello");
      await ann.locator("#typing:empty").waitFor({ state: "attached" });
      await bob.close();
      await sees(ann, "Bob went away");
      expect(await ann.locator("#people").textContent()).toBe("Here: Ann");
    });

    it("comes back after the connection was lost (BRW-10)", async () => {
      const { app, ann, bob } = await setUp(library);
      const { sockets } = app.io.of("/");
      const before = [...sockets.values()];
      for (const far of before) far.conn.close();
      for (const page of [ann, bob]) {
        await sees(page, "the connection is gone: transport close");
        await sees(page, "back again after 1 tries");
        await page.locator("#people", { hasText: "Ann" }).waitFor();
      }
      // the page tells of the connection, which comes before its socket
      const isBack = (): number =>
        [...sockets.values()].filter((far) => !before.includes(far)).length;
      await expect.poll(isBack).toBe(2);
      await say(ann, "Still here");
      await sees(bob, "Ann: Still here");
    });
  });
});
