import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/*
 * The package as an app gets it: packed by npm, unpacked into the node_modules of an empty app, with
 * the two dependencies and the frameworks beside it, and nothing else.
 */
export interface InstalledPackage {
  /** The app's folder. */
  app: string;
  /** The package's folder in the app. */
  folder: string;
  /** Paths of the packed files, relative to `folder`. */
  files: string[];
  read(path: string): string;
  /** Runs a script in a Node of its own, in the app's folder, and gives the value that it printed. */
  run(script: string, type?: "module" | "commonjs", ...flags: string[]): unknown;
  remove(): void;
}

export function installTarball(): InstalledPackage {
  const app = mkdtempSync(join(tmpdir(), "tautline-app-"));
  const modules = join(app, "node_modules");
  const folder = join(modules, "tautline");
  mkdirSync(folder, { recursive: true });

  const packed = execFileSync("npm", ["pack", "--json", "--pack-destination", app], {
    cwd: root,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  execFileSync("tar", ["-xzf", join(app, filename), "-C", folder, "--strip-components=1"]);
  mkdirSync(join(modules, "@types"));
  for (const name of ["backo2", "eventemitter3", "react", "@types/react", "vue"]) {
    symlinkSync(join(root, "node_modules", name), join(modules, name), "junction");
  }

  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return {
    app,
    folder,
    files: entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
      .sort(),
    read: (path) => readFileSync(join(folder, path), "utf8"),
    run(script, type = "module", ...others) {
      const flags = [...others, `--input-type=${type}`, "--eval", script];
      return JSON.parse(execFileSync(process.execPath, flags, { cwd: app, encoding: "utf8" }));
    },
    remove: () => rmSync(app, { recursive: true, force: true }),
  };
}
