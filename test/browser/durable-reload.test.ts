/** `tautline/durable` in a real browser: IndexedDB, Web Locks and BroadcastChannel are the host's. */
import { createServer } from "node:http";
import { build } from "esbuild";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { Server } from "socket.io";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { dedupe } from "../../src/server/index.ts";
import { describeInBrowser, launchBrowser } from "../support/browser.ts";
import { listen, type RunningServer } from "../support/servers.ts";

/** `open(options)` makes `socket`, and writes down in `settled` what becomes of its packets. */
const APP = `
  import { io } from "./src/index.ts";
  import { indexedDb } from "./src/durable/index.ts";
  globalThis.settled = [];
  globalThis.open = (options) => {
    const outbox = indexedDb({ name: "app", identity: "one", ...options.outbox });
    globalThis.socket = io({ ...options, outbox });
    socket.durable.on("settled", ({ status, args }) => settled.push([status, args[0]]));
  };
`;

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => from + i);

describeInBrowser("An outbox in a page", () => {
  let browser: Browser;
  let context: BrowserContext;
  let script: string;
  let running: RunningServer;
  let io: Server;
  let received: unknown[];
  let problems: string[];

  beforeAll(async () => {
    browser = await launchBrowser();
    const { outputFiles } = await build({
      stdin: { contents: APP, resolveDir: new URL("../..", import.meta.url).pathname },
      bundle: true,
      write: false,
      format: "iife",
    });
    script = outputFiles[0]?.text ?? "";
  });

  afterAll(async () => {
    await browser?.close();
  });

  beforeEach(async () => {
    received = [];
    problems = [];
    const http = createServer((_request, response) =>
      response
        .writeHead(200, { "Content-Type": "text/html" })
        .end(`<!doctype html><title>Outbox</title><script>${script}</script>`),
    );
    io = new Server(http);
    dedupe(io);
    io.on("connection", (socket) => {
      socket.on("n", (n: unknown, ...rest: unknown[]) => {
        received.push(n);
        (rest.at(-1) as (answer: string) => void)("ok");
      });
      socket.on("plain", (n: unknown) => received.push(n));
    });
    running = await listen(http);
    context = await browser.newContext();
  });

  afterEach(async () => {
    await context?.close();
    io?.engine.close();
    await running?.close();
    expect(problems).toEqual([]);
  });

  async function newPage(): Promise<Page> {
    const page = await context.newPage();
    page.on("pageerror", (error) => problems.push(error.message));
    // localhost is a secure origin: Web Locks are there
    await page.goto(`http://localhost:${running.port}/`);
    return page;
  }

  it("sends after a reload what was stored offline, in order, once, before newer packets (DUR-1)", async () => {
    const page = await newPage();
    await page.evaluate(async () => {
      const { open } = globalThis as any;
      open({ autoConnect: false });
      const { socket } = globalThis as any;
      const stored = [];
      for (let n = 0; n < 99; n++) stored.push(socket.durable.emit("n", n));
      stored.push(socket.durable.emit("n", 99, Uint8Array.of(1, 2), new Blob(["a file"])));
      await Promise.all(stored);
    });
    await page.reload();
    await page.evaluate(() => {
      const { open } = globalThis as any;
      open({ autoConnect: false });
      const { socket } = globalThis as any;
      socket.emit("plain", "newer");
      socket.connect();
    });
    await expect.poll(() => received.length).toBe(101);
    expect(received).toEqual([...numbers(0, 100), "newer"]);
    await expect
      .poll(() => page.evaluate(() => (globalThis as any).settled))
      .toEqual(numbers(0, 100).map((n) => ["delivered", n]));
    await page.reload();
    await page.evaluate(() => (globalThis as any).open({}));
    await expect
      .poll(() => page.evaluate(() => (globalThis as any).socket.durable.delivery))
      .toBe("exactly-once");
    expect(await page.evaluate(() => (globalThis as any).socket.durable.list())).toEqual([]);
    expect(received).toHaveLength(101);
  });

  it("sends from one of two tabs what both store, and from the other when that is closed (DUR-30)", async () => {
    const pages = [await newPage(), await newPage()] as const;
    for (const page of pages) {
      await page.evaluate(() => {
        const { open } = globalThis as any;
        open({});
        return new Promise((resolve) => (globalThis as any).socket.on("connect", resolve));
      });
    }
    const emit = (page: Page, from: number, to: number): Promise<void> =>
      page.evaluate(
        async ([first, last]) => {
          const { socket } = globalThis as any;
          for (let n = first as number; n < (last as number); n++)
            await socket.durable.emit("n", n);
        },
        [from, to],
      );
    await emit(pages[0], 0, 10);
    await emit(pages[1], 10, 20);
    await expect.poll(() => received).toEqual(numbers(0, 20));
    for (const page of pages)
      await expect
        .poll(() => page.evaluate(() => (globalThis as any).settled))
        .toEqual(numbers(0, 20).map((n) => ["delivered", n]));
    await pages[0].close();
    await emit(pages[1], 20, 30);
    await expect.poll(() => received).toEqual(numbers(0, 30));
  });

  it("keeps identities apart (DUR-13)", async () => {
    const page = await newPage();
    await page.evaluate(async () => {
      const { open } = globalThis as any;
      open({ autoConnect: false });
      await (globalThis as any).socket.durable.emit("n", 1);
    });
    await page.reload();
    const list = await page.evaluate(async () => {
      const { open } = globalThis as any;
      open({ outbox: { identity: "two" } });
      const { socket } = globalThis as any;
      await socket.durable.emit("n", 2);
      await new Promise((resolve) => socket.durable.on("settled", resolve));
      return socket.durable.list();
    });
    expect(list).toEqual([]);
    expect(received).toEqual([2]);
  });
});
