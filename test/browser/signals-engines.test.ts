import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { describeInEngine, type EngineBrowser, engines } from "./support/engines.ts";
import { type LifecycleSite, startLifecycleSite } from "./support/lifecycle-site.ts";

/** What ends a connection is no slow answer to a probe. */
const patient = {
  reconnectionDelay: 60_000,
  reconnectionDelayMax: 60_000,
  probeTimeout: 60_000,
};

for (const engine of engines)
  describeInEngine("The connection", engine, () => {
    let browser: EngineBrowser;
    let site: LifecycleSite;

    beforeAll(async () => {
      browser = await engine.launch();
    });

    afterAll(async () => {
      await browser?.close();
    });

    beforeEach(async () => {
      site = await startLifecycleSite();
      site.io.on("connection", (socket) => {
        socket.on("echo", (value: unknown, answer: (value: unknown) => void) => answer(value));
      });
      await browser.goto(site.url);
    });

    afterEach(async () => {
      await site?.close();
    });

    const connect = async (options: object): Promise<void> => {
      const all = JSON.stringify({ ...patient, url: site.url, ...options });
      await browser.evaluate(`live.connect(${all})`);
      await browser.until("live.socket.connected");
    };
    const log = async (): Promise<unknown[][]> =>
      JSON.parse(String(await browser.evaluate("JSON.stringify(live.log)")));

    it("moves from polling to websocket, and carries text and bytes", async () => {
      await connect({ transports: ["polling", "websocket"] });
      await browser.until("live.socket.io.engine.transport.name === 'websocket'");
      await browser.evaluate(
        `void live.socket.emit("echo", ["text", new Uint8Array([1, 2, 255])], (back) => {
          live.back = back[0] + " " + new Uint8Array(back[1]).join();
        })`,
      );
      await browser.until("live.back");
      expect(await browser.evaluate("live.back")).toBe("text 1,2,255");
    });

    describe.each(["websocket", "polling"])("over %s", (transport) => {
      it.each(["offline", "online"])(
        "is asked, and left alone, after a false %s",
        async (event) => {
          await connect({ transports: [transport] });
          const id = await browser.evaluate("live.socket.id");
          await browser.evaluate(`dispatchEvent(new Event("${event}"))`);
          await browser.until("live.isMeasured()");
          expect(await browser.evaluate("live.socket.id")).toBe(id);
          expect((await log()).filter(([what]) => what === "disconnect")).toEqual([]);
        },
      );

      it("ends waiting when the network returns", async () => {
        await connect({ url: site.remoteUrl, transports: [transport] });
        await browser.evaluate(`dispatchEvent(new Event("offline"))`);
        await browser.evaluate(`void live.socket.io.engine.close()`);
        await browser.until("live.socket.io.state === 'offline'");
        await browser.evaluate(`dispatchEvent(new Event("online"))`);
        await browser.until("live.socket.connected");
      });

      const inCache = engine.cachesConnectedPages;
      it(`is back ${inCache ? "at once, with what was missed," : "anew"} when the page comes back`, async () => {
        await connect({ transports: [transport] });
        const id = await browser.evaluate("live.socket.id");
        site.io.emit("n", 1);
        await browser.until("live.log.some(([what]) => what === 'n')");
        const gone = new Promise((resolve) => {
          site.io.sockets.sockets.get(String(id))?.once("disconnect", resolve);
        });
        await browser.goto(`${site.url}/other`);
        await gone;
        site.io.emit("n", 2);
        await browser.back();
        await browser.until(
          "globalThis.live?.log.some(([what, type]) => what === 'page' && type === 'pageshow')",
        );
        expect(await log()).toContainEqual(["page", "pageshow", inCache]);
        if (!inCache) return connect({ transports: [transport] });
        await browser.until("live.log.filter(([what]) => what === 'n').length === 2");
        await browser.until("live.socket.connected");
        expect(await browser.evaluate("live.socket.id")).toBe(id);
        // WebKit aborts requests before it says that it puts the page away
        expect((await log()).filter(([what]) => what === "disconnect")).toHaveLength(1);
      });
    });
  });
