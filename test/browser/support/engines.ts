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
import { Browser as BrowserName, Builder, Capabilities } from "selenium-webdriver";
import { closedPort } from "../../support/servers.ts";
import { find, findFirefox, launchFirefox } from "./puppets.ts";

export interface EngineBrowser {
  goto(url: string): Promise<void>;
  back(): Promise<void>;
  evaluate(expression: string): Promise<unknown>;
  until(expression: string): Promise<void>;
  close(): Promise<void>;
}

export interface Engine {
  name: string;
  /** Without it, the tests are skipped where the engine is missing. */
  required: string;
  missing: string;
  /** Firefox keeps no page with an open connection, and decides that before the page hears of it. */
  cachesConnectedPages: boolean;
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
    isThere: () => findFirefox() !== undefined,
    launch: firefox,
  },
  {
    name: "WebKit",
    required: "TAUTLINE_REQUIRE_WEBKIT",
    missing: "Install it (Debian: webkit2gtk-driver xvfb).",
    cachesConnectedPages: true,
    isThere: () =>
      webKitDriver() !== undefined &&
      miniBrowser() !== undefined &&
      find("", ["Xvfb"]) !== undefined,
    launch: webKit,
  },
];

async function firefox(): Promise<EngineBrowser> {
  const browser = await launchFirefox();
  const page = await browser.newPage();
  return {
    async goto(url) {
      await page.goto(url);
    },
    async back() {
      await page.goBack();
    },
    evaluate: (expression) => page.evaluate(expression),
    async until(expression) {
      await page.waitForFunction(expression, { polling: 20, timeout: PATIENCE });
    },
    close: () => browser.close(),
  };
}

/** WebKitGTK's little browser, on a screen that nobody sees: it needs one. */
async function webKit(): Promise<EngineBrowser> {
  const screen = spawn(xvfb() as string, ["-displayfd", "3", "-screen", "0", "800x600x24"], {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  const [display] = (await once(screen.stdio[3] as NodeJS.ReadableStream, "data")) as [Buffer];
  const port = await closedPort();
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
    return {
      goto: (url) => driver.get(url),
      back: () => driver.navigate().back(),
      evaluate: (expression) => driver.executeScript(`return ${expression}`),
      async until(expression) {
        await driver.wait(() => driver.executeScript(`return Boolean(${expression})`), PATIENCE);
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

/** The driver answers. */
async function listening(server: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    try {
      await fetch(`${server}/status`);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error("WebKitWebDriver does not answer");
}
