/** `npm run check:model`: bundles the model checker and runs it; see test/model/main.ts for its options. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = await mkdtemp(path.join(tmpdir(), "check-model-"));
try {
  await build({
    entryPoints: ["main", "worker"].map((name) => path.join(root, `test/model/${name}.ts`)),
    bundle: true,
    platform: "node",
    target: "node20",
    outdir: folder,
    outExtension: { ".js": ".cjs" },
    logLevel: "warning",
  });
  const { main } = await import(pathToFileURL(path.join(folder, "main.cjs")).href);
  process.exitCode = await main(path.join(folder, "worker.cjs"));
} finally {
  await rm(folder, { recursive: true, force: true });
}
