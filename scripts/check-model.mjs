/** `npm run check:model`: bundles the model checker and runs it; see test/model/main.ts for its options. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = await mkdtemp(path.join(tmpdir(), "check-model-"));
try {
  const outfile = path.join(folder, "model.cjs");
  await build({
    entryPoints: [path.join(root, "test/model/main.ts")],
    bundle: true,
    platform: "node",
    target: "node20",
    outfile,
    logLevel: "warning",
  });
  const { main } = await import(pathToFileURL(outfile).href);
  process.exitCode = await main();
} finally {
  await rm(folder, { recursive: true, force: true });
}
