import type { Browser, Page } from "playwright-core";
import type * as library from "../../src/websocket/index.ts";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { describeInBrowser, launchBrowser } from "../support/browser.ts";
import { startWebSocketSite, type WebSocketSite } from "./support/websocket-site.ts";

/** What the page's script knows; it runs in the browser. */
declare const address: string;
declare const tautline: typeof library;
declare const next: (target: object, type: string) => Promise<any>;

describeInBrowser("A ReconnectingWebSocket in a page", () => {
  let browser: Browser;
  let site: WebSocketSite;
  let page: Page;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });
  beforeEach(async () => {
    site = await startWebSocketSite();
    page = await browser.newPage();
    await page.goto(site.url);
    await page.evaluate((at) => {
      Object.assign(globalThis, {
        address: at,
        next: (target: EventTarget, type: string) =>
          new Promise((resolve) => target.addEventListener(type, resolve, { once: true })),
      });
    }, site.address);
  });
  afterEach(async () => {
    await page?.context().setOffline(false);
    await page?.close();
    await site?.close();
  });

  it("scenario 1: says, hears, and explains how it ends", async () => {
    const seen = await page.evaluate(async () => {
      const ws = new tautline.ReconnectingWebSocket(`${address}/echo`);
      ws.send("hello");
      const { data } = await next(ws, "message");
      ws.close(4001, "bye");
      const { code, reason, wasClean } = await next(ws, "close");
      return [data, code, reason, wasClean, tautline.explainClose(code).fault];
    });
    expect(seen).toEqual(["hello", 4001, "bye", true, "app"]);
  });

  it("leaves no connection behind, whatever reconnect() is told", async () => {
    const thrown = await page.evaluate(async () => {
      const ws = new tautline.ReconnectingWebSocket(`${address}/echo`);
      Object.assign(globalThis, { ws });
      await next(ws, "open");
      const names: string[] = [];
      for (const [code, reason] of [
        [4000, "why"],
        [1001, ""],
        [1012, ""],
        [4000, "é".repeat(62)],
        [undefined, undefined],
      ] as const)
        try {
          ws.reconnect(code, reason);
          await next(ws, "open");
        } catch (error) {
          names.push((error as Error).name);
        }
      return names;
    });
    expect(thrown).toEqual(["InvalidAccessError", "InvalidAccessError", "SyntaxError"]);
    await expect.poll(() => site.connections).toBe(1);
    await page.evaluate("ws.close()");
    await expect.poll(() => site.connections).toBe(0);
  });

  it("scenario 2: a subprotocol, and its refusal", async () => {
    const seen = await page.evaluate(async () => {
      const ws = new tautline.ReconnectingWebSocket(`${address}/echo`, "chat");
      await next(ws, "open");
      ws.close();
      const other = new tautline.ReconnectingWebSocket(`${address}/no-protocol`, {
        protocols: "chat",
        maxRetries: 0,
      });
      const { error } = await next(other, "error");
      await next(other, "close");
      return [ws.protocol, error.code, other.state];
    });
    expect(seen).toEqual(["chat", "transport-error", "closed"]);
  });

  it("scenario 3: JSON, and what does not parse", async () => {
    const seen = await page.evaluate(async () => {
      const { json, ReconnectingWebSocket } = tautline;
      const ws = new ReconnectingWebSocket(`${address}/echo`, { codec: json });
      ws.send({ type: "say", content: "x" });
      const { data } = await next(ws, "message");
      const raw = { ...json, encode: String };
      const other = new ReconnectingWebSocket(`${address}/echo`, { codec: raw });
      other.send("{ no json");
      const { error } = await next(other, "error");
      return [data, error.code, error.data];
    });
    expect(seen).toEqual([{ type: "say", content: "x" }, "parse-error", "{ no json"]);
  });

  it("scenario 4: a network that swallows everything is found out, and left", async () => {
    const heartbeat = { message: "ping", interval: 60_000, timeout: 30_000 };
    // an answer that is late on this machine is not late on the page's clock
    await page.clock.install();
    await page.evaluate(async (beat) => {
      const { ReconnectingWebSocket, watch } = tautline;
      const ws = new ReconnectingWebSocket(`${address}/echo`, {
        minReconnectionDelay: 20,
        maxReconnectionDelay: 100,
        watch: watch({ heartbeat: beat }),
      });
      const log: string[] = [];
      ws.addEventListener("error", ({ error }) => log.push(error.code));
      for (const type of ["open", "message"]) ws.addEventListener(type, () => log.push(type));
      Object.assign(globalThis, { ws, log });
      await next(ws, "open");
    }, heartbeat);
    await page.clock.runFor(heartbeat.interval);
    await page.waitForFunction("log.includes('message')");
    await page.clock.runFor(heartbeat.timeout);
    expect(await page.evaluate("log.join()")).toBe("open,message");
    // Chromium stalls an open WebSocket then, and says so to the page
    await page.context().setOffline(true);
    await page.clock.runFor(heartbeat.interval + heartbeat.timeout);
    await page.waitForFunction("log.includes('timeout')");
    await page.context().setOffline(false);
    await page.waitForFunction("log.filter((what) => what === 'open').length === 2");
  });

  it("scenario 5: a sender that lets no more than so much wait", async () => {
    const most = await page.evaluate(async () => {
      const ws = new tautline.ReconnectingWebSocket(`${address}/count`);
      let most = 0;
      const chunk = new Uint8Array(64 * 1024);
      for (let i = 0; i < 300; i++) {
        await tautline.drained(ws, { below: 256 * 1024 });
        ws.send(chunk);
        most = Math.max(most, ws.bufferedAmount);
      }
      await tautline.drained(ws, { below: 1 });
      ws.close();
      await next(ws, "close");
      return most;
    });
    expect(most).toBeLessThan((256 + 64) * 1024);
    expect(await (await fetch(`${site.url}/count`)).text()).toBe(String(300 * 64 * 1024));
  });

  it("scenario 6: the same URL again, at once", async () => {
    const seen = await page.evaluate(async () => {
      const ws = new tautline.ReconnectingWebSocket(`${address}/echo`, { startClosed: true });
      const log: string[] = [];
      for (const type of ["open", "close", "error"])
        ws.addEventListener(type, () => log.push(type));
      for (let i = 0; i < 3; i++) {
        ws.open();
        await next(ws, "open");
        ws.close();
      }
      await next(ws, "close");
      return log;
    });
    expect(seen).toEqual(["open", "close", "open", "close", "open", "close"]);
  });

  it("goes on with what was said while it had no connection", async () => {
    await page.evaluate(async () => {
      const ws = new tautline.ReconnectingWebSocket(`${address}/echo`, {
        minReconnectionDelay: 20,
      });
      const heard: unknown[] = [];
      ws.addEventListener("message", ({ data }) => heard.push(data));
      ws.addEventListener("close", () => ws.send("meanwhile"));
      Object.assign(globalThis, { ws, heard });
      await next(ws, "open");
    });
    for (let cut = 1; cut <= 3; cut++) {
      site.cut();
      await page.waitForFunction(`heard.length === ${cut}`);
    }
    expect(await page.evaluate("heard.join()")).toBe("meanwhile,meanwhile,meanwhile");
  });

  it("scenario 20: where nothing is that it could talk to", async () => {
    const seen = await page.evaluate(async () => {
      const told: unknown[] = [];
      for (const url of [`${address}/refused`, "ws://127.0.0.1:9/", "ws://127.0.0.1:1/"]) {
        const ws = new tautline.ReconnectingWebSocket(url, { maxRetries: 0 });
        const { error } = await next(ws, "error");
        const { code } = await next(ws, "close");
        told.push([error.code, code]);
      }
      return told;
    });
    expect(seen).toEqual(Array.from({ length: 3 }, () => ["transport-error", 1006]));
  });
});
