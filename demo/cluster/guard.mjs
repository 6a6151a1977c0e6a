/*
 * Runs a program for as long as its own standard input is open: `node guard.mjs <folder> <program> <arguments..>`. The pipe is
 * closed with the process that holds its other end, also when that is killed and can end nothing itself.
 */
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";

const [folder, file, ...args] = process.argv.slice(2);
const child = spawn(file, args, { stdio: ["ignore", "inherit", "inherit"] });
child.once("error", (error) => {
  console.error(error.message);
  process.exit(1);
});
child.once("exit", (code) => process.exit(code ?? 1));

process.stdin.resume();
process.stdin.once("end", () => {
  child.removeAllListeners("exit");
  child.once("exit", () => {
    // the last one of them leaves nothing
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    process.exit(0);
  });
  child.kill("SIGTERM");
});
