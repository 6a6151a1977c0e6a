import type { Browser, CDPSession, Page } from "puppeteer-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { describeInBrowser } from "../support/browser.ts";
import { type LifecycleSite, startLifecycleSite } from "./support/lifecycle-site.ts";
import { connectIn, launchChromium, logOf, untilIn } from "./support/puppets.ts";

/** What ends a connection is no slow answer to a probe. */
const patient = {
  reconnectionDelay: 60_000,
  reconnectionDelayMax: 60_000,
  probeTimeout: 60_000,
};

describeInBrowser("The network in Chromium", () => {
  let browser: Browser;
  let site: LifecycleSite;
  let page: Page;
  let devtools: CDPSession;

  beforeAll(async () => {
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser?.close();
  });

  beforeEach(async () => {
    site = await startLifecycleSite();
    page = await browser.newPage();
    devtools = await page.createCDPSession();
    await devtools.send("Network.enable");
    await page.goto(site.url);
  });

  afterEach(async () => {
    await page?.close();
    await site?.close();
  });

  const conditions = { latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
  const network = (offline: boolean): Promise<unknown> =>
    devtools.send("Network.emulateNetworkConditions", { ...conditions, offline });

  describe.each(["websocket", "polling"])("over %s", (transport) => {
    it("is gone and returns: the connection is back, with what was missed (BRW-6)", async () => {
      await connectIn(page, {
        ...patient,
        url: site.remoteUrl,
        transports: [transport],
        probeTimeout: 300,
      });
      site.io.emit("n", 1);
      await untilIn(page, "live.log.some(([what]) => what === 'n')");
      await network(true);
      await untilIn(page, "live.socket.io.state === 'offline'");
      await untilIn(page, "!live.socket.connected");
      // there is something to recover only for a server that has noticed the loss too
      // it does not wait for a poll to tell it by: that may not have left the page
      for (const { conn } of site.io.sockets.sockets.values()) conn.close(true);
      await expect.poll(() => site.io.sockets.sockets.size).toBe(0);
      site.io.emit("n", 2);
      await network(false);
      await untilIn(page, "live.log.filter(([what]) => what === 'n').length === 2");
      await untilIn(page, "live.socket.connected");
      const log = await logOf(page);
      expect(log).toContainEqual(["page", "offline"]);
      expect(log.at(-1)).toEqual(["connect", true]);
      expect(log.filter(([what, , why]) => what === "state" && why === "wake")).toHaveLength(1);
    });

    it("is said to be gone and isn't: nothing breaks (BRW-7)", async () => {
      await connectIn(page, { ...patient, url: site.url, transports: [transport] });
      const id = await page.evaluate("live.socket.id");
      const said = (offline: boolean): Promise<unknown> =>
        devtools.send("Network.overrideNetworkState", { ...conditions, offline });
      await said(true);
      await untilIn(page, "navigator.onLine === false");
      await untilIn(page, "live.isMeasured()");
      site.io.emit("n", 1);
      await untilIn(page, "live.log.some(([what]) => what === 'n')");
      await said(false);
      await untilIn(page, "navigator.onLine === true");
      await page.evaluate("io.rtt(live.socket.io)");
      const log = await logOf(page);
      expect(log.filter(([what]) => what === "disconnect")).toEqual([]);
      expect(await page.evaluate("live.socket.id")).toBe(id);
    });
  });

  it("stalls and goes on before the probe's time is over: nothing is torn down", async () => {
    await connectIn(page, {
      ...patient,
      url: site.url,
      transports: ["websocket"],
    });
    await network(true);
    await untilIn(page, "navigator.onLine === false");
    site.io.emit("n", 1);
    await network(false);
    await untilIn(page, "live.log.some(([what]) => what === 'n')");
    await untilIn(page, "live.isMeasured()");
    expect((await logOf(page)).filter(([what]) => what === "disconnect")).toEqual([]);
  });
});
