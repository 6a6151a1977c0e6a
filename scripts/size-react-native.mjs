/**
 * `npm run size:react-native` prints what importing the client adds to an app of React Native: Metro bundles an
 * app that imports the packed tarball, as a release with Hermes does, and Hermes compiles it to bytecode. The
 * same for socket.io-client. The tools are downloaded on demand into the system's folder for temporary files
 * (190 MB), and kept there for the next time.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const tools = {
  "@babel/core": "7.29.13",
  "@react-native/babel-preset": "0.86.3",
  "@react-native/metro-config": "0.86.3",
  "hermes-engine-cli": "0.12.0",
  metro: "0.84.6",
  backo2: "1.0.2",
  eventemitter3: "5.0.1",
  "socket.io-client": "4.8.4",
};
const platforms = { linux: "linux64", darwin: "osx", win32: "win64" };
const apps = {
  "an empty app": "",
  "socket.io-client": `import { io } from "socket.io-client"; globalThis.app = io;`,
  tautline: `import { io } from "tautline"; globalThis.app = io;`,
};

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(tmpdir(), "tautline-react-native");
const modules = join(folder, "node_modules");

prepare();
const { default: Metro } = createRequire(join(folder, "package.json"))("metro");
const config = await metroConfig();
const sizes = new Map();
for (const [name, code] of Object.entries(apps)) {
  sizes.set(name, await bytecodeOf(name.replaceAll(/\W/g, "-"), code));
}
const empty = sizes.get("an empty app");
for (const [name, { bundle, bytecode }] of sizes) {
  const added = `${kilobytes(bundle - empty.bundle)} bundle, ${kilobytes(bytecode - empty.bytecode)} Hermes bytecode`;
  console.log(
    `${name.padEnd(18)} ${name === "an empty app" ? `${bytecode} B of bytecode` : `adds ${added}`}`,
  );
}

/** The tools, and the package as npm packs it. */
function prepare() {
  mkdirSync(folder, { recursive: true });
  const manifest = JSON.stringify({ private: true, dependencies: tools }, null, 2);
  writeFileSync(join(folder, "package.json"), manifest);
  writeFileSync(
    join(folder, "babel.config.js"),
    `module.exports = { presets: ["module:@react-native/babel-preset"] };\n`,
  );
  if (!existsSync(join(modules, "metro"))) {
    const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--legacy-peer-deps"];
    npm(["install", ...flags], folder);
  }
  const target = join(modules, "tautline");
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target);
  const packed = npm(["pack", "--json", "--pack-destination", folder], root);
  const [{ filename }] = JSON.parse(packed);
  execFileSync("tar", ["-xzf", join(folder, filename), "-C", target, "--strip-components=1"]);
}

function npm(args, cwd) {
  const shell = process.platform === "win32";
  return execFileSync("npm", args, { cwd, shell, encoding: "utf8" });
}

/** React Native's own settings, without its runtime: that is the same in all apps. */
async function metroConfig() {
  const require = createRequire(join(folder, "package.json"));
  const { getDefaultConfig, mergeConfig } = require("@react-native/metro-config");
  return mergeConfig(getDefaultConfig(folder), {
    watchFolders: [folder],
    reporter: { update() {} },
    cacheStores: [],
    serializer: { getModulesRunBeforeMainModule: () => [], getPolyfills: () => [] },
  });
}

/** A release bundle is not minified when Hermes compiles it. */
async function bytecodeOf(name, code) {
  const entry = join(folder, `${name}.js`);
  const out = join(folder, `${name}.bundle.js`);
  writeFileSync(entry, code);
  await Metro.runBuild(config, { entry, out, platform: "android", dev: false, minify: false });
  const hermesc = join(
    modules,
    "hermes-engine-cli",
    `${platforms[process.platform]}-bin`,
    "hermesc",
  );
  const binary = join(folder, `${name}.hbc`);
  execFileSync(hermesc, ["-O", "-w", "-emit-binary", "-out", binary, out]);
  return { bundle: statSync(out).size, bytecode: statSync(binary).size };
}

function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
