/** Metro as React Native's apps run it, over the packed tarball. Needs `npm ci` in this folder. */
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const folder = fileURLToPath(new URL("../react-native", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));
const modules = join(folder, "node_modules");

/** Puts the package, as npm packs it, where an app's installation would have it. */
export function installTarball() {
  const target = join(modules, "tautline");
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target);
  const args = ["pack", "--json", "--pack-destination", modules];
  const shell = process.platform === "win32";
  const [{ filename }] = JSON.parse(
    execFileSync("npm", args, { cwd: root, encoding: "utf8", shell }),
  );
  const tarball = join(modules, filename);
  execFileSync("tar", ["-xzf", tarball, "-C", target, "--strip-components=1"]);
  rmSync(tarball);
}

/**
 * A bundle for Android, as a release has it: not minified, because Hermes compiles it.
 *
 * @param {string} entry a file in this folder
 * @param {object} [options]
 * @param {boolean} [options.packageExports] whether Metro reads `exports`, as it does by default since 0.82
 * @param {boolean} [options.runtime] with what React Native runs before each app
 * @returns {Promise<string>} its code
 */
export async function bundle(entry, { packageExports = true, runtime = true } = {}) {
  const require = createRequire(join(folder, "package.json"));
  const { getDefaultConfig, mergeConfig } = require("@react-native/metro-config");
  const { runBuild } = require("metro");
  const config = mergeConfig(getDefaultConfig(folder), {
    maxWorkers: 1,
    reporter: { update() {} },
    resolver: { unstable_enablePackageExports: packageExports },
    ...(!runtime && {
      serializer: { getModulesRunBeforeMainModule: () => [], getPolyfills: () => [] },
    }),
  });
  const { code } = await runBuild(config, {
    entry: resolve(folder, entry),
    platform: "android",
    dev: false,
    minify: false,
  });
  return code;
}

/** A program of Hermes' package: `hermes`, the virtual machine, or `hermesc`, the compiler. */
export function hermesTool(name) {
  const platforms = { linux: "linux64", darwin: "osx", win32: "win64" };
  return join(modules, "hermes-engine-cli", `${platforms[process.platform]}-bin`, name);
}
