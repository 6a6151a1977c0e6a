import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type InstalledPackage, installTarball, root } from "./tarball.ts";

/*
 * Programs that an app may contain, read by compilers from the oldest that the README promises to the newest. The compilers
 * have a package.json of their own: each of them brings a `tsc`, and only one may be this package's. To extend: add an
 * alias there and a line here.
 */
const folder = join(root, "test/typescript");

/** Where a compiler lies, and how it may be told to find types. */
const compilers: [name: string, modules: string, resolutions: readonly Resolution[]][] = [
  ["typescript50", folder, ["node10", "node16", "bundler"]],
  ["typescript", root, ["node10", "node16", "bundler"]],
  ["typescript60", folder, ["node16", "bundler"]],
  ["typescript70", folder, ["node16", "bundler"]],
];

/** Each with the programs that it reads, as they are called in the app. */
const resolutions = {
  node10: { module: "commonjs", files: ["moved.ts", "commonjs.ts"] },
  node16: { module: "node16", files: ["moved.mts", "commonjs.ts"] },
  bundler: { module: "esnext", files: ["moved.ts"] },
};
type Resolution = keyof typeof resolutions;

/** The compilers are installed when they are not, or when their list has changed since. */
function installCompilers(): void {
  const read = (path: string): unknown => JSON.parse(readFileSync(join(folder, path), "utf8"));
  const { dependencies } = read("package.json") as { dependencies: Record<string, string> };
  const isThere = ([name, alias]: [string, string]): boolean => {
    const path = `node_modules/${name}/package.json`;
    if (!existsSync(join(folder, path))) return false;
    return alias.endsWith(`@${(read(path) as { version: string }).version}`);
  };
  if (Object.entries(dependencies).every(isThere)) return;
  execFileSync("npm", ["ci", "--no-audit", "--no-fund"], {
    cwd: folder,
    shell: process.platform === "win32",
  });
}

describe("The packed types", () => {
  let installed: InstalledPackage;

  beforeAll(() => {
    installCompilers();
    installed = installTarball();
    for (const name of ["pinia", "mobx", "immer"])
      symlinkSync(
        join(root, "node_modules", name),
        join(installed.app, "node_modules", name),
        "junction",
      );
  });
  afterAll(() => installed.remove());

  /** What a compiler says of programs. */
  function compile(
    compiler: string,
    modules: string,
    files: readonly string[],
    options: object,
  ): string {
    for (const file of files)
      copyFileSync(
        join(folder, "fixtures", file.replace(".mts", ".ts")),
        join(installed.app, file),
      );
    const compilerOptions = {
      target: "es2022",
      lib: ["es2022", "dom", "dom.iterable"],
      types: [],
      strict: true,
      skipLibCheck: false,
      noEmit: true,
      ...options,
    };
    const project = join(installed.app, "tsconfig.json");
    writeFileSync(project, JSON.stringify({ compilerOptions, files }));
    const tsc = join(modules, "node_modules", compiler, "bin/tsc");
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [tsc, "-p", project, "--pretty", "false"],
      {
        encoding: "utf8",
      },
    );
    return stdout + stderr;
  }

  const cases = compilers.flatMap(([compiler, modules, ways]) =>
    ways.map((resolution) => ({ compiler, modules, resolution })),
  );

  it.each(cases)(
    "are read by $compiler under $resolution (PKG-18)",
    ({ compiler, modules, resolution }) => {
      const { module, files } = resolutions[resolution];
      const options = { module, moduleResolution: resolution };
      expect(compile(compiler, modules, files, options)).toBe("");
    },
  );

  it("are still a socket's when a framework has mapped them", () => {
    const options = { module: "esnext", moduleResolution: "bundler", skipLibCheck: true };
    expect(compile("typescript", root, ["frameworks.ts"], options)).toBe("");
  });
});
