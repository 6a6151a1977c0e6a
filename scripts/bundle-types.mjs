import { bundles, typesOf } from "./entries.mjs";

/**
 * Writes the types of the self-contained files in terms of the entries', so that a socket of one is a socket of the other. A
 * script makes a global, and exports nothing.
 *
 * @returns {import("rollup").OutputPlugin}
 */
export function bundleTypes() {
  return {
    name: "bundle-types",
    generateBundle() {
      for (const bundle of bundles) {
        const source = bundle.global ? globalOf(bundle) : moduleOf(bundle);
        this.emitFile({ type: "asset", fileName: typesOf(bundle), source });
      }
    },
  };
}

function moduleOf({ entry }) {
  return `export * from "./${entry}.js";\nexport { default } from "./${entry}.js";\n`;
}

function globalOf({ entry, global, adds }) {
  const names = adds?.map((name) => JSON.stringify(name)).join(" | ");
  return [
    `import type * as all from "./${entry}.js";`,
    `declare global {`,
    `  var ${global}: typeof all.io & ${names ? `Pick<typeof all, ${names}>` : "typeof all"};`,
    `}`,
    `export {};`,
    ``,
  ].join("\n");
}
