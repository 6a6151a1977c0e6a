/** The tests of this folder, which need `npm ci` here first: `npm run test:react-native`. */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const report = process.env["TAUTLINE_TEST_REPORT"];

export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    name: "react-native",
    include: ["test/react-native/*.test.ts"],
    globalSetup: ["test/support/build.ts", "test/support/react-native/app-bundle.ts"],
    reporters: report ? ["default", ["json", { outputFile: report }]] : ["default"],
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});
