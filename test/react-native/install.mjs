/** Installs the tools of this folder by its lockfile, unless that was done already. */
import { execFileSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

export function installTools() {
  const here = (path) => fileURLToPath(new URL(path, import.meta.url));
  const done = here("node_modules/.package-lock.json");
  const isFresh =
    existsSync(done) && statSync(done).mtimeMs >= statSync(here("package-lock.json")).mtimeMs;
  if (isFresh) return;
  const shell = process.platform === "win32";
  execFileSync("npm", ["ci"], { cwd: here("."), stdio: "inherit", shell });
}
