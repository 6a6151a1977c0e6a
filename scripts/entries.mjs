/**
 * The one table of what an app may import. The build, the package's `exports`, the folders that old
 * Metro needs and the package tests are all made from it.
 *
 * To add an entry: add a line here, then run `npm run sync`.
 *
 * @typedef {object} Entry
 * @property {string} subpath what an app writes after the package's name
 * @property {string} source the module that it stands for
 * @property {string} [development] the module that stands in for it under the condition "development", which
 *   bundlers set while somebody develops: the same exports and types
 * @property {string} [node] the module that stands in for it under the condition "node": the same exports and types
 * @property {string} [nodeDevelopment] the same under both conditions
 * @property {string} [callable] the export that `require()` of this entry returns, as a function
 *   carrying the other exports
 * @property {boolean} [isFolderless] it has no physical folder: one of that name holds something else
 *
 * @typedef {object} Bundle A self-contained file, to be served as it is: an address of a CDN, not an import.
 * @property {string} file its name in `dist`
 * @property {string} source
 * @property {string} [global] for script tags: the global that its default export becomes. An ES module without it
 * @property {string} entry the name of the entry whose types it has
 * @property {readonly string[]} [adds] for script tags: the exports of the entry that `io` has beside its own, if not all
 * @property {boolean} isMinified
 */

/** The syntax of all that is built: Chrome and Edge 80, Firefox 74, Safari 13.1; see docs/adr/0011. */
export const TARGET = "es2020";

/** @type {readonly Entry[]} */
export const entries = [
  {
    subpath: ".",
    source: "src/index.ts",
    development: "src/development.ts",
    node: "src/index.node.ts",
    nodeDevelopment: "src/development.node.ts",
    callable: "io",
  },
  { subpath: "./slim", source: "src/slim.ts" },
  { subpath: "./full", source: "src/full.ts" },
  { subpath: "./delivery", source: "src/delivery/index.ts" },
  { subpath: "./durable", source: "src/durable/index.ts" },
  { subpath: "./reading", source: "src/reading/index.ts" },
  { subpath: "./stats", source: "src/stats/index.ts" },
  { subpath: "./stream", source: "src/stream/index.ts" },
  { subpath: "./upload", source: "src/upload/index.ts" },
  { subpath: "./contract", source: "src/contract/index.ts" },
  { subpath: "./doctor", source: "src/doctor/index.ts" },
  { subpath: "./recorder", source: "src/recorder/index.ts" },
  { subpath: "./inspector", source: "src/inspector/index.ts" },
  { subpath: "./test", source: "src/test-kit/index.ts", isFolderless: true },
  { subpath: "./shared", source: "src/shared/index.ts" },
  { subpath: "./webtransport", source: "src/webtransport.ts" },
  { subpath: "./react-native", source: "src/react-native.ts" },
  { subpath: "./node", source: "src/node/index.ts" },
  { subpath: "./websocket", source: "src/websocket/index.ts" },
  { subpath: "./server", source: "src/server/index.ts" },
  { subpath: "./react", source: "src/react/index.ts", development: "src/react/development.ts" },
  { subpath: "./vue", source: "src/vue/index.ts", development: "src/vue/development.ts" },
];

const scriptTag = {
  source: "src/cdn.ts",
  global: "io",
  entry: "index",
  adds: ["createIo", "Fetch", "TautlineError", "WebSocket", "XHR"],
};

/** @type {readonly Bundle[]} */
export const bundles = [
  { file: "tautline.js", ...scriptTag, isMinified: false },
  { file: "tautline.min.js", ...scriptTag, isMinified: true },
  { file: "tautline.esm.min.js", source: "src/index.ts", entry: "index", isMinified: true },
  {
    file: "tautline.full.min.js",
    source: "src/cdn-full.ts",
    global: "io",
    entry: "full",
    isMinified: true,
  },
];

/** How the `dist` name of an entry's development form ends. */
export const DEVELOPMENT = ".development";
/** The same of its form for Node. */
export const NODE = ".node";

/** `dist` file name of an entry, without its extension. */
export function entryName({ subpath }) {
  return subpath === "." ? "index" : subpath.slice(2);
}

/** What the build reads: each entry, and the other forms of those that have some. */
export function inputs(table = entries) {
  return table.flatMap((entry) => {
    const name = entryName(entry);
    const { source, development, node, nodeDevelopment } = entry;
    return [
      { name, source, entry },
      ...(development ? [{ name: name + DEVELOPMENT, source: development, entry }] : []),
      ...(node ? [{ name: name + NODE, source: node, entry }] : []),
      ...(nodeDevelopment
        ? [{ name: name + NODE + DEVELOPMENT, source: nodeDevelopment, entry }]
        : []),
    ];
  });
}

/** The entries that need a physical folder, for bundlers that do not read `exports`. */
export function subpathEntries() {
  return entries.filter(({ subpath, isFolderless }) => subpath !== "." && !isFolderless);
}

export function exportsOf(entry) {
  const file = `./dist/${entryName(entry)}`;
  const form = (types, extension, native) => ({
    types: file + types,
    ...native,
    ...(entry.node && {
      node: {
        ...(entry.nodeDevelopment && { development: file + NODE + DEVELOPMENT + extension }),
        default: file + NODE + extension,
      },
    }),
    ...(entry.development && { development: file + DEVELOPMENT + extension }),
    default: file + extension,
  });
  return {
    // Metro takes apart neither form, and apps and their libraries ask for both: one file, or two copies.
    import: form(".d.ts", ".js", { "react-native": `${file}.cjs` }),
    require: form(".d.cts", ".cjs"),
  };
}

/** Where the types of a bundle are. */
export function typesOf({ file }) {
  return file.replace(/js$/, "d.ts");
}

/** A bundle has an address, so that servers and bundlers find the file to serve. */
function bundleExports(bundle) {
  const file = `./dist/${bundle.file}`;
  const types = `./dist/${typesOf(bundle)}`;
  return [
    [file, { types, default: file }],
    [`${file}.map`, `${file}.map`],
  ];
}

/** The `exports` of package.json. */
export function exportsTable(table = entries, files = bundles) {
  return {
    ...Object.fromEntries(table.map((entry) => [entry.subpath, exportsOf(entry)])),
    ...Object.fromEntries(files.flatMap(bundleExports)),
    "./package.json": "./package.json",
  };
}

/** The package.json of an entry's physical folder. */
export function folderManifest(entry) {
  const file = `../dist/${entryName(entry)}`;
  return { main: `${file}.cjs`, module: `${file}.js`, types: `${file}.d.cts` };
}

/** The `files` of package.json. */
export function packedFiles() {
  const papers = ["CHANGELOG.md", "README.zh-CN.md", "llms.txt", "skill"];
  return ["bin", "dist", "docs", ...subpathEntries().map(entryName), ...papers];
}
