import type { Browser, CDPSession, Page } from "puppeteer-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { describeInBrowser } from "../support/browser.ts";
import { createFaultProxy, type FaultProxy } from "../support/fault-proxy.mjs";
import { type LifecycleSite, startLifecycleSite } from "./support/lifecycle-site.ts";
import { connectIn, launchChromium, logOf, untilIn } from "./support/puppets.ts";

/** No timer of the reconnection or of the heartbeat is what helps in these tests. */
const patient = { reconnectionDelay: 60_000, reconnectionDelayMax: 60_000 };

describeInBrowser("A page's life in Chromium", () => {
  let browser: Browser;
  let site: LifecycleSite;
  let proxy: FaultProxy;
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
    proxy = await createFaultProxy({ target: site.port });
    page = await browser.newPage();
    devtools = await page.createCDPSession();
    await page.goto(site.url);
  });

  afterEach(async () => {
    await page?.close();
    await proxy?.close();
    await site?.close();
  });

  const lifecycle = (state: "frozen" | "active"): Promise<unknown> =>
    devtools.send("Page.setWebLifecycleState", { state });

  describe.each(["websocket", "polling"])("over %s", (transport) => {
    it("leaves for the page cache, and is back at once with what was missed (BRW-3)", async () => {
      await connectIn(page, { ...patient, url: site.url, transports: [transport] });
      const id = await page.evaluate("live.socket.id");
      site.io.emit("n", 1);
      await untilIn(page, "live.log.some(([what]) => what === 'n')");
      const gone = new Promise((resolve) =>
        site.io.sockets.sockets.get(String(id))?.once("disconnect", resolve),
      );
      await page.goto(`${site.url}/other`);
      expect(["transport close", "client namespace disconnect"]).toContain(await gone);
      site.io.emit("n", 2);
      await page.goBack();
      await untilIn(page, "live.socket.connected");
      await untilIn(page, "live.log.filter(([what]) => what === 'n').length === 2");
      expect(await page.evaluate("live.socket.id")).toBe(id);
      const log = await logOf(page);
      expect(log).toContainEqual(["page", "pageshow", true]);
      expect(log.filter(([what]) => what !== "page")).toEqual([
        ["state", "opening", "connect"],
        ["state", "open", "opened"],
        ["connect", false],
        ["n", 1],
        ["state", "offline", "sleep"],
        ["disconnect", "transport close", "the page was put away"],
        ["state", "opening", "wake"],
        ["state", "open", "opened"],
        ["n", 2],
        ["connect", true],
      ]);
    });
  });

  describe("while it is frozen", () => {
    it("loses its WebSocket in this browser, and comes back at once with what was missed (BRW-4)", async () => {
      await connectIn(page, { ...patient, url: site.url, transports: ["websocket"] });
      const id = await page.evaluate("live.socket.id");
      site.io.emit("n", 1);
      await untilIn(page, "live.log.some(([what]) => what === 'n')");
      await lifecycle("frozen");
      site.io.emit("n", 2);
      await lifecycle("active");
      await untilIn(page, "live.log.filter(([what]) => what === 'n').length === 2");
      await untilIn(page, "live.socket.connected");
      const log = await logOf(page);
      expect(log).toContainEqual(["page", "freeze"]);
      expect(log).toContainEqual(["page", "resume"]);
      expect(await page.evaluate("live.socket.id")).toBe(id);
    });

    it("keeps what outlives it, with what came meanwhile", async () => {
      await connectIn(page, { ...patient, url: site.url, transports: ["polling"] });
      const id = await page.evaluate("live.socket.id");
      await lifecycle("frozen");
      site.io.emit("n", 1);
      await lifecycle("active");
      await untilIn(page, "live.log.some(([what]) => what === 'n')");
      await untilIn(page, "live.isMeasured()");
      const log = await logOf(page);
      expect(log).toContainEqual(["page", "freeze"]);
      expect(log).toContainEqual(["page", "resume"]);
      expect(log.filter(([what]) => what === "disconnect")).toEqual([]);
      expect(await page.evaluate("live.socket.id")).toBe(id);
    });

    it("finds dead what doesn't, by a probe, and is back (BRW-5)", async () => {
      await connectIn(page, {
        ...patient,
        url: proxy.url,
        transports: ["polling"],
        probeTimeout: 300,
      });
      await lifecycle("frozen");
      proxy.set({ blackhole: "both" });
      await lifecycle("active");
      await untilIn(page, "live.log.some(([what]) => what === 'disconnect')");
      proxy.set({ blackhole: false });
      await untilIn(page, "live.socket.connected");
      expect((await logOf(page)).filter(([what]) => what === "disconnect")).toEqual([
        ["disconnect", "ping timeout", "the server did not answer a probe"],
      ]);
    });
  });

  it("keeps the connection of a hidden page whose timers are throttled", async () => {
    const hasty = await startLifecycleSite({ pingInterval: 300, pingTimeout: 200 });
    await connectIn(page, { ...patient, url: hasty.url, transports: ["websocket"] });
    const front = await browser.newPage();
    await front.bringToFront();
    await untilIn(page, "document.visibilityState === 'hidden'");
    await page.evaluate(`live.socket.io.on("ping", () => (live.pings = (live.pings ?? 0) + 1))`);
    await untilIn(page, "live.pings >= 12");
    expect((await logOf(page)).filter(([what]) => what === "disconnect")).toEqual([]);
    await page.bringToFront();
    await untilIn(page, "live.isMeasured()");
    expect((await logOf(page)).filter(([what]) => what === "disconnect")).toEqual([]);
    await front.close();
    await hasty.close();
  });
});
