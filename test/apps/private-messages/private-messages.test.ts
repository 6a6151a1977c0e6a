import type { Page } from "playwright-core";
import { describe, expect, it, onTestFinished } from "vitest";
import { startBalancer } from "../../support/balancer.ts";
import { describeInBrowser } from "../../support/browser.ts";
import { openPage, settled, startApp, useBrowser } from "../support/app.ts";
import { libraries, type Library } from "../support/libraries.ts";
import { Cluster, serveMessages } from "./server.ts";

async function signIn(page: Page, name: string): Promise<void> {
  await page.getByLabel("Your name").fill(name);
  await page.keyboard.press("Enter");
  await page.locator("#myself", { hasText: name }).waitFor();
}

const person = (page: Page, name: string, isHere = true) =>
  page.locator(`#people [data-here=${isHere}]`, { hasText: name });

async function write(page: Page, text: string): Promise<void> {
  await page.getByLabel("Message").fill(text);
  await page.keyboard.press("Enter");
}

const logOf = (page: Page): Promise<string[]> => page.locator("#log li").allTextContents();

describeInBrowser("Private messages over a cluster behind a sticky balancer", () => {
  const browser = useBrowser();

  async function setUp(library: Library) {
    const cluster = new Cluster();
    const start = () =>
      startApp("private-messages", library, { server: { adapter: cluster.adapter } });
    const nodes = [await start(), await start()];
    for (const { io } of nodes) serveMessages(io, cluster);
    const balancer = await startBalancer(
      nodes.map(({ port }) => port),
      { isSticky: true },
    );
    onTestFinished(() => balancer.close());
    const ann = await openPage(browser(), balancer.url);
    const bob = await openPage(browser(), balancer.url);
    await signIn(ann, "Ann");
    await signIn(bob, "Bob");
    // otherwise nothing would have to pass between them
    expect(nodes.map(({ io }) => io.of("/").sockets.size)).toEqual([1, 1]);
    return { nodes, ann, bob, url: balancer.url };
  }

  describe.each(libraries)("with $name", (library) => {
    it("reach the one whom they are for, and are kept with the session", async () => {
      const { ann, bob } = await setUp(library);
      await person(ann, "Bob").click();
      await write(ann, "Hello Bob");
      await bob.locator('#people [data-messages="1"]', { hasText: "Ann" }).click();
      expect(await logOf(bob)).toEqual(["Ann: Hello Bob"]);
      await write(bob, "Hello Ann");
      await expect.poll(() => logOf(ann)).toEqual(["I: Hello Bob", "Bob: Hello Ann"]);
      await bob.reload();
      await bob.locator("#myself", { hasText: "Bob" }).waitFor();
      await person(bob, "Ann").click();
      expect(await logOf(bob)).toEqual(["Ann: Hello Bob", "I: Hello Ann"]);
    });

    it("show who is away", async () => {
      const { nodes, ann, bob } = await setUp(library);
      await person(ann, "Bob").waitFor();
      await settled(2, ...nodes);
      await bob.close();
      await person(ann, "Bob", false).waitFor();
    });

    it("refuse a session that nobody knows, and take another name then", async () => {
      const { bob, url } = await setUp(library);
      await bob.evaluate(() => localStorage.setItem("session", "stolen"));
      await bob.goto(url);
      await bob.locator("#problem", { hasText: "unknown session" }).waitFor();
      await signIn(bob, "Bert");
    });
  });
});
