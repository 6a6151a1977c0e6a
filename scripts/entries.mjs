/**
 * The one table of what an app may import. The build, the package's `exports`, the folders that old
 * Metro needs and the package tests are all made from it.
 *
 * To add an entry: add a line here, then run `npm run sync`.
 *
 * @typedef {object} Entry
 * @property {string} subpath what an app writes after the package's name
 * @property {string} source the module that it stands for
 * @property {string} [callable] the export that `require()` of this entry returns, as a function
 *   carrying the other exports
 */

/** @type {readonly Entry[]} */
export const entries = [
  { subpath: ".", source: "src/index.ts", callable: "io" },
  { subpath: "./slim", source: "src/slim.ts" },
  { subpath: "./react-native", source: "src/react-native.ts" },
  { subpath: "./server", source: "src/server/index.ts" },
];

/** The self-contained files, to be served as they are: addresses of a CDN, not imports. */
export const bundles = ["tautline.js", "tautline.min.js", "tautline.esm.min.js"];

/** `dist` file name of an entry, without its extension. */
export function entryName({ subpath }) {
  return subpath === "." ? "index" : subpath.slice(2);
}

/** The entries that need a physical folder, for bundlers that do not read `exports`. */
export function subpathEntries() {
  return entries.filter(({ subpath }) => subpath !== ".");
}

export function exportsOf(entry) {
  const file = `./dist/${entryName(entry)}`;
  return {
    import: { types: `${file}.d.ts`, default: `${file}.js` },
    require: { types: `${file}.d.cts`, default: `${file}.cjs` },
  };
}

/** The `exports` of package.json. */
export function exportsTable() {
  return {
    ...Object.fromEntries(entries.map((entry) => [entry.subpath, exportsOf(entry)])),
    "./package.json": "./package.json",
  };
}

/** The package.json of an entry's physical folder. */
export function folderManifest(entry) {
  const file = `../dist/${entryName(entry)}`;
  return { main: `${file}.cjs`, module: `${file}.js`, types: `${file}.d.ts` };
}

/** The `files` of package.json. */
export function packedFiles() {
  return ["dist", ...subpathEntries().map(entryName), "CHANGELOG.md"];
}
