import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { bundle, installTarball } from "../../react-native/metro.mjs";

declare module "vitest" {
  interface ProvidedContext {
    /** The file with the app's bundle. */
    bundle: string;
  }
}

/** Bundles the app once, for all files. */
export default async function setup(project: TestProject): Promise<() => void> {
  installTarball();
  const folder = mkdtempSync(join(tmpdir(), "tautline-react-native-"));
  const file = join(folder, "app.js");
  writeFileSync(file, await bundle("app/index.js"));
  project.provide("bundle", file);
  return () => rmSync(folder, { recursive: true, force: true });
}
