/**
 * Programs of an app in Node, each in a process of its own: the library is bundled from its sources as Node gets it.
 *
 * To extend: what a program needs to know goes into its text; what it has to tell, it writes to its standard output.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { onTestFinished } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

export interface Ended {
  /** Null: it did not end by itself. */
  code: number | null;
  output: string;
}

/** Milliseconds in which a program has to say something, or to end. */
const STARTED = 15_000;

/**
 * Runs a program until it ends, or has said nothing for 10 s.
 *
 * @param text - of an ES module, in which `io` is the library's and `WS` the class of `ws`
 * @param flags - of Node
 * @param wait - milliseconds after its last words, after which it is ended
 */
export async function runProgram(
  text: string,
  flags: string[] = [],
  wait = 10_000,
): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), "tautline-node-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const source = join(folder, "source.mjs");
  const program = join(folder, "program.mjs");
  writeFileSync(
    source,
    `import { createRequire } from "node:module";
     import { io } from ${JSON.stringify(join(root, "src/index.node.ts"))};
     const { WebSocket: WS } = createRequire(${JSON.stringify(root)})("ws");
     ${text}`,
  );
  await build({
    entryPoints: [source],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
    nodePaths: [join(root, "node_modules")],
    // the packages that are CommonJS ask for nothing that would need it
    logLevel: "error",
  });
  const child = spawn(process.execPath, ["--no-warnings", ...flags, program]);
  let output = "";
  const endIn = (ms: number) => setTimeout(() => child.kill("SIGKILL"), ms);
  let limit = endIn(STARTED);
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      clearTimeout(limit);
      limit = endIn(wait);
    });
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  clearTimeout(limit);
  return { code, output };
}
