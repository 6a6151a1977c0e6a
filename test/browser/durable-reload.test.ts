/** `tautline/durable` in a real browser: IndexedDB, Web Locks and BroadcastChannel are the host's. */
import { createServer, type ServerResponse } from "node:http";
import { build } from "esbuild";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { Server } from "socket.io";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { dedupe } from "../../src/server/index.ts";
import { describeInBrowser, launchBrowser } from "../support/browser.ts";
import { listen, type RunningServer } from "../support/servers.ts";

/**
 * `open(options)` makes `socket`, and writes down in `settled` what becomes of its packets. `countStored()` asks the database
 * itself. The store has more time than a machine that stalls may take.
 */
const APP = `
  import { io } from "./src/index.ts";
  import { indexedDb } from "./src/durable/index.ts";
  import { shared } from "./src/shared/index.ts";
  globalThis.settled = [];
  globalThis.open = (options) => {
    const outbox = indexedDb({ name: "app", identity: "one", storeTimeout: 60_000, ...options.outbox });
    const share = options.key && shared({ key: options.key });
    globalThis.socket = io({ ...options, ...(share && { share }), outbox });
    socket.durable.on("settled", ({ status, args }) => settled.push([status, args[0]]));
  };
  globalThis.countStored = async () => {
    const result = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
    const [{ name }] = await indexedDB.databases();
    const database = await result(indexedDB.open(name));
    const count = await result(database.transaction("packets").objectStore("packets").count());
    database.close();
    return count;
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
  /** Through which connection each of them came. */
  let senders: string[];
  /** Each time that one came, before it was looked at: `n`. */
  let frames: number[];
  /** The answer for which a page's main thread waits. */
  let held: ServerResponse | undefined;
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
    senders = [];
    frames = [];
    held = undefined;
    problems = [];
    const http = createServer((request, response) => {
      if (request.url === "/held") return void (held = response);
      response
        .writeHead(200, { "Content-Type": "text/html" })
        .end(`<!doctype html><title>Outbox</title><script>${script}</script>`);
    });
    io = new Server(http);
    dedupe(io);
    io.engine.on("connection", (engine) => {
      engine.on("data", (data: unknown) => {
        const [, n] = /^2\d*\["n",(\d+)/.exec(String(data)) ?? [];
        if (n) frames.push(Number(n));
      });
    });
    io.on("connection", (socket) => {
      socket.on("n", (n: unknown, ...rest: unknown[]) => {
        received.push(n);
        senders.push(socket.id);
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
    // the app is told first, and a page that is left before it has removed them leaves them to the next one
    await expect.poll(() => page.evaluate(() => (globalThis as any).countStored())).toBe(0);
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

  it("sends from the other tab when the main thread of the one that sends is blocked", async () => {
    const pages = [await newPage(), await newPage()] as const;
    const open = (page: Page): Promise<string> =>
      page.evaluate(() => {
        const { open } = globalThis as any;
        open({ transports: ["websocket"] });
        const { socket } = globalThis as any;
        return new Promise<string>((resolve) => socket.on("connect", () => resolve(socket.id)));
      });
    const emit = (page: Page, n: number): Promise<number> =>
      page.evaluate((one) => (globalThis as any).socket.durable.emit("n", one), n);
    // who has sent one has the turn before the other asks for it
    const ids = [await open(pages[0])];
    await emit(pages[0], 0);
    await expect.poll(() => senders).toEqual([ids[0]]);
    ids.push(await open(pages[1]));
    // it runs until the server has answered: no event, no timer, and no message meanwhile
    const blocked = pages[0].evaluate(() => {
      const request = new XMLHttpRequest();
      request.open("GET", "/held", false);
      request.send();
    });
    await expect.poll(() => held).toBeDefined();
    for (let n = 1; n < 4; n++) await emit(pages[1], n);
    // that takes ten seconds: twice as long as it waits for an answer, and the rest before it asks
    await expect.poll(() => senders, { timeout: 40_000 }).toHaveLength(4);
    held?.end();
    await blocked;
    await emit(pages[0], 4);
    await expect.poll(() => received).toEqual(numbers(0, 5));
    // the turn stays with the one that took it
    expect(senders.slice(1)).toEqual([ids[1], ids[1], ids[1], ids[1]]);
    for (const page of pages)
      await expect
        .poll(() => page.evaluate(() => (globalThis as any).socket.durable.list()))
        .toEqual([]);
  });

  it("sends from one of the tabs that share a connection, whether that is the host or a guest (DUR-65)", async () => {
    const join = async (): Promise<Page> => {
      const page = await newPage();
      await page.evaluate(() => {
        const { open } = globalThis as any;
        open({ key: "one", transports: ["websocket"] });
        const { socket } = globalThis as any;
        return new Promise<void>((resolve) => socket.on("connect", resolve));
      });
      return page;
    };
    const emit = (page: Page, n: number): Promise<number> =>
      page.evaluate((one) => (globalThis as any).socket.durable.emit("n", one), n);
    const roleOf = (page: Page): Promise<string> =>
      page.evaluate(() => (globalThis as any).socket.shared.role);
    const expectDelivered = async (count: number): Promise<void> => {
      await expect.poll(() => received).toEqual(numbers(0, count));
      // what is under way when a tab goes is sent again
      await expect
        .poll(() => third.evaluate(() => (globalThis as any).socket.durable.list()))
        .toEqual([]);
    };
    const [first, second, third] = [await join(), await join(), await join()];
    // whichever is visible is the host, and whichever came first has its turn
    await expect
      .poll(async () => (await Promise.all([first, second, third].map(roleOf))).sort())
      .toEqual(["guest", "guest", "host"]);
    for (const [n, page] of [first, second, third].entries()) await emit(page, n);
    await expectDelivered(3);
    // a connection that was handed over may end a moment later
    await expect.poll(() => io.engine.clientsCount).toBe(1);
    // its turn ends with its stay: a guest goes on
    await first.evaluate(() => (globalThis as any).socket.disconnect());
    await emit(first, 3);
    await emit(second, 4);
    await emit(third, 5);
    await expectDelivered(6);
    await first.evaluate(() => (globalThis as any).socket.connect());
    await emit(first, 6);
    await expectDelivered(7);
    await second.close();
    await emit(third, 7);
    await expectDelivered(8);
    // each of them was sent by one tab, once
    expect(frames).toEqual(numbers(0, 8));
  });

  it.each(["beforeunload", "pagehide", "visibilitychange"])(
    "sends what a page emits in %s: from another tab, or from the next page (DUR-59)",
    async (type) => {
      const [staying, leaving] = [await newPage(), await newPage()] as const;
      const open = (page: Page): Promise<void> =>
        page.evaluate(() => {
          const { open } = globalThis as any;
          open({ transports: ["websocket"] });
          return new Promise<void>((resolve) => (globalThis as any).socket.on("connect", resolve));
        });
      const emitIn = (page: Page, number: number): Promise<void> =>
        page.evaluate(
          ([name, n]) =>
            addEventListener(
              name as string,
              () => void (globalThis as any).socket.durable.emit("n", n),
              { once: true, capture: true },
            ),
          [type, number],
        );
      const knowsCount = (page: Page): Promise<unknown> =>
        page.evaluate(() => (globalThis as any).socket.durable.list());
      await open(staying);
      await open(leaving);
      await knowsCount(leaving);
      await emitIn(leaving, 1);
      await leaving.goto("about:blank");
      await expect.poll(() => received).toEqual([1]);
      // the last one leaves something to the next page
      await knowsCount(staying);
      await emitIn(staying, 2);
      await staying.reload();
      await open(staying);
      await expect.poll(() => received).toEqual([1, 2]);
    },
  );

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
      const settled = new Promise((resolve) => socket.durable.on("settled", resolve));
      await socket.durable.emit("n", 2);
      await settled;
      return socket.durable.list();
    });
    expect(list).toEqual([]);
    expect(received).toEqual([2]);
  });
});
