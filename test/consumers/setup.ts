/**
 * Before all tests of consumers: what the apps need is installed when the lockfile asks for more than there is, and the package
 * is built, packed, and unpacked where the apps find it.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import build from "../support/build.ts";
import { consumers, installed, root } from "./support/places.ts";

interface Lock {
  packages: Record<string, Locked>;
}

interface Locked {
  version?: string;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
}

export default function setup(): void {
  build();
  if (!isInstalled()) execFileSync("npm", ["ci"], { cwd: consumers, stdio: "inherit", shell });
  const destination = join(consumers, "node_modules/.cache");
  mkdirSync(destination, { recursive: true });
  const packed = execFileSync("npm", ["pack", "--json", "--pack-destination", destination], {
    cwd: root,
    encoding: "utf8",
    shell,
  });
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  rmSync(installed, { recursive: true, force: true });
  mkdirSync(installed);
  const tarball = join(destination, filename);
  execFileSync("tar", ["-xzf", tarball, "-C", installed, "--strip-components=1"]);
}

const shell = process.platform === "win32";

/** What npm writes down when it has installed says the same as the lockfile, apart from other platforms' packages. */
function isInstalled(): boolean {
  const there = packagesOf("node_modules/.package-lock.json");
  return Object.entries(packagesOf("package-lock.json")).every(
    ([path, locked]) =>
      path === "" || mayBeMissing(locked) || there[path]?.version === locked.version,
  );
}

/** Optional, and of another platform as far as its name of that says. */
function mayBeMissing({ optional, os, cpu, libc }: Locked): boolean {
  const isForHere = os?.includes(process.platform) && cpu?.includes(process.arch) && !libc;
  return !!optional && !isForHere;
}

function packagesOf(lock: string): Lock["packages"] {
  try {
    return (JSON.parse(readFileSync(join(consumers, lock), "utf8")) as Lock).packages;
  } catch {
    return {};
  }
}
