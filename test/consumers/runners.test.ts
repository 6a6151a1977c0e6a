import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apps, consumers, root } from "./support/places.ts";
import { goodReport } from "./support/report.ts";
import { type Site, startSite } from "./support/site.ts";

const run = promisify(execFile);
const require = createRequire(join(consumers, "package.json"));

/** The tests of an app that uses Tautline, against a real server. */
describe("An app's tests", () => {
  let site: Site;

  beforeAll(async () => {
    site = await startSite({ headers: { "Access-Control-Allow-Origin": "*" } });
  });
  afterAll(() => site?.close());

  /** What a test runner of its own says. Rejects when it is not content. */
  async function output(script: string, args: string[], flags: string[] = []): Promise<string> {
    const { NODE_ENV: _, VITEST: __, ...env } = process.env;
    const { stdout, stderr } = await run(process.execPath, [...flags, script, ...args], {
      cwd: apps,
      timeout: 40_000,
      env: { ...env, SITE: site.url, GOOD_REPORT: JSON.stringify(goodReport), NO_COLOR: "1" },
    });
    return stdout + stderr;
  }

  const jest = (version: number): string => require.resolve(`jest${version}/bin/jest`);

  describe.each([29, 30])("in Jest %d", (version) => {
    it.each(["node", "jsdom"])("pass in the environment %s (PKG-35)", async (environment) => {
      const isNode = environment === "node";
      const config = {
        rootDir: join(apps, "jest"),
        testMatch: ["**/*.test.js"],
        testEnvironment: isNode ? "node" : require.resolve(`jest${version}-jsdom`),
        ...(isNode ? {} : { testEnvironmentOptions: { url: site.url } }),
      };
      const told = await output(jest(version), ["--ci", "--config", JSON.stringify(config)]);
      expect(told).toMatch(/Tests: +2 passed, 2 total/);
      expect(told).not.toMatch(/did not exit|open handle|console\.(error|warn)/);
    });
  });

  describe.each([29, 30])("of what happens when the network fails, in Jest %d", (version) => {
    it.each([
      ["node", {}],
      ["jsdom", {}],
      ["node", { fakeTimers: { enableGlobally: true } }],
      ["jsdom", { fakeTimers: { enableGlobally: true } }],
    ])("pass in the environment %s with %j", async (environment, options) => {
      const config = {
        rootDir: join(apps, "kit"),
        testMatch: ["**/*.test.js"],
        testEnvironment: environment === "node" ? "node" : require.resolve(`jest${version}-jsdom`),
        ...options,
      };
      const told = await output(jest(version), ["--ci", "--config", JSON.stringify(config)]);
      expect(told).toMatch(/Tests: +5 passed, 5 total/);
      expect(told).not.toMatch(/did not exit|open handle|console\.(error|warn)/);
    });
  });

  it("of what happens when the network fails pass in node:test", async () => {
    const told = await output(join(apps, "kit/node-test.mjs"), [], ["--test"]);
    expect(told).toMatch(/^. pass 3$/m);
    expect(told).toMatch(/^. fail 0$/m);
  });

  it("pass in Jest 30 as ES modules (PKG-35)", async () => {
    const config = {
      rootDir: join(apps, "jest"),
      testEnvironment: "node",
      testMatch: ["**/*.mjs"],
    };
    const told = await output(
      jest(30),
      ["--ci", "--config", JSON.stringify(config)],
      ["--experimental-vm-modules"],
    );
    expect(told).toMatch(/Tests: +1 passed, 1 total/);
  });

  it.each(["node", "jsdom"])(
    "pass in Vitest, in the environment %s (PKG-35)",
    async (environment) => {
      const vitest = join(root, "node_modules/vitest/vitest.mjs");
      const flags = ["--root", join(apps, "vitest"), "--environment", environment];
      const told = await output(vitest, ["run", ...flags]);
      expect(told).toMatch(/Tests +2 passed/);
      expect(told).not.toMatch(/std(out|err) \|/);
    },
  );
});
