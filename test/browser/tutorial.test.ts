import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeInBrowser, launchBrowser } from "../support/browser.ts";
import { docFiles } from "../support/doc-files.ts";
import { createFaultProxy, type FaultProxy } from "../support/fault-proxy.mjs";

/*
 * docs/tutorial.md, as a reader does it: the blocks in their order, in an empty folder, with the commands of the page. A
 * version of the chat is complete when its server and its page have been written. Each server has a port that the system
 * gives it; to the pages, all are at the address of one proxy.
 */
const root = fileURLToPath(new URL("../../", import.meta.url));
const bin = (name: string): string => join(root, "node_modules/.bin", name);

/** Runs before a server, and tells at which port it listens. */
const TELL_PORT = `
  import { Server } from "node:net";
  const { listen } = Server.prototype;
  Server.prototype.listen = function (...args) {
    this.once("listening", () => process.send(this.address().port));
    return listen.apply(this, args);
  };`;

describeInBrowser("docs/tutorial.md", () => {
  let folder: string;
  const target = { host: "127.0.0.1", port: 0 };
  let proxy: FaultProxy;
  let server: ChildProcess;
  let browser: Browser;
  const files = docFiles("docs/tutorial.md");

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "tautline-tutorial-"));
    mkdirSync(join(folder, "node_modules"));
    for (const name of ["socket.io", "express"])
      symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name), "junction");
    symlinkSync(root, join(folder, "node_modules/tautline"), "junction");
    proxy = await createFaultProxy({ target });
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await stop();
    await browser?.close();
    await proxy?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Writes the next `count` blocks of the page. */
  function write(count: number): string[] {
    const next = files.splice(0, count);
    for (const { name, text } of next) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return next.map(({ name }) => name);
  }

  function bundle(): void {
    const options = ["chat.js", "--bundle", "--format=esm", "--outfile=public/chat.js"];
    execFileSync(bin("esbuild"), [...options, "--log-level=error"], { cwd: folder });
  }

  async function start(): Promise<void> {
    const before = `data:text/javascript,${encodeURIComponent(TELL_PORT)}`;
    server = spawn(process.execPath, ["--import", before, "server.mjs"], {
      cwd: folder,
      env: { ...process.env, PORT: "0" },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    let output = "";
    target.port = await new Promise<number>((resolve, reject) => {
      const read = (data: Buffer): void => void (output += data.toString());
      server.stdout?.on("data", read);
      server.stderr?.on("data", read);
      server.once("message", (port) => resolve(Number(port)));
      server.once("close", () => reject(new Error(output)));
    });
  }

  async function stop(): Promise<void> {
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const ended = new Promise((resolve) => server.once("exit", resolve));
    server.kill("SIGKILL");
    await ended;
  }

  async function open(path = "/"): Promise<Page> {
    const page = await browser.newPage();
    await page.goto(proxy.url + path);
    return page;
  }

  const say = async (page: Page, text: string): Promise<void> => {
    await page.fill("input", text);
    await page.click("button");
  };
  const lines = (page: Page): Promise<string[]> => page.locator("li").allTextContents();
  const sees = (page: Page, text: string): Promise<void> =>
    page.locator("li", { hasText: text }).first().waitFor();
  const status = (page: Page, text: string): Promise<void> =>
    page.locator("p", { hasText: text }).waitFor();

  it("steps 2 and 3: a line appears in both windows, and one that was written meanwhile arrives", async () => {
    expect(write(3)).toEqual(["server.mjs", "public/index.html", "chat.js"]);
    bundle();
    await start();
    const [one, other] = [await open(), await open()];
    await status(one, "connected");
    await status(other, "connected");
    await say(one, "hello");
    await Promise.all([sees(one, "hello"), sees(other, "hello")]);

    await stop();
    await status(one, "disconnected: ");
    await say(one, "written meanwhile");
    await start();
    await sees(one, "written meanwhile");
    for (const page of [one, other]) await page.close();
  });

  it("step 4: users have names, and the server can refuse", async () => {
    expect(write(2)).toEqual(["server.mjs", "chat.js"]);
    bundle();
    await stop();
    await start();
    const [ann, bob] = [await open("/?name=ann"), await open("/?name=bob")];
    await status(ann, "connected");
    await status(bob, "connected");
    await say(ann, "hello");
    await sees(bob, "ann: hello");
    await say(bob, "x".repeat(201));
    await sees(bob, "not sent: at most 200 characters");
    const nameless = await open("/?name=not+a+name");
    await status(nameless, "a name has 1 to 20 letters");
    for (const page of [ann, bob, nameless]) await page.close();
  });

  it("step 5: nothing is lost and nothing comes twice, through cuts", async () => {
    expect(write(2)).toEqual(["server.mjs", "chat.js"]);
    bundle();
    await stop();
    await start();
    const ann = await open("/?name=ann");
    const bob = await open("/?name=bob");
    await status(ann, "connected");
    await status(bob, "connected");
    const expected: string[] = [];
    for (let n = 0; n < 20; n++) {
      await say(ann, `line ${n}.`);
      expected.push(`ann: line ${n}.`);
      if (n % 5 === 4) proxy.cut();
    }
    await sees(ann, "line 19.");
    await sees(bob, "line 19.");
    expect(await lines(ann)).toEqual(expected);
    expect(await lines(bob)).toEqual(expected);
    for (const page of [ann, bob]) await page.close();
  });

  it("step 6: the test passes", () => {
    expect(write(1)).toEqual(["chat.test.mjs"]);
    const output = execFileSync(process.execPath, ["--test"], { cwd: folder, encoding: "utf8" });
    expect(output).toContain("pass 1");
    expect(files).toEqual([]);
  });
});
