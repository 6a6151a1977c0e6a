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
    "test/model/{main,worker}.ts",
    "demo/public/**/*.js",
    "test/bench/**/*.mjs",
    "test/types/**/*.test-d.ts",
    "test/consumers/{*.test.ts,setup.ts,vitest.config.mts}",
    "test/consumers/apps/**/*.{js,mjs}",
    "test/apps/*/main.{js,ts}",
  ],
  project: ["src/**/*.ts", "scripts/**/*.mjs", "demo/**/*.{js,mjs}", "test/**/*.{ts,mjs}"],
  ignoreExportsUsedInFile: true,
  // Command line tools that scripts run by name, and what one of them downloads.
  ignoreDependencies: ["publint", "@arethetypeswrong/cli", "@react-native/metro-config"],
  // An address of the benchmark's own web server.
  ignoreUnresolved: ["/bench/.*"],
};
