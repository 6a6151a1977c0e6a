/** What a bundle is made of, file by file. */
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { decode } from "@jridgewell/sourcemap-codec";
import commonjs from "@rollup/plugin-commonjs";
import nodeResolve from "@rollup/plugin-node-resolve";
import terser from "@rollup/plugin-terser";
import { rollup } from "rollup";
import { compile } from "./compile.mjs";
import { TARGET } from "./entries.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const APP = "\0app";

/**
 * Bundles `import names from source` with rollup and terser, and gives each file's part of it: its minified
 * bytes, and by how much the bundle's gzip shrinks when they are cut out. Files share words with each other, so
 * that the second figures add up to less than the whole.
 *
 * @param {string} source a module in `src`
 * @param {string} names "{ io }", or "*"
 */
export async function measureParts(source, names) {
  const { code, map } = await bundle(resolve(root, source), names);
  const owners = ownerOfEachCharacter(code, map);
  const whole = gzipped(code);
  const parts = (nameOf) => {
    const named = owners.map(nameOf);
    return [...new Set(named)]
      .map((name) => {
        const rest = [...code].filter((_, at) => named[at] !== name).join("");
        return { name, minified: code.length - rest.length, gzip: whole - gzipped(rest) };
      })
      .sort((a, b) => b.gzip - a.gzip);
  };
  return {
    total: { minified: code.length, gzip: whole },
    files: parts((owner) => owner),
    folders: parts((owner) => dirname(owner)),
  };
}

async function bundle(source, names) {
  const built = await rollup({
    input: APP,
    external: (id) => id.startsWith("node:"),
    plugins: [
      {
        name: "app",
        resolveId: (id) => (id === APP ? id : null),
        load: (id) => (id === APP ? `export ${names} from ${JSON.stringify(source)};` : null),
      },
      compile({ target: TARGET }),
      nodeResolve({ browser: true }),
      commonjs(),
      terser({ module: true }),
    ],
    onwarn: () => {},
  });
  const { output } = await built.generate({ format: "es", file: `${root}app.js`, sourcemap: true });
  await built.close();
  return output[0];
}

/** The file, from the project's folder, that each character of the bundle comes from. */
function ownerOfEachCharacter(code, { mappings, sources }) {
  const owners = [];
  const named = sources.map((source) => relative(root, resolve(root, source)).replaceAll("\0", ""));
  const lines = decode(mappings);
  let owner = "made by the bundler";
  code.split("\n").forEach((text, line) => {
    const segments = lines[line] ?? [];
    let next = 0;
    // one more: the line's end
    for (let column = 0; column <= text.length; column++) {
      for (; segments[next]?.[0] === column; next++) owner = named[segments[next][1]] ?? owner;
      owners.push(owner);
    }
  });
  return owners.slice(0, code.length);
}

function gzipped(code) {
  return gzipSync(code, { level: 9 }).length;
}
