/**
 * `npm run size:react-native` prints what importing the client adds to an app of React Native: Metro bundles an
 * app that imports the packed tarball, as a release with Hermes does, and Hermes compiles it to bytecode. The
 * same for socket.io-client. The tools are those of test/react-native, which are installed on demand (230 MB).
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { installTools } from "../test/react-native/install.mjs";
import { bundle, folder, hermesTool, installTarball } from "../test/react-native/metro.mjs";

const apps = {
  "an empty app": "",
  "socket.io-client": `import { io } from "socket.io-client"; globalThis.app = io;`,
  tautline: `import { io } from "tautline"; globalThis.app = io;`,
};

installTools();
installTarball();
// where Metro finds the packages of an app
const made = mkdtempSync(join(folder, "node_modules/.size-"));
const sizes = new Map();
for (const [name, code] of Object.entries(apps)) {
  sizes.set(name, await bytecodeOf(name.replaceAll(/\W/g, "-"), code));
}
rmSync(made, { recursive: true, force: true });
const empty = sizes.get("an empty app");
for (const [name, { bundle, bytecode }] of sizes) {
  const added = `${kilobytes(bundle - empty.bundle)} bundle, ${kilobytes(bytecode - empty.bytecode)} Hermes bytecode`;
  console.log(
    `${name.padEnd(18)} ${name === "an empty app" ? `${bytecode} B of bytecode` : `adds ${added}`}`,
  );
}

/** Without React Native itself, which is the same in all apps. */
async function bytecodeOf(name, code) {
  const source = join(made, `${name}.js`);
  const out = join(made, `${name}.bundle.js`);
  const binary = join(made, `${name}.hbc`);
  writeFileSync(source, code);
  const bundled = await bundle(source, { runtime: false });
  writeFileSync(out, bundled);
  execFileSync(hermesTool("hermesc"), ["-O", "-w", "-emit-binary", "-out", binary, out]);
  return { bundle: statSync(out).size, bytecode: statSync(binary).size };
}

function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
