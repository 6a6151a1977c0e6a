import { bundles, inputs } from "./scripts/entries.mjs";

/** @type {import("knip").KnipConfig} */
export default {
  // The entries themselves are found through `exports`.
  entry: [
    ...inputs()
      .slice(1)
      .map(({ source }) => source),
    ...bundles.map(({ source }) => source),
    "scripts/*.mjs",
    "test/model/main.ts",
    "demo/public/**/*.js",
    "test/bench/**/*.mjs",
    "test/types/**/*.test-d.ts",
  ],
  project: ["src/**/*.ts", "scripts/**/*.mjs", "demo/**/*.{js,mjs}", "test/**/*.{ts,mjs}"],
  ignoreExportsUsedInFile: true,
  // Command line tools that scripts run by name, and bundlers whose names are data.
  ignoreDependencies: ["publint", "@arethetypeswrong/cli", "vite5", "vite7"],
  // An address of the benchmark's own web server.
  ignoreUnresolved: ["/bench/.*"],
};
