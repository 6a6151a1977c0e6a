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
    "scripts/docs-site/*.js",
    "bin/*.mjs",
    "test/model/{main,worker}.ts",
    "demo/{cluster,server}.mjs",
    "demo/cluster/node.mjs",
    "demo/public/**/*.{js,jsx}",
    "demo/server/examples/*.mjs",
    "test/bench/**/*.mjs",
    "test/types/**/*.test-d.ts",
    "test/consumers/{*.test.ts,setup.ts,vitest.config.mts}",
    "test/consumers/apps/**/*.{js,cjs,mjs}",
    "test/typescript/fixtures/*.ts",
    "test/apps/*/main.{js,ts}",
    "test/react-native/{*.test.ts,vitest.config.ts}",
    "test/mutation/vitest.config.ts",
    "test/support/react-native/app-bundle.ts",
    // Imported by a component of Svelte.
    "test/recipes/svelte-socket.ts",
  ],
  // An app for Metro, with packages of its own.
  ignore: ["test/react-native/{app,node_modules}/**"],
  project: [
    "src/**/*.ts",
    "scripts/**/*.mjs",
    "bin/*.mjs",
    "demo/**/*.{js,jsx,mjs}",
    "test/**/*.{ts,mjs}",
  ],
  ignoreExportsUsedInFile: true,
  // Command line tools that scripts run by name, and packages of folders in test/ that have their own.
  ignoreDependencies: [
    "publint",
    "@arethetypeswrong/cli",
    "@react-native/metro-config",
    "metro",
    "@jest/globals",
    /^@angular\//,
  ],
  // An address of the benchmark's own web server.
  ignoreUnresolved: ["/bench/.*", "/docs/minisearch.js"],
};
