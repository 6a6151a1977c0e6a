import { join } from "node:path";
import { defineConfig } from "vitest/config";

const reports = process.env["TAUTLINE_TEST_REPORTS"];

/** Apart from the other projects, because they need packages that the root does not have: `npm run test:consumers`. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    reporters: reports
      ? ["default", ["json", { outputFile: join(reports, "consumers.json") }]]
      : ["default"],
    include: ["*.test.ts"],
    globalSetup: ["setup.ts", "../support/browser-notice.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
