import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { CHROMIUM_FLAGS } from "../../support/chromium-flags.mjs";
import { pick } from "./node-host.mjs";

const BENCH = fileURLToPath(new URL("..", import.meta.url));
const TYPES = { ".mjs": "text/javascript", ".js": "text/javascript", ".html": "text/html" };
const ARGS = [...CHROMIUM_FLAGS, "--js-flags=--expose-gc", "--enable-precise-memory-info"];
// Cross-origin isolation gives performance.now() a resolution of 5 us instead of 100.
const HEADERS = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cache-Control": "no-store",
};

/** Where a Chromium is, or undefined. */
export async function findChromium() {
  const candidates = [
    process.env.CHROME_PATH,
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
  ];
  for (const path of candidates) {
    if (path && (await stat(path).catch(() => undefined)) !== undefined) return path;
  }
  return undefined;
}

/** Runs each case on a fresh page of a real Chromium, in which the sides alternate. */
export class ChromiumHost {
  name = "chromium";
  #browser;
  #server;
  #urls;
  /** The clients that are compared, without raw. */
  clients;

  /** @param others see `NodeHost` */
  static async launch(executablePath, files, others = {}) {
    const all = { ...files, ...others };
    const host = new ChromiumHost();
    host.#browser = await chromium.launch({ executablePath, args: ARGS });
    host.#server = createServer((request, response) => serve(all, request, response));
    await new Promise((resolve) => host.#server.listen(0, "127.0.0.1", resolve));
    host.#urls = Object.fromEntries(
      Object.keys(all).map((side) => [side, `${host.origin}/side/${side}.mjs`]),
    );
    host.clients = Object.keys(files);
    return host;
  }

  get origin() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  get version() {
    return this.#browser.version();
  }

  async run(name, options, { only = this.clients } = {}) {
    const page = await this.page();
    try {
      return await page.evaluate(
        async (request) => (await import("/bench/lib/run-case.mjs")).runCase(request),
        { name, urls: pick(this.#urls, only), options },
      );
    } catch (error) {
      throw new Error(`case ${name} in Chromium: ${error.message}`, { cause: error });
    } finally {
      await page.context().close();
    }
  }

  /** A fresh page in a context of its own; whoever asks closes its context. */
  async page() {
    const context = await this.#browser.newContext();
    const page = await context.newPage();
    await page.goto(`${this.origin}/`);
    return page;
  }

  async close() {
    await this.#browser.close();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function serve(files, request, response) {
  const path = new URL(request.url, "http://bench").pathname;
  if (path === "/") {
    response.writeHead(200, { ...HEADERS, "Content-Type": "text/html" });
    response.end("<!doctype html><meta charset=utf-8><title>bench</title>");
    return;
  }
  const file = locate(files, path);
  if (file === undefined) {
    response.writeHead(404, HEADERS).end();
    return;
  }
  const stream = createReadStream(file);
  stream.once("error", () => response.writeHead(404, HEADERS).end());
  stream.once("open", () => {
    response.writeHead(200, { ...HEADERS, "Content-Type": TYPES[extname(file)] ?? "text/plain" });
    stream.pipe(response);
  });
}

function locate(files, path) {
  const side = /^\/side\/(\w+)\.mjs$/.exec(path)?.[1];
  if (side !== undefined) return files[side];
  if (!path.startsWith("/bench/")) return undefined;
  const file = normalize(join(BENCH, path.slice("/bench/".length)));
  return file.startsWith(BENCH) ? file : undefined;
}
