import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Global setup of the tests that need `dist`: builds it when it is missing or stale. */
export default function setup(): void {
  const script = fileURLToPath(new URL("../../scripts/build.mjs", import.meta.url));
  execFileSync(process.execPath, [script], { stdio: "inherit" });
}
