import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apps, consumers } from "./support/places.ts";
import { goodReport } from "./support/report.ts";
import { type Site, startSite } from "./support/site.ts";

const run = promisify(execFile);

/** The oldest that package.json names, and those after the one that runs the tests. */
describe.each([18, 22, 24])("A program in Node %d", (version) => {
  const node = join(consumers, `node_modules/node${version}-${process.arch}/bin/node`);
  let site: Site;

  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site?.close());

  it("is run by that version", async () => {
    const { stdout } = await run(node, ["--version"]);
    expect(stdout).toMatch(`v${version}.`);
  });

  it.each(["program.mjs", "program.cjs"])("connects, and ends by itself: %s", async (file) => {
    const { stdout, stderr } = await run(node, [join(apps, "node", file)], {
      env: { SITE: site.url },
      timeout: 30_000,
    });
    expect(stdout).toBe(`report: ${JSON.stringify(goodReport)}\n`);
    expect(stderr).toBe("");
  });
});
