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
    // Imported by a component of Svelte.
    "test/recipes/svelte-socket.ts",
  ],
  project: ["src/**/*.ts", "scripts/**/*.mjs", "demo/**/*.{js,mjs}", "test/**/*.{ts,mjs}"],
  ignoreExportsUsedInFile: true,
  // Command line tools that scripts run by name, and what one of them downloads.
  ignoreDependencies: [
    "publint",
    "@arethetypeswrong/cli",
    "@react-native/metro-config",
    /^@angular\//,
  ],
  // An address of the benchmark's own web server.
  ignoreUnresolved: ["/bench/.*"],
};
