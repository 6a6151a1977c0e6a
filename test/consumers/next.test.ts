import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { describeInBrowser, launchBrowser } from "../support/browser.ts";
import { apps, consumers } from "./support/places.ts";
import { goodReport, reportOf, shortReport } from "./support/report.ts";
import { type Site, startSite } from "./support/site.ts";

const command = join(consumers, "node_modules/next/dist/bin/next");
const folder = join(apps, "next");

type Form = "server" | "export";

/** The pages of the app, and what each tells. */
const pages = [
  ["the app router", "/", goodReport],
  ["the app router, with a socket that a module makes", "/bare", shortReport],
  ["the app router, with the hooks", "/hooks", shortReport],
  ["the pages router", "/pages-router", goodReport],
  ["the pages router, with a socket that a module makes", "/pages-bare", shortReport],
] as const;

function next(form: Form, ...args: string[]): { child: ChildProcess; said: () => string } {
  // The test runner's own mode is none of Next's.
  const { NODE_ENV: _, ...env } = process.env;
  const child = spawn(process.execPath, [command, ...args], {
    cwd: folder,
    env: { ...env, FORM: form, NEXT_TELEMETRY_DISABLED: "1", NO_COLOR: "1" } as NodeJS.ProcessEnv,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (data: Buffer) => (text += String(data)));
  }
  return { child, said: () => text };
}

async function build(form: Form): Promise<void> {
  const { child, said } = next(form, "build");
  const [status] = (await once(child, "close")) as [number | null];
  expect(status, said()).toBe(0);
}

/** Starts Next at a free port, and gives the port when it is ready. */
async function serve(...args: string[]): Promise<{ child: ChildProcess; port: number }> {
  const { child, said } = next("server", ...args, "--port", "0");
  const port = await new Promise<number>((resolve, reject) => {
    const look = (): void => {
      const found = /http:\/\/localhost:(\d+)[^]*Ready/.exec(said())?.[1];
      if (found) resolve(Number(found));
    };
    child.stdout?.on("data", look);
    child.once("close", () => reject(new Error(said())));
  });
  return { child, port };
}

async function stop(child: ChildProcess): Promise<void> {
  const closed = once(child, "close");
  child.kill();
  await closed;
}

describeInBrowser("An app of Next.js", () => {
  let browser: Browser;
  let site: Site | undefined;

  beforeAll(async () => {
    for (const built of [".next", ".next-server", ".next-export"]) {
      rmSync(join(folder, built), { recursive: true, force: true });
    }
    [browser] = await Promise.all([launchBrowser(), build("server"), build("export")]);
  });
  afterAll(() => browser?.close());
  afterEach(() => site?.close());

  it.each(pages)("connects as a static export: %s (PKG-31)", async (_name, path, report) => {
    site = await startSite({ folders: [join(folder, ".next-export")] });
    expect(await reportOf(browser, site.url + path)).toEqual(report);
  });

  describe.each([
    ["start", pages],
    // Each page is compiled when it is asked for: two are enough.
    ["dev", pages.slice(0, 2)],
  ] as const)("by next %s", (mode, some) => {
    let child: ChildProcess | undefined;
    let port: number;

    beforeAll(async () => {
      ({ child, port } = await serve(mode));
    });
    afterAll(() => child && stop(child));

    it.each(some)("connects: %s (PKG-31)", async (_name, path, report) => {
      site = await startSite({ behind: port });
      expect(await reportOf(browser, site.url + path)).toEqual(report);
    });
  });
});
