/** `<tautline-inspector>` on a page whose policy forbids inline styles, and markup from texts. */
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { Server } from "socket.io";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { Report } from "../../src/recorder/index.ts";
import { describeInBrowser, launchBrowser } from "../support/browser.ts";
import { listen, type RunningServer } from "../support/servers.ts";

const APP = `
  import { io } from "./src/index.ts";
  import { defineInspector } from "./src/inspector/index.ts";
  import { record } from "./src/recorder/index.ts";

  globalThis.violations = [];
  addEventListener("securitypolicyviolation", ({ violatedDirective }) => violations.push(violatedDirective));
  const inspector = document.querySelector("tautline-inspector");
  const socket = (globalThis.socket = io({ transports: ["websocket"] }));
  socket.on("ask", (answer) => answer("yes"));
  // before the element is defined: it takes what was set
  inspector.recording = globalThis.recording = record(socket);
  defineInspector();
  defineInspector();
`;

const POLICY =
  "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'none'; require-trusted-types-for 'script'";
const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
  <title>Inspector</title><main><button>before</button><tautline-inspector></tautline-inspector></main>
  <script type="module" src="/page.js"></script></html>`;

describeInBrowser("<tautline-inspector>", () => {
  let browser: Browser;
  let script: string;
  let page: Page;
  let site: RunningServer;
  let server: Server;
  let problems: string[];

  beforeAll(async () => {
    browser = await launchBrowser();
    const { outputFiles } = await build({
      stdin: { contents: APP, resolveDir: process.cwd() },
      bundle: true,
      write: false,
      format: "esm",
      target: "es2022",
    });
    script = outputFiles[0]?.text ?? "";
  });

  afterAll(async () => {
    await browser?.close();
  });

  beforeEach(async () => {
    const http = createServer((request, response) => {
      if (request.url === "/page.js")
        return void response.setHeader("Content-Type", "text/javascript").end(script);
      response.setHeader("Content-Security-Policy", POLICY);
      response.setHeader("Content-Type", "text/html").end(PAGE);
    });
    server = new Server(http);
    server.on("connection", (socket) => socket.on("question", (text, answer) => answer(text)));
    site = await listen(http);
    problems = [];
    page = await browser.newPage({ viewport: { width: 900, height: 700 } });
    page.on("pageerror", ({ message }) => problems.push(message));
    page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
    await page.goto(site.url);
    await expect.poll(() => page.evaluate("socket.connected")).toBe(true);
    // it has drawn that
    const [state] = await page.locator("tautline-inspector .facts dd").all();
    await expect.poll(() => state?.textContent()).toBe("open");
  });

  afterEach(async () => {
    await page?.close();
    await server?.close();
    await site?.close();
  });

  /** Its texts: the rows of a list, as they are drawn. */
  const rows = (list: string): Promise<string[]> =>
    page
      .locator(`.list.${list} .row:visible`)
      .evaluateAll((lines) =>
        lines.map((line) => [...line.children].map(({ textContent }) => textContent).join("|")),
      );

  /** Frames go by until it would have drawn twice. */
  const drawings = (): Promise<void> =>
    page.evaluate(async () => {
      const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
      const start = await frame();
      while ((await frame()) < start + 250);
    });

  const focused = (): Promise<string> =>
    page.evaluate(() => {
      const { activeElement } =
        document.querySelector("tautline-inspector")?.shadowRoot ?? document;
      const outline = activeElement && getComputedStyle(activeElement).outlineStyle;
      return `${activeElement?.getAttribute("aria-label") ?? activeElement?.textContent ?? activeElement?.localName}: ${outline}`;
    });

  const tab = async (): Promise<string> => {
    await page.keyboard.press("Tab");
    return focused();
  };

  it("shows packets, acks with their round trip, and states, and breaks no policy (RCD-14)", async () => {
    await page.evaluate("socket.emit('question', 'secret text', () => {})");
    server.emit("news", "other secret");
    await expect.poll(() => page.evaluate("recording.packets.count >= 5")).toBe(true);
    await expect
      .poll(() => rows("packets"))
      .toEqual([
        expect.stringMatching(/out\|connect\|\//),
        expect.stringMatching(/in\|connect\|\//),
        expect.stringMatching(/out\|question\|\/\|#0\|\d+ B\|$/),
        expect.stringMatching(/in\|(news\|\/\||ack\|\/\|#0\|\d+ B\|.* ms$)/),
        expect.stringMatching(/in\|(news\|\/\||ack\|\/\|#0\|\d+ B\|.* ms$)/),
      ]);
    await expect
      .poll(async () => (await rows("notes")).join("\n"))
      .toContain("opening \u2192 open: opened");
    const text = await page
      .locator("tautline-inspector")
      .evaluate(({ shadowRoot }) => shadowRoot?.textContent ?? "");
    expect(text).not.toContain("secret");
    expect(await page.evaluate("violations")).toEqual([]);
    expect(problems).toEqual([]);
  });

  it("can be used with the keyboard alone, and shows where the focus is (RCD-15)", async () => {
    await page.evaluate("socket.emit('question', 'x', () => {})");
    await expect.poll(() => page.evaluate("recording.packets.count >= 4")).toBe(true);
    await expect.poll(() => rows("packets")).toHaveLength(4);
    await page.locator("main button").first().focus();
    const stops: string[] = [];
    for (let count = 0; count < 7; count++) stops.push(await tab());
    expect(stops).toEqual([
      "Pause: solid",
      ": solid",
      "Direction: solid",
      "Measure: solid",
      "Export: solid",
      "Timeline: solid",
      "Packets: solid",
    ]);
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Home");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    const active = page.locator('.packets [aria-selected="true"]');
    expect(await active.count()).toBe(1);
    expect(await active.textContent()).toContain("question");
    expect(await page.locator(".list.packets").getAttribute("aria-activedescendant")).toBe(
      await active.getAttribute("id"),
    );
    // the details are the next stop when they can do something
    expect(await tab()).toBe("Show its answer: solid");
    await page.keyboard.press("Enter");
    await expect.poll(() => active.textContent()).toContain("ack");
    expect(await focused()).toBe("Packets: solid");
    await page.keyboard.press("Escape");
    expect(await active.count()).toBe(0);
    // the details that open take the room of the last rows
    const list = page.locator(".list.packets");
    await page.keyboard.press("End");
    await page.getByRole("button", { name: "Show" }).or(page.locator(".details")).first().waitFor();
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
    expect(await active.count()).toBe(1);
    expect(await list.getAttribute("aria-activedescendant")).toBe(await active.getAttribute("id"));
    const [row, room] = [await active.boundingBox(), await list.boundingBox()];
    expect(row!.y).toBeGreaterThanOrEqual(room!.y - 1);
    expect(row!.y + row!.height).toBeLessThanOrEqual(room!.y + room!.height + 1);
    await page.keyboard.press("Escape");
  });

  it("has roles and names for assistive technology, and says what changes briefly (RCD-16)", async () => {
    const tree = await page.locator("tautline-inspector").ariaSnapshot();
    for (const part of [
      'button "Pause"',
      'searchbox "Filter"',
      'combobox "Direction"',
      'listbox "Timeline"',
      'listbox "Packets"',
      "option",
    ])
      expect(tree).toContain(part);
    await page.evaluate("socket.io.engine.close()");
    const status = page.getByRole("status");
    await expect.poll(() => status.textContent()).toMatch(/^Connection (waiting|opening|open)/);
  });

  it("draws round trips, says them in words, and keeps no more than it shows (RCD-36)", async () => {
    const figure = page.getByRole("figure", { name: "Round trips" });
    const line = page.locator("tautline-inspector .line");
    expect(await figure.textContent()).toBe("No round trip was seen yet");
    await page.evaluate("void socket.emit('question', 'x', () => {})");
    await expect.poll(() => figure.textContent()).toMatch(/^Last .* ms of 1 round trip$/);
    await page.evaluate(
      "(async () => { for (let i = 0; i < 200; i++) await socket.emitWithAck('question', i); })()",
    );
    await expect
      .poll(() => figure.textContent())
      .toMatch(/^Last .*, median .* of 120 round trips$/);
    const points = (await line.getAttribute("points"))?.split(" ") ?? [];
    expect(points).toHaveLength(120);
    const { width, height } = (await line.boundingBox()) ?? { width: 0, height: 0 };
    expect(width).toBeGreaterThan(100);
    expect(height).toBeGreaterThan(5);
    expect(await page.evaluate("violations")).toEqual([]);
  });

  it("shows what the tab is to a line that it shares, and nothing where it shares none", async () => {
    const fact = page.locator("tautline-inspector .facts div", { hasText: "Shared line" });
    expect(await fact.isVisible()).toBe(false);
    await page.evaluate("void socket.io.emit('shared', { role: 'guest', tabs: 3 })");
    await expect.poll(() => fact.isVisible()).toBe(true);
    await expect.poll(() => fact.textContent()).toBe("Shared lineguest, 3 tabs");
    await expect.poll(async () => (await rows("notes")).join()).toContain("shared|guest, 3 tabs");
  });

  it("filters, pauses and goes on (RCD-17)", async () => {
    server.emit("news", 1);
    server.emit("weather", 2);
    await expect.poll(() => page.evaluate("recording.packets.count >= 4")).toBe(true);
    await page.getByLabel("Filter").fill("weath");
    await expect.poll(() => rows("packets")).toEqual([expect.stringContaining("|in|weather|")]);
    await page.getByLabel("Direction").selectOption("out");
    await expect.poll(() => rows("packets")).toEqual([]);
    await page.getByLabel("Direction").selectOption("both");
    await page.getByLabel("Filter").fill("");
    await page.getByRole("button", { name: "Pause" }).click();
    server.emit("later", 3);
    await expect.poll(() => page.evaluate("recording.packets.count >= 5")).toBe(true);
    await drawings();
    expect((await rows("packets")).join()).not.toContain("later");
    await page.getByRole("button", { name: "Pause" }).click();
    await expect.poll(async () => (await rows("packets")).join()).toContain("later");
  });

  it("keeps to the rows that can be seen, and what was kept of many packets (RCD-18)", async () => {
    for (let count = 0; count < 5000; count++) server.emit("tick", count);
    // with CONNECT and its answer: nothing else comes while the numbers are compared
    await expect.poll(() => page.evaluate("recording.packets.count")).toBe(5002);
    const kept = (await page.evaluate(
      "recording.packets.count - recording.packets.first",
    )) as number;
    await expect.poll(() => page.locator("h2 span").textContent()).toBe(`${kept} shown`);
    expect(await page.locator(".list .row").count()).toBeLessThan(60);
    await expect.poll(async () => (await rows("packets")).length).toBeGreaterThan(3);
  });

  it("exports a report (RCD-19)", async () => {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Export" }).click(),
    ]);
    const report = JSON.parse(await readFile(await download.path(), "utf8")) as Report;
    expect(report).toMatchObject({ version: 1, environment: { host: "browser" } });
    expect(report.environment.browser).toMatch(/^Chrome \d+$/);
    expect(download.suggestedFilename()).toMatch(/^tautline-[\w-]+\.json$/);
  });

  it("is dark where the page is, and fits a width of 360 pixels (RCD-20)", async () => {
    const background = (): Promise<string> =>
      page.locator("tautline-inspector").evaluate((element) => {
        return getComputedStyle(element).backgroundColor;
      });
    const light = await background();
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await background()).not.toBe(light);
    await page.evaluate(() => (document.documentElement.style.colorScheme = "light"));
    expect(await background()).toBe(light);
    await page.evaluate(() => (document.documentElement.style.colorScheme = ""));
    await page.setViewportSize({ width: 360, height: 640 });
    await expect.poll(() => page.evaluate("recording.packets.count >= 2")).toBe(true);
    const wide = await page.locator("tautline-inspector").evaluate((element) =>
      [element, ...(element.shadowRoot?.querySelectorAll("*") ?? [])]
        .filter((part) => {
          // nothing is cut off by the element either
          const edge = element.getBoundingClientRect().right;
          return part.getBoundingClientRect().right > edge;
        })
        .map(({ className }) => className),
    );
    expect(wide).toEqual([]);
    // what a namespace has become is the end of its line
    const lines = page.locator('.notes .row[data-kind="channel"] span:last-child');
    await lines.first().waitFor();
    const cut = await lines.evaluateAll(
      (all) => all.filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth).length,
    );
    expect(cut).toBe(0);
  });

  it("ends with its element: nothing is drawn any more, the recording goes on (RCD-37)", async () => {
    const text = await page.evaluate(() => {
      const inspector = document.querySelector("tautline-inspector") as HTMLElement;
      Object.assign(globalThis, { inspector });
      inspector.remove();
      (globalThis as any).socket.emit("after");
      return inspector.shadowRoot?.textContent;
    });
    await drawings();
    expect(await page.evaluate("inspector.shadowRoot.textContent")).toBe(text);
    expect(await page.evaluate("recording.isRecording")).toBe(true);
  });
});
