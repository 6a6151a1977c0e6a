import { entries } from "./scripts/entries.mjs";

/** @type {import("knip").KnipConfig} */
export default {
  entry: [
    ...entries.map(({ source }) => source),
    "src/cdn.ts",
    "scripts/*.mjs",
    "demo/server.mjs",
    "demo/public/**/*.js",
    "test/bench/**/*.mjs",
    "test/types/**/*.test-d.ts",
  ],
  project: ["src/**/*.ts", "scripts/**/*.mjs", "demo/**/*.{js,mjs}", "test/**/*.{ts,mjs}"],
  ignoreBinaries: ["apt-get"],
  // The command line tools that scripts run by name.
  ignoreDependencies: ["publint", "@arethetypeswrong/cli", "@vitest/coverage-v8"],
};
