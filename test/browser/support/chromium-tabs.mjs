/**
 * A Chromium of one's own with many tabs of one profile, and what can happen to a tab.
 *
 *   const browser = await launchChromiumTabs();
 *   const tab = await browser.newTab(url);
 *   await tab.evaluate("1 + 1");
 *   await tab.crash();
 *   await browser.close();
 *
 * To extend: another way for a tab to end is another method of `Tab`.
 */
import { launch } from "puppeteer-core";
import { CHROMIUM_FLAGS, UNTHROTTLING_FLAGS } from "../../support/chromium-flags.mjs";
import { busiestOfTree } from "../../support/process-tree.mjs";

const PATIENCE = 60_000;
const chromium = () => process.env.CHROME_PATH || "/usr/bin/chromium";

/** @param options `{ userDataDir }`: a profile that outlives the browser */
export async function launchChromiumTabs({ userDataDir, executablePath = chromium() } = {}) {
  const browser = await launch({
    executablePath,
    headless: true,
    ...(userDataDir && { userDataDir }),
    // hidden tabs are to be throttled as on a desk
    ignoreDefaultArgs: UNTHROTTLING_FLAGS,
    args: [
      ...CHROMIUM_FLAGS,
      // a crash takes one tab along, not those that share its process
      "--renderer-process-limit=100",
    ],
    protocolTimeout: PATIENCE,
  });
  return new ChromiumTabs(browser);
}

class ChromiumTabs {
  name = "Chromium";

  constructor(browser) {
    this.browser = browser;
  }

  get process() {
    return this.browser.process();
  }

  async newTab(url) {
    const tab = new Tab(await this.browser.newPage(), this.process.pid);
    await tab.goto(url);
    return tab;
  }

  /** A tab in a window of its own, so that it is visible beside others. */
  async newWindow(url) {
    const devtools = await this.browser.target().createCDPSession();
    const known = new Set(this.browser.targets());
    const created = this.browser.waitForTarget((one) => one.type() === "page" && !known.has(one));
    await devtools.send("Target.createTarget", { url: "about:blank", newWindow: true });
    const target = await created;
    const tab = new Tab(await target.page(), this.process.pid);
    await tab.goto(url);
    return tab;
  }

  version() {
    return this.browser.version();
  }

  async close() {
    await this.browser.close();
  }

  /** As `kill -9` of all of its processes: nothing in it has a chance to write down anything. */
  async kill() {
    const { process: leader } = this;
    const gone = new Promise((resolve) => leader.once("exit", resolve));
    // puppeteer starts it as the leader of a process group of its own
    process.kill(-leader.pid, "SIGKILL");
    await gone;
  }
}

class Tab {
  constructor(page, root) {
    this.page = page;
    this.root = root;
  }

  async goto(url) {
    await this.page.goto(url, { timeout: PATIENCE });
  }

  evaluate(expression) {
    return this.page.evaluate(expression);
  }

  async until(expression) {
    await this.page.waitForFunction(expression, { polling: 10, timeout: PATIENCE });
  }

  async front() {
    await this.page.bringToFront();
  }

  async reload() {
    await this.page.reload({ timeout: PATIENCE });
  }

  async close() {
    await this.page.close();
  }

  /** Its renderer process ends at once. What remains is a tab with a sad face, which is closed. */
  async crash() {
    const crashed = new Promise((resolve) => this.page.once("error", resolve));
    const devtools = await this.page.createCDPSession();
    devtools.send("Page.crash").catch(() => {});
    await crashed;
  }

  /** Chromium does not tell which of its processes a page lives in. */
  async findProcess() {
    const busy = "for (const end = Date.now() + 300; Date.now() < end; );";
    this.renderer = await busiestOfTree(this.root, () => this.evaluate(busy));
  }

  /** As `crash`, by a signal, so that not even the renderer hears of it. */
  async kill() {
    const crashed = new Promise((resolve) => this.page.once("error", resolve));
    process.kill(this.renderer, "SIGKILL");
    await crashed;
  }

  async freeze() {
    await this.#lifecycle("frozen");
  }

  async resume() {
    await this.#lifecycle("active");
  }

  /** Its main thread does nothing else for so long, as in a loop that an app has written. */
  async stall(milliseconds) {
    await this.evaluate(
      `void setTimeout(() => { const end = Date.now() + ${milliseconds}; while (Date.now() < end); })`,
    );
  }

  async #lifecycle(state) {
    this.devtools ??= await this.page.createCDPSession();
    await this.devtools.send("Page.setWebLifecycleState", { state });
  }
}
