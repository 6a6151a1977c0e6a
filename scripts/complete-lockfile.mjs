/**
 * Adds to package-lock.json the native packages of other platforms that a partial npm mirror hides.
 *
 * npm leaves an optional package out of the lock when the registry at hand does not serve it, and
 * `npm ci` then refuses that lock, here and on the platforms concerned. Their version is exact in
 * the package that wants them, and npm needs only `os` and `cpu` to know that it may skip them.
 *
 * Run it after each `npm install` that changes the lock: `npm run lockfile`, with a folder behind `--` for a
 * lock that is not the root's.
 */
import { readFileSync, writeFileSync } from "node:fs";

const [, , folder = "."] = process.argv;
const lockUrl = new URL(`../${folder}/package-lock.json`, import.meta.url);
const lock = JSON.parse(readFileSync(lockUrl, "utf8"));
const cpus = ["arm64", "arm", "x64", "ia32", "ppc64", "riscv64", "s390x", "loong64"];
const systems = ["android", "darwin", "freebsd", "linux", "openbsd", "openharmony", "win32"];
const added = [];

for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`;
    if (lock.packages[key] || lock.packages[`${path}/${key}`]) continue;
    const words = name.split(/[/-]/);
    const os = systems.find((word) => words.includes(word));
    const cpu = cpus.find((word) => words.includes(word));
    if (!os || !cpu || !/^\d/.test(version)) {
      throw new Error(`${name}@${version} is missing and its platform is not in its name`);
    }
    const musl = words.some((word) => word.startsWith("musl"));
    lock.packages[key] = {
      version,
      cpu: [cpu],
      ...(entry.dev && { dev: true }),
      ...(os === "linux" && { libc: [musl ? "musl" : "glibc"] }),
      optional: true,
      os: [os],
    };
    added.push(`${name}@${version}`);
  }
}

const { "": root, ...rest } = lock.packages;
const sorted = Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1));
lock.packages = { "": root, ...Object.fromEntries(sorted) };
const text = JSON.stringify(lock, null, 2) + "\n";
if (text.includes('"resolved"')) throw new Error("package-lock.json names a registry");
writeFileSync(lockUrl, text);
console.log(added.length ? `added:\n  ${added.join("\n  ")}` : "package-lock.json is complete");
