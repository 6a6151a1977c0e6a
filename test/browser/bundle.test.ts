import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { describeInBrowser, launchBrowser } from "../support/browser.ts";
import { type BundleSite, startBundleSite } from "./support/bundle-site.ts";

describeInBrowser("The bundles in a page", () => {
  let browser: Browser;
  let site: BundleSite;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser?.close();
  });

  beforeEach(async () => {
    site = await startBundleSite();
    problems = [];
    page = await browser.newPage();
    page.on("pageerror", (error) => problems.push(error.message));
    await page.goto(site.url);
  });

  afterEach(async () => {
    await page?.close();
    await site?.close();
  });

  describe("by script tag", () => {
    it("are one callable global with the API on it (PKG-12)", async () => {
      const seen = await page.evaluate(() => {
        const { io } = globalThis as any;
        return {
          callable: typeof io,
          names: ["connect", "io", "Manager", "Socket", "TautlineError"].map(
            (name) => `${name}: ${typeof io[name]}`,
          ),
          protocol: io.protocol,
        };
      });
      expect(seen).toEqual({
        callable: "function",
        names: [
          "connect: function",
          "io: function",
          "Manager: function",
          "Socket: function",
          "TautlineError: function",
        ],
        protocol: 5,
      });
    });

    it("add nothing else to the page (PKG-12)", async () => {
      const added = await page.evaluate(() => {
        const frame = document.body.appendChild(document.createElement("iframe"));
        const before = new Set(Object.getOwnPropertyNames(frame.contentWindow));
        return Object.getOwnPropertyNames(globalThis).filter((name) => !before.has(name));
      });
      expect(added).toContain("io");
      expect(added.filter((name) => !/^(io|__.*|\d+)$/.test(name))).toEqual([]);
    });

    it("connect with io.connect(url), and hear an answer", async () => {
      site.io.on("connection", (socket) => {
        socket.on("hello", (name: string) => socket.emit("howdy", name, [1, { two: 2 }]));
      });
      const heard = await page.evaluate(
        (url) =>
          new Promise((resolve) => {
            const socket = (globalThis as any).io.connect(url);
            socket.on("howdy", (...values: unknown[]) => resolve(values));
            socket.emit("hello", "world");
          }),
        site.socketUrl,
      );
      expect(heard).toEqual(["world", [1, { two: 2 }]]);
      expect(problems).toEqual([]);
    });
  });

  describe("by script tag, with everything", () => {
    const calls = ["atLeastOnce", "createIo", "drained", "events", "exactlyOnce", "flush", "next"];
    const more = ["rtt", "stats", "Fetch", "WebSocket", "WebTransport", "XHR"];

    beforeEach(async () => {
      await page.goto(`${site.url}/full`);
    });

    it("have all functions on the same global (PKG-13)", async () => {
      const types = await page.evaluate(
        (names) => names.map((name) => typeof (globalThis as any).io[name]),
        ["io", "connect", "Manager", "Socket", "TautlineError", ...calls, ...more],
      );
      expect(new Set(types)).toEqual(new Set(["function"]));
    });

    it("deliver, read and count", async () => {
      site.io.on("connection", (socket) => {
        socket.on("count", (to: number) => {
          for (let n = 1; n <= to; n++) socket.emit("n", n);
        });
      });
      const seen = await page.evaluate(async (url) => {
        const { io } = globalThis as any;
        // a slow answer does not let polling win
        const socket = io(url, { delivery: io.atLeastOnce(), fallbackDelay: Infinity });
        const { reconnects } = io.stats(socket.io);
        const reader = io.events(socket, "n");
        socket.emit("count", 3);
        await io.flush(socket);
        const heard: number[] = [];
        for await (const [n] of reader) if (heard.push(n) === 3) break;
        const { transport, packetsOut } = io.stats(socket.io);
        const ms: unknown = await io.rtt(socket.io);
        return { reconnects, heard, transport, hasCounted: packetsOut > 0, rtt: typeof ms };
      }, site.socketUrl);
      expect(seen).toEqual({
        reconnects: 0,
        heard: [1, 2, 3],
        transport: "websocket",
        hasCounted: true,
        rtt: "number",
      });
      expect(problems).toEqual([]);
    });

    it("explain errors", async () => {
      const told = await page.evaluate(
        (url) =>
          new Promise((resolve) => {
            const socket = (globalThis as any).io(url, { reconnection: false });
            socket.on("connect_error", ({ code, hint, isFinal }: any) => {
              resolve({ code, hint, isFinal });
            });
          }),
        site.url,
      );
      expect(told).toMatchObject({ code: "http-status", isFinal: true });
      expect(told).toHaveProperty("hint", expect.stringContaining("check the path option"));
    });
  });

  describe("as an ES module for CDNs", () => {
    it("export the API, and connect (PKG-14)", async () => {
      site.io.on("connection", (socket) => {
        socket.on("add", (a: number, b: number, answer: (sum: number) => void) => answer(a + b));
      });
      // As text: the test runner would rewrite an import() that it can see.
      const seen = await page.evaluate(`(async () => {
        const module = await import("/tautline.esm.min.js");
        const socket = module.io(${JSON.stringify(site.socketUrl)});
        const sum = await socket.emitWithAck("add", 2, 3);
        socket.disconnect();
        return { names: Object.keys(module).sort(), same: module.default === module.io, sum };
      })()`);
      expect(seen).toMatchObject({ same: true, sum: 5 });
      expect((seen as { names: string[] }).names).toEqual(
        expect.arrayContaining(["Manager", "Socket", "TautlineError", "connect", "default", "io"]),
      );
    });
  });

  describe.each(["polling", "websocket"])("over %s", (transport) => {
    it("send Blobs, Files and typed arrays at any depth, and get them back as ArrayBuffers (BRW-1)", async () => {
      const received: Record<string, unknown>[] = [];
      site.io.on("connection", (socket) => {
        socket.on("deep", (value, answer: (value: unknown) => void) => {
          received.push(toHex(value) as Record<string, unknown>);
          answer(value);
        });
      });
      const returned = await page.evaluate(
        async ([url, name]) => {
          const { io } = globalThis as any;
          const socket = io(url, { transports: [name] });
          const bytes = new Uint8Array([0, 1, 254, 255]);
          const back = await socket.emitWithAck("deep", {
            blob: new Blob(["blöb"]),
            list: [new File(["file"], "a.txt"), { buffer: bytes.buffer }],
            part: bytes.subarray(1, 3),
            floats: new Float32Array([1.5]),
            empty: new Uint8Array(0),
            text: "beside it",
            nothing: null,
          });
          socket.disconnect();
          const show = (value: unknown): unknown => {
            if (value instanceof ArrayBuffer) return `buffer ${[...new Uint8Array(value)]}`;
            if (Array.isArray(value)) return value.map(show);
            if (typeof value !== "object" || value === null) return value;
            return Object.fromEntries(Object.entries(value).map(([key, x]) => [key, show(x)]));
          };
          return show(back);
        },
        [site.socketUrl, transport] as const,
      );
      expect(received).toEqual([
        {
          blob: "626cc3b662",
          list: ["66696c65", { buffer: "0001feff" }],
          part: "01fe",
          floats: "0000c03f",
          empty: "",
          text: "beside it",
          nothing: null,
        },
      ]);
      expect(returned).toEqual({
        blob: "buffer 98,108,195,182,98",
        list: ["buffer 102,105,108,101", { buffer: "buffer 0,1,254,255" }],
        part: "buffer 1,254",
        floats: "buffer 0,0,192,63",
        empty: "buffer ",
        text: "beside it",
        nothing: null,
      });
      expect(problems).toEqual([]);
    });

    it("keep the order of events with and without Blobs between them (BRW-2)", async () => {
      const order: unknown[] = [];
      site.io.on("connection", (socket) => {
        socket.on("next", (n: number) => order.push(n));
        socket.on("done", (answer: () => void) => answer());
      });
      await page.evaluate(
        async ([url, name]) => {
          const socket = (globalThis as any).io(url, { transports: [name] });
          await new Promise((resolve) => socket.on("connect", resolve));
          for (let n = 0; n < 30; n++) {
            if (n % 3 === 0) socket.emit("next", n, new Blob([new Uint8Array(n * 100)]));
            else socket.emit("next", n);
          }
          await socket.emitWithAck("done");
        },
        [site.socketUrl, transport] as const,
      );
      expect(order).toEqual(Array.from({ length: 30 }, (_, n) => n));
    });

    it("carry 300 kB of text and of bytes, both ways", async () => {
      site.io.on("connection", (socket) => {
        socket.on("big", (text: string, bytes: Buffer, answer: (...values: unknown[]) => void) =>
          answer({ text, bytes }),
        );
      });
      const same = await page.evaluate(
        async ([url, name]) => {
          const socket = (globalThis as any).io(url, { transports: [name] });
          const text = "é".repeat(150_000);
          const bytes = Uint8Array.from({ length: 300_000 }, (_, n) => n % 251);
          const back = await socket.emitWithAck("big", text, bytes);
          const returned = new Uint8Array(back.bytes);
          return back.text === text && returned.every((byte, n) => byte === n % 251)
            ? returned.length
            : "something else";
        },
        [site.socketUrl, transport] as const,
      );
      expect(same).toBe(300_000);
    });
  });
});

/** Buffers as hex, at any depth: what the server has really received. */
function toHex(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return value.toString("hex");
  if (Array.isArray(value)) return value.map(toHex);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toHex(inner)]));
}
