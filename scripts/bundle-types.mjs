import { bundles, bundleTypes } from "./entries.mjs";

/** What the script-tag builds are made of, under the names that their types have in `dist`. */
export const scriptTags = [...new Set(bundles.map(({ global, source }) => global && source))]
  .filter(Boolean)
  .map((source) => ({ name: source.replace(/^.*\/|\.ts$/g, ""), source }));

/**
 * Writes the types of the self-contained files in terms of the entries', so that a socket of one is a socket of the other. A
 * script makes a global, and exports nothing.
 *
 * @param {readonly { name: string, source: string }[]} entries whose types are there
 * @returns {import("rollup").OutputPlugin}
 */
export function bundleTypesOf(entries) {
  const names = new Map([...entries, ...scriptTags].map(({ name, source }) => [source, name]));
  return {
    name: "bundle-types",
    generateBundle() {
      for (const bundle of bundles) {
        const from = JSON.stringify(`./${names.get(bundle.source)}.js`);
        const source = bundle.global
          ? globalOf(bundle.global, from)
          : `export * from ${from};\nexport { default } from ${from};\n`;
        this.emitFile({ type: "asset", fileName: bundleTypes(bundle), source });
      }
    },
  };
}

function globalOf(name, from) {
  return [
    `import type tautline from ${from};`,
    `declare global {`,
    `  var ${name}: typeof tautline;`,
    `}`,
    `export {};`,
    ``,
  ].join("\n");
}
