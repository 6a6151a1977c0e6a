import type { Browser, CDPSession, Page } from "puppeteer-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { describeInBrowser } from "../support/browser.ts";
import { createFaultProxy, type FaultProxy } from "../support/fault-proxy.mjs";
import { type LifecycleSite, startLifecycleSite } from "./support/lifecycle-site.ts";
import { connectIn, launchChromium, logOf, untilIn } from "./support/puppets.ts";

/** No timer of the reconnection or of the heartbeat is what helps in these tests, and no slow answer to a probe is what ends a connection. */
const patient = {
  reconnectionDelay: 60_000,
  reconnectionDelayMax: 60_000,
  probeTimeout: 60_000,
};

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
  /** The server has noticed that the client with this id is gone. */
  const gone = (id: unknown): Promise<unknown> =>
    new Promise((resolve) => site.io.sockets.sockets.get(String(id))?.once("disconnect", resolve));

  describe.each(["websocket", "polling"])("over %s", (transport) => {
    it("leaves for the page cache, and is back at once with what was missed (BRW-3)", async () => {
      await connectIn(page, { ...patient, url: site.url, transports: [transport] });
      const id = await page.evaluate("live.socket.id");
      site.io.emit("n", 1);
      await untilIn(page, "live.log.some(([what]) => what === 'n')");
      const leaving = gone(id);
      await page.goto(`${site.url}/other`);
      expect(["transport close", "client namespace disconnect"]).toContain(await leaving);
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
      // there is something to recover only for a server that has noticed the loss too: until then nobody is let in
      const leaving = gone(id);
      site.io.engine.opts.allowRequest = (_request, decide) =>
        void leaving.then(() => decide(null, true));
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
    const heartbeat = { pingInterval: 300, pingTimeout: 200 };
    const hasty = await startLifecycleSite(heartbeat);
    // the page is told what it may expect; the server itself has patience with a page that does not run
    hasty.io.engine.on("connection", (session: { server: { opts: object } }) => {
      const { server } = session;
      const opts = { ...server.opts, pingTimeout: 60_000 };
      session.server = Object.create(server, { opts: { value: opts } }) as typeof server;
    });
    await connectIn(page, {
      ...patient,
      reconnectionDelay: 100,
      url: hasty.url,
      transports: ["websocket"],
    });
    const front = await browser.newPage();
    await front.bringToFront();
    await untilIn(page, "document.visibilityState === 'hidden'");
    // where pings are really late, as on a machine that stalls, a loss is right: then counting begins anew
    await page.evaluate(`
      live.pings = 0;
      live.wrong = [];
      live.pingedAt = performance.now();
      live.socket.io.on("ping", () => {
        live.pings++;
        live.pingedAt = performance.now();
      });
      live.socket.on("disconnect", (reason) => {
        const silence = performance.now() - live.pingedAt;
        if (reason !== "ping timeout" || silence < ${heartbeat.pingInterval + heartbeat.pingTimeout})
          live.wrong.push([reason, silence]);
        live.pings = 0;
      });
    `);
    await untilIn(page, "live.wrong.length || live.pings >= 12");
    expect(await page.evaluate("live.wrong")).toEqual([]);
    await page.bringToFront();
    await untilIn(page, "live.isMeasured()");
    expect(await page.evaluate("live.wrong")).toEqual([]);
    await front.close();
    await hasty.close();
  });
});
