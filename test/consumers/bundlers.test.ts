import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "acorn";
import type { Browser } from "playwright-core";
import type * as vite7 from "vite7";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { bundleApp, bundlerNames, esbuildBuild, viteBuild } from "../../scripts/bundlers.mjs";
import { describeInBrowser, launchBrowser } from "../support/browser.ts";
import { apps, installed } from "./support/places.ts";
import { goodReport, reportOf } from "./support/report.ts";
import { type Site, startSite } from "./support/site.ts";

/** Each with the settings of a new project. */
const bundlers = new Map<string, string | ((file: string, mode: string) => Promise<string>)>([
  ...bundlerNames.map((name) => [name, name] as const),
  ["vite6", async (file, mode) => viteBuild(await viteOf("vite6"), file, mode)],
]);

/** The years that esbuild compiles classes, async functions and the rest down to. */
const YEARS = [2015, 2016, 2017, 2018, 2019, 2020, 2021, 2022];

const viteOf = (name: string): Promise<typeof vite7> => import(name) as Promise<typeof vite7>;

describeInBrowser("An app that is bundled", () => {
  let browser: Browser;
  let site: Site | undefined;
  const packages = { tautline: installed };
  const app = ["conversation.js", "bundled.js"]
    .map((file) => readFileSync(join(apps, file), "utf8"))
    .join("\n")
    .replace(`import "./conversation.js";`, "");

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());
  afterEach(() => site?.close());

  async function reportOfBundle(code: string): Promise<unknown> {
    const page = `<!doctype html><title>Bundled</title><script type="module" src="/app.js"></script>`;
    site = await startSite({ files: { "/": page, "/app.js": code } });
    return reportOf(browser, site.url);
  }

  it.each([...bundlers])("connects, hears and answers (%s) (PKG-30)", async (_name, bundler) => {
    const code = await bundleApp(bundler, app, { packages });
    expect(await reportOfBundle(code)).toEqual(goodReport);
    // Words that the library has once: of two copies, one would not know the other's sockets.
    expect(code.match(/xhr poll/g)).toHaveLength(1);
  });

  it.each(YEARS)("does so when esbuild compiles it for ES%d (PKG-30)", async (year) => {
    const toYear = (file: string): Promise<string> => esbuildBuild(file, `es${year}`);
    const code = await bundleApp(toYear, app, { packages });
    expect(() => parse(code, { ecmaVersion: year as 2020, sourceType: "module" })).not.toThrow();
    expect(await reportOfBundle(code)).toEqual(goodReport);
  });

  it.each(["vite5", "vite6", "vite7"])(
    "does so from the development server of %s (PKG-30)",
    async (name) => {
      const { createServer } = await viteOf(name);
      site = await startSite();
      const cacheDir = mkdtempSync(join(tmpdir(), "tautline-vite-"));
      const server = await createServer({
        root: join(apps, "vite"),
        configFile: false,
        logLevel: "silent",
        cacheDir,
        server: {
          port: 0,
          host: "127.0.0.1",
          watch: null,
          fs: { allow: [apps, installed, cacheDir] },
          proxy: { "/socket.io": { target: site.url, ws: true } },
        },
      });
      try {
        await server.listen();
        const [url = ""] = server.resolvedUrls?.local ?? [];
        expect(await reportOf(browser, url)).toEqual(goodReport);
      } finally {
        await server.close();
        rmSync(cacheDir, { recursive: true, force: true });
      }
    },
  );
});
