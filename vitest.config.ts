import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { compile } from "svelte/compiler";
import { defineConfig, type Plugin } from "vitest/config";
import { inputs } from "./scripts/entries.mjs";

const withDist = { globalSetup: ["test/support/build.ts"] };

/** A folder for numbers for machines, beside the lines for people. */
const reports = process.env["TAUTLINE_TEST_REPORTS"];

/**
 * A folder of built entries that stand in for their sources, where tests import those: see
 * scripts/test-built.mjs.
 */
const built = process.env["TAUTLINE_BUILD"];

function builtEntries(folder: string): Plugin {
  const files = new Map(
    inputs().map(({ name, source }) => [resolve(source), join(folder, `${name}.js`)]),
  );
  return {
    name: "built-entries",
    enforce: "pre",
    resolveId(id, importer) {
      if (importer === undefined || !id.startsWith(".")) return null;
      return files.get(resolve(dirname(importer), id.replace(/\.js$/, ".ts"))) ?? null;
    },
  };
}

/** What is waited for comes, or the test ends: a second, the default, is less than a busy machine may stand still. */
const patient = { expect: { poll: { timeout: 15_000 } } };

/**
 * The same tests with older packages, once they are installed: npm ci --prefix test/react18
 *
 * @param find - what is taken from there: the name in brackets
 */
function older(name: string, find: RegExp, include: string[]) {
  const modules = resolve("test", name, "node_modules");
  if (!existsSync(modules)) return [];
  return [
    {
      resolve: { alias: [{ find, replacement: `${modules}/$1` }] },
      test: {
        ...patient,
        name,
        include,
        setupFiles: ["test/support/host.ts"],
        testTimeout: 20_000,
        sequence: { groupOrder: 1 },
      },
    },
  ];
}

/** For its recipe, once it is installed: npm ci --prefix test/angular */
const hasAngular = existsSync(resolve("test/angular/node_modules"));

const svelte: Plugin = {
  name: "svelte",
  transform: (code, id) =>
    id.endsWith(".svelte") ? compile(code, { filename: id, generate: "client" }).js : null,
};

/** What the pages of the demo and the docs show and do: two files at a time, as none of them depends on when the machine is idle. */
const ofSite = [
  "test/browser/demo*.test.ts",
  "test/browser/docs-*.test.ts",
  "test/browser/simulator.test.ts",
  "test/browser/tutorial.test.ts",
];

export default defineConfig({
  test: {
    reporters: reports
      ? ["default", ["json", { outputFile: join(reports, "tests.json") }]]
      : ["default"],
    maxWorkers: 2,
    projects: [
      // some compute for seconds, and wait for nothing: on a busy machine Vitest's own limit of 5 s ends them
      {
        test: {
          ...patient,
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          ...patient,
          name: "model",
          include: ["test/model/**/*.test.ts"],
          testTimeout: 60_000,
        },
      },
      { test: { name: "contract", include: ["test/contract/**/*.test.ts"], testTimeout: 10_000 } },
      {
        test: {
          name: "types",
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ["test/types/**/*.test-d.ts"],
            tsconfig: "test/types/tsconfig.json",
          },
        },
      },
      {
        plugins: built ? [builtEntries(built)] : [],
        test: {
          ...patient,
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          setupFiles: ["test/support/host.ts"],
          testTimeout: 20_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        plugins: [svelte],
        resolve: {
          // Node's conditions lead to what these have for servers
          alias: [
            { find: /^svelte$/, replacement: resolve("node_modules/svelte/src/index-client.js") },
            {
              find: /^svelte\/reactivity$/,
              replacement: resolve("node_modules/svelte/src/reactivity/index-client.js"),
            },
            { find: /^solid-js$/, replacement: resolve("node_modules/solid-js/dist/solid.js") },
            {
              find: /^solid-js\/web$/,
              replacement: resolve("node_modules/solid-js/web/dist/web.js"),
            },
          ],
        },
        oxc: { jsx: { runtime: "automatic" } },
        test: {
          ...patient,
          name: "recipes",
          include: ["test/recipes/**/*.test.ts", ...(hasAngular ? ["test/angular/*.test.ts"] : [])],
          server: { deps: { inline: [/solid-js/] } },
          setupFiles: ["test/support/host.ts"],
          testTimeout: 20_000,
          sequence: { groupOrder: 1 },
        },
      },
      ...older("react18", /^(react|react-dom|@testing-library\/react)(?=\/|$)/, [
        "test/unit/react/**/*.test.ts",
        "test/integration/react-*.test.ts",
      ]),
      ...older("vue33", /^(vue)(?=\/|$)/, ["test/integration/vue-*.test.ts"]),
      {
        test: {
          ...withDist,
          name: "package",
          include: ["test/package/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          globalSetup: [...withDist.globalSetup, "test/support/browser-notice.ts"],
          ...patient,
          name: "browser",
          include: ["test/browser/**/*.test.ts"],
          exclude: ofSite,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          globalSetup: [...withDist.globalSetup, "test/support/browser-notice.ts"],
          ...patient,
          name: "site",
          include: ofSite,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // as long as Playwright's own: what is waited for has no deadline of its own
          expect: { poll: { timeout: 30_000 } },
          sequence: { groupOrder: 4 },
        },
      },
      {
        test: {
          globalSetup: [...withDist.globalSetup, "test/support/browser-notice.ts"],
          ...patient,
          name: "apps",
          include: ["test/apps/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 5 },
        },
      },
    ],
  },
});
