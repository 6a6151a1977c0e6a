/**
 * Firefox and WebKit behind one small interface, for tests that want to run in each of them.
 *
 *   const browser = await engine.launch();
 *   await browser.goto(url);
 *   await browser.evaluate("1 + 1");
 *   await browser.until("document.readyState === 'complete'");
 *   await browser.close();
 *
 * To extend: another engine is another entry of `engines`: how to find it, what to install, and how to launch it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Browser as BrowserName, Builder, Capabilities, type WebDriver } from "selenium-webdriver";
import type { Page } from "puppeteer-core";
import { describe, expect, it } from "vitest";
import { busiestOfTree } from "../../support/process-tree.mjs";
import { freePort } from "../../support/free-port.ts";
import { find, findFirefox, launchFirefox } from "./puppets.ts";

export interface EngineBrowser {
  goto(url: string): Promise<void>;
  back(): Promise<void>;
  evaluate(expression: string): Promise<unknown>;
  until(expression: string): Promise<void>;
  /** One more tab of the same profile. The one that the methods above speak to remains theirs. */
  newTab(url: string): Promise<EngineTab>;
  close(): Promise<void>;
}

export interface EngineTab {
  goto(url: string): Promise<void>;
  reload(): Promise<void>;
  evaluate(expression: string): Promise<unknown>;
  until(expression: string): Promise<void>;
  /** Its main thread does nothing else for so long, as in a loop that an app has written. */
  stall(milliseconds: number): Promise<void>;
  /** Finds its process and ends it. Not in WebKit, whose driver then ends the browser. */
  findProcess?(): Promise<void>;
  kill?(): Promise<void>;
  close(): Promise<void>;
}

export interface Engine {
  name: string;
  /** Without it, the tests are skipped where the engine is missing. */
  required: string;
  missing: string;
  /** Firefox keeps no page with an open connection, and decides that before the page hears of it. */
  cachesConnectedPages: boolean;
  /** What can happen to a tab here beyond what a person does. */
  deaths: string[];
  isThere(): boolean;
  launch(): Promise<EngineBrowser>;
}

const PATIENCE = 20_000;

const webKitDriver = (): string | undefined => find("WEBKIT_DRIVER_PATH", ["WebKitWebDriver"]);
const miniBrowser = (): string | undefined =>
  find("MINIBROWSER_PATH", [
    "MiniBrowser",
    "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
    "/usr/lib/aarch64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
  ]);
const xvfb = (): string | undefined => find("XVFB_PATH", ["Xvfb"]);

export const engines: Engine[] = [
  {
    name: "Firefox",
    required: "TAUTLINE_REQUIRE_FIREFOX",
    missing: "Install it (Debian: firefox-esr), or set FIREFOX_PATH to its executable.",
    cachesConnectedPages: false,
    // tabs of one site share processes: what a script does to one happens to others too
    deaths: [],
    isThere: () => findFirefox() !== undefined,
    launch: firefox,
  },
  {
    name: "WebKit",
    required: "TAUTLINE_REQUIRE_WEBKIT",
    missing: "Install it (Debian: webkit2gtk-driver xvfb).",
    cachesConnectedPages: true,
    deaths: ["stall"],
    isThere: () =>
      webKitDriver() !== undefined &&
      miniBrowser() !== undefined &&
      find("", ["Xvfb"]) !== undefined,
    launch: webKit,
  },
];

/** A suite that needs one of them. */
export function describeInEngine(subject: string, engine: Engine, suite: () => void): void {
  const name = `${subject} in ${engine.name}`;
  const missing = `No ${engine.name} was found: its tests do not run. ${engine.missing}`;
  if (engine.isThere()) {
    describe(name, suite);
  } else if (process.env[engine.required] === "1") {
    describe(name, () => {
      it(`finds the browser that ${engine.required} asks for`, () => {
        expect.fail(missing);
      });
    });
  } else {
    console.warn(`\n${missing}\n`);
    describe.runIf(false)(name, suite);
  }
}

async function firefox(): Promise<EngineBrowser> {
  const browser = await launchFirefox();
  const root = browser.process()?.pid as number;
  const page = await browser.newPage();
  return {
    ...firefoxTab(page, root),
    async back() {
      await page.goBack();
    },
    async newTab(url) {
      const tab = firefoxTab(await browser.newPage(), root);
      await tab.goto(url);
      return tab;
    },
    close: () => browser.close(),
  };
}

function firefoxTab(page: Page, root: number): EngineTab {
  let found: number;
  return {
    async goto(url) {
      await page.goto(url);
    },
    async reload() {
      await page.reload();
    },
    evaluate: (expression) => page.evaluate(expression),
    async until(expression) {
      await page.waitForFunction(expression, { polling: 20, timeout: PATIENCE });
    },
    async stall(milliseconds) {
      await page.evaluate(busyLater(milliseconds));
    },
    async findProcess() {
      found = await busiestOfTree(root, () => page.evaluate(busy(300)));
    },
    async kill() {
      process.kill(found, "SIGKILL");
    },
    close: () => page.close(),
  };
}

const busy = (milliseconds: number): string =>
  `for (const end = Date.now() + ${milliseconds}; Date.now() < end; );`;
const busyLater = (milliseconds: number): string =>
  `void setTimeout(() => { ${busy(milliseconds)} })`;

/** WebKitGTK's little browser, on a screen that nobody sees: it needs one. */
async function webKit(): Promise<EngineBrowser> {
  const screen = spawn(xvfb() as string, ["-displayfd", "3", "-screen", "0", "800x600x24"], {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  const [display] = (await once(screen.stdio[3] as NodeJS.ReadableStream, "data")) as [Buffer];
  const port = await freePort();
  const driverProcess = spawn(webKitDriver() as string, ["-p", String(port)], {
    stdio: "ignore",
    env: {
      ...process.env,
      DISPLAY: `:${String(display).trim()}`,
      // a sandbox of its own, and graphics hardware, are not to be had everywhere
      WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1",
      LIBGL_ALWAYS_SOFTWARE: "1",
    },
  });
  const end = (): void => [driverProcess, screen].forEach((one: ChildProcess) => one.kill());
  try {
    const capabilities = new Capabilities({
      browserName: "MiniBrowser",
      "webkitgtk:browserOptions": { binary: miniBrowser(), args: ["--automation"] },
    });
    const server = `http://127.0.0.1:${port}`;
    await listening(server);
    const driver = await new Builder()
      .usingServer(server)
      .disableEnvironmentOverrides()
      .forBrowser(BrowserName.SAFARI)
      .withCapabilities(capabilities)
      .build();
    await driver.manage().setTimeouts({ script: PATIENCE, pageLoad: PATIENCE });
    const windows = new WebKitWindows(driver);
    const first = windows.tab(await driver.getWindowHandle());
    return {
      ...first,
      back: () => driver.navigate().back(),
      async newTab(url) {
        const tab = windows.tab(await windows.open());
        await tab.goto(url);
        return tab;
      },
      async close() {
        await driver.quit();
        end();
      },
    };
  } catch (error) {
    end();
    throw error;
  }
}

/** A WebDriver speaks to one window at a time, so whatever is asked of several takes its turn. */
class WebKitWindows {
  private _turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly _driver: WebDriver) {}

  open(): Promise<string> {
    return this._next(async () => {
      // the one that it spoke to last may be closed
      const [any = ""] = await this._driver.getAllWindowHandles();
      await this._driver.switchTo().window(any);
      await this._driver.switchTo().newWindow("tab");
      return this._driver.getWindowHandle();
    });
  }

  tab(handle: string): EngineTab {
    const inTab = <T>(work: (driver: WebDriver) => Promise<T>): Promise<T> =>
      this._next(async () => {
        await this._driver.switchTo().window(handle);
        return work(this._driver);
      });
    return {
      goto: (url) => inTab((driver) => driver.get(url)),
      reload: () => inTab((driver) => driver.navigate().refresh()),
      evaluate: (expression) => inTab((driver) => driver.executeScript(`return ${expression}`)),
      until: async (expression) => {
        await this._driver.wait(
          () => inTab((driver) => driver.executeScript(`return Boolean(${expression})`)),
          PATIENCE,
          expression,
          20,
        );
      },
      stall: (milliseconds) => inTab((driver) => driver.executeScript(busyLater(milliseconds))),
      close: () => inTab((driver) => driver.close()),
    };
  }

  private _next<T>(work: () => Promise<T>): Promise<T> {
    const done = this._turn.then(work);
    this._turn = done.catch(() => undefined);
    return done;
  }
}

/** The driver answers. */
async function listening(server: string): Promise<void> {
  for (let tries = 0; tries < PATIENCE / 50; tries++) {
    try {
      await fetch(`${server}/status`);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error("WebKitWebDriver does not answer");
}
