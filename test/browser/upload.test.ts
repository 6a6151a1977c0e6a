/** Scenario 14 in a real browser: a file from the page, in chunks, through cuts, over socket.io and over a plain WebSocket. */
import { createHash } from "node:crypto";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { Server } from "socket.io";
import { WebSocketServer } from "ws";
import { createServer } from "node:http";
import { overWebSockets, receiveUploads, stream as serveStream } from "../../src/server/index.ts";
import { describeInBrowser, launchBrowser } from "../support/browser.ts";
import { createFaultProxy, type FaultProxy } from "../support/fault-proxy.mjs";
import { listen, type RunningServer } from "../support/servers.ts";

const SIZE = 8 * 2 ** 20;
const CUTS = 10;

/** What the page is made of: the library as an app bundles it, and a plain WebSocket that connects again. */
const APP = `
  import { io } from "./src/index.ts";
  import { overWebSocket, stream } from "./src/stream/index.ts";
  import { upload } from "./src/upload/index.ts";
  class Again extends EventTarget {
    constructor(url) { super(); this.url = url; this.open(); }
    get readyState() { return this.socket.readyState; }
    get state() { return this.readyState === 3 ? "waiting" : ""; }
    send(data) { this.socket.send(data); }
    open() {
      this.socket = new WebSocket(this.url);
      this.socket.binaryType = "arraybuffer";
      for (const type of ["open", "message"])
        this.socket.addEventListener(type, (event) => this.dispatchEvent(new event.constructor(type, event)));
      this.socket.addEventListener("close", () => {
        setTimeout(() => this.open(), 5);
        this.dispatchEvent(new Event("close"));
      });
    }
  }
  globalThis.app = { io, overWebSocket, stream, upload, Again };
`;

describeInBrowser("Uploads in a page", () => {
  let browser: Browser;
  let script: string;
  let running: RunningServer;
  let io: Server;
  let proxy: FaultProxy;
  let page: Page;
  let problems: string[];
  let received: { name: string | undefined; type: string; sum: string }[];
  let cuts: number;

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
    cuts = 0;
    const http = createServer((_request, response) =>
      response
        .writeHead(200, { "Content-Type": "text/html" })
        .end(
          `<!doctype html><input type="file" /><progress max="100"></progress><script>${script}</script>`,
        ),
    );
    io = new Server(http, { pingInterval: 1000, pingTimeout: 1000 });
    const sockets = new WebSocketServer({ noServer: true });
    http.on("upgrade", (request, socket, head) => {
      if (request.url === "/plain")
        sockets.handleUpgrade(request, socket, head, (one) =>
          sockets.emit("connection", one, request),
        );
    });
    const sink: Parameters<typeof receiveUploads>[2] = async ({ name, type }, chunks) => {
      const hash = createHash("sha256");
      let bytes = 0;
      for await (const chunk of chunks) {
        hash.update(chunk);
        bytes += chunk.length;
        if (cuts < CUTS && bytes > ((cuts + 1) * SIZE) / (CUTS + 2)) {
          cuts++;
          proxy.cut({ kind: "websocket" });
        }
      }
      received.push({ name, type, sum: hash.digest("hex") });
      return bytes;
    };
    receiveUploads(io, "upload", sink);
    receiveUploads(overWebSockets(sockets), "upload", sink);
    serveStream(io, "count", async function* (to: number) {
      for (let n = 0; n < to; n++) yield n;
    });
    running = await listen(http);
    proxy = await createFaultProxy({ target: running.port });
    problems = [];
    page = await browser.newPage();
    page.on("pageerror", (error) => problems.push(error.message));
    await page.goto(`http://127.0.0.1:${proxy.port}/`);
  });

  afterEach(async () => {
    await page?.close();
    io?.engine.close();
    await proxy?.close();
    await running?.close();
  });

  /** A file that a person chose, uploaded over `make`'s socket. */
  async function uploadChosen(isPlain: boolean) {
    const file = Buffer.alloc(SIZE, "Every word of it. ");
    await page.setInputFiles("input", { name: "photo.jpg", mimeType: "image/jpeg", buffer: file });
    const seen = await page.evaluate(async (plain) => {
      const { app } = globalThis as any;
      const socket = plain
        ? app.overWebSocket(new app.Again(`ws://${location.host}/plain`))
        : app.io({ transports: ["websocket"], reconnectionDelay: 5, reconnectionDelayMax: 20 });
      const chosen = (document.querySelector("input") as HTMLInputElement).files?.[0];
      const bar = document.querySelector("progress") as HTMLProgressElement;
      const percents: number[] = [];
      const result = await app.upload(socket, "upload", chosen, {
        onProgress({ percent }: { percent: number }) {
          bar.value = percent;
          percents.push(percent);
        },
      });
      return {
        result,
        bar: bar.value,
        isRising: percents.every((one, i) => one >= (percents[i - 1] ?? 0)),
      };
    }, isPlain);
    const sum = createHash("sha256").update(file).digest("hex");
    return { seen, expected: [{ name: "photo.jpg", type: "image/jpeg", sum }] };
  }

  it.each([
    ["socket.io", false],
    ["a plain WebSocket", true],
  ])("arrive over %s through cuts, with percentage (UPL-8)", async (_what, isPlain) => {
    const { seen, expected } = await uploadChosen(isPlain);
    expect(seen).toEqual({ result: SIZE, bar: 100, isRising: true });
    expect(received).toEqual(expected);
    expect(cuts).toBe(CUTS);
    expect(problems).toEqual([]);
  });

  it("go on after a reload, and so do streams (UPL-9)", async () => {
    const count = 2000;
    const before = await page.evaluate(async (to) => {
      const { app } = globalThis as any;
      const socket = app.io({ transports: ["websocket"] });
      const reader = app.stream(socket, "count", to);
      const items: number[] = [];
      for (let i = 0; i < to / 2; i++) {
        items.push((await reader.next()).value);
        sessionStorage.setItem("at", JSON.stringify({ id: reader.id, offset: reader.offset }));
      }
      return items;
    }, count);
    await page.reload();
    const after = await page.evaluate(async (to) => {
      const { app } = globalThis as any;
      const kept = JSON.parse(sessionStorage.getItem("at") ?? "{}");
      const items: number[] = [];
      for await (const item of app.stream(app.io(), "count", to, kept)) items.push(item);
      return items;
    }, count);
    expect([...before, ...after]).toEqual(Array.from({ length: count }, (_, n) => n));
    expect(problems).toEqual([]);
  });
});
