import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { Browser, Page } from "playwright-core";
import { Server } from "socket.io";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { describeInBrowser, launchBrowser } from "../support/browser.ts";
import { listen, startHttp, type RunningServer } from "../support/servers.ts";

const bundle = new URL("../../dist/tautline.min.js", import.meta.url);

/** What a page tells of its first failed connect. */
interface Told {
  code: string;
  isFinal: unknown;
}

/** In the page: connects, and resolves with the first error. It is no timer of the connect that ends it. */
const connectError = (url: string): Promise<Told> =>
  new Promise((resolve) => {
    const options = { reconnection: false, timeout: false, fallbackDelay: Infinity };
    const socket = (globalThis as any).io(url, options);
    socket.on("connect_error", ({ code, isFinal }: Told) => resolve({ code, isFinal }));
  });

describeInBrowser("Pages that may not, or can't easily, connect", () => {
  let browser: Browser;
  let page: Page;
  let problems: string[];
  let running: RunningServer[];
  let script: string;

  beforeAll(async () => {
    browser = await launchBrowser();
    script = await readFile(bundle, "utf8");
  });

  afterAll(async () => {
    await browser?.close();
  });

  beforeEach(async () => {
    running = [];
    problems = [];
    page = await browser.newPage();
    page.on("pageerror", (error) => problems.push(error.message));
  });

  afterEach(async () => {
    await page?.close();
    for (const server of running) await server.close();
  });

  async function startPage(policy?: string): Promise<string> {
    const server = await startHttp((request, response) => {
      if (policy) response.setHeader("Content-Security-Policy", policy);
      const isScript = request.url === "/tautline.min.js";
      response.setHeader("Content-Type", isScript ? "text/javascript" : "text/html");
      response.end(
        isScript
          ? script
          : `<!doctype html><title>A page</title><script src="/tautline.min.js"></script>`,
      );
    });
    running.push(server);
    return server.url;
  }

  async function startServer(): Promise<string> {
    const http = createServer();
    new Server(http, { cors: { origin: "*" } });
    const server = await listen(http);
    running.push(server);
    return server.url;
  }

  it("are told csp, and that it is final, when their policy forbids the address (ERR-20)", async () => {
    await page.goto(await startPage("default-src 'self' 'unsafe-inline'; connect-src 'self'"));
    const told = await page.evaluate(connectError, await startServer());
    expect(told).toMatchObject({ code: "csp", isFinal: true });
    expect(problems).toEqual([]);
  });

  it("are not told csp when the policy lets the address pass (ERR-21)", async () => {
    const { url, close } = await startHttp(() => undefined);
    await close();
    await page.goto(await startPage(`default-src 'self' 'unsafe-inline'; connect-src *`));
    expect(await page.evaluate(connectError, url)).toMatchObject({ code: "unreachable" });
  });

  it("are told at once, without an uncaught error, in about:srcdoc (BRW-8)", async () => {
    const { url, close } = await startHttp(() => undefined);
    await close();
    await page.goto(await startPage());
    const told = await page.evaluate(
      async ([text, address, source]) => {
        const frame = document.createElement("iframe");
        frame.srcdoc = `<!doctype html><script>${text.replaceAll("</script", "<\\/script")}</script>`;
        const loaded = new Promise((resolve) => (frame.onload = resolve));
        document.body.append(frame);
        await loaded;
        return (frame.contentWindow as any).eval(`(${source})("${address}")`) as Promise<Told>;
      },
      [script, url, String(connectError)] as const,
    );
    expect(told.code).toBe("unreachable");
    expect(problems).toEqual([]);
  });

  it("are told at once, without an uncaught error, in a worker out of a Blob (BRW-8)", async () => {
    const { url, close } = await startHttp(() => undefined);
    await close();
    await page.goto(await startPage());
    const told = await page.evaluate(
      ([text, address, source]) =>
        new Promise<Told | string>((resolve) => {
          const code = `${text};(${source})("${address}").then((told) => postMessage(told));`;
          const worker = new Worker(URL.createObjectURL(new Blob([code])));
          worker.onmessage = ({ data }) => resolve(data as Told);
          worker.onerror = ({ message }) => resolve(message);
        }),
      [script, url, String(connectError)] as const,
    );
    expect(told).toMatchObject({ code: "unreachable" });
  });

  it("are told at once, without an uncaught error, in a file (BRW-8)", async () => {
    const { url, close } = await startHttp(() => undefined);
    await close();
    await page.goto(new URL("./support/empty.html", import.meta.url).href);
    await page.addScriptTag({ content: script });
    const told = await page.evaluate(connectError, url);
    expect(told.code).toBe("unreachable");
    expect(problems).toEqual([]);
  });
});
