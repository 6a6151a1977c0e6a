// node test/bench/upload-memory.mjs [--mebibytes 1024] [--hosts node,chromium]
//
// Uploads a file from the disk and prints by how much the memory of the uploading process grew at most: a Node process with
// `fs.openAsBlob()`, and a Chromium page with a file that a person chose.
import { fork } from "node:child_process";
import { once } from "node:events";
import { openAsBlob, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { WebSocket } from "ws";
import { CHROMIUM_FLAGS } from "../support/chromium-flags.mjs";
import { startUploadServer } from "./lib/uploads.mjs";

const EVERY = 50;
const MIB = 2 ** 20;

async function main() {
  const { values } = parseArgs({
    options: {
      mebibytes: { type: "string", default: "1024" },
      hosts: { type: "string", default: "node,chromium" },
    },
  });
  const folder = await mkdtemp(join(tmpdir(), "upload-memory-"));
  const file = join(folder, "file");
  const handle = await open(file, "w");
  await handle.truncate(Number(values.mebibytes) * MIB);
  await handle.close();
  const server = await startUploadServer();
  try {
    for (const host of values.hosts.split(",")) {
      const { grown, seconds } = await hosts[host](file, server.url);
      console.log(
        `${host}: ${values.mebibytes} MiB in ${seconds.toFixed(1)} s; its memory grew by ${(grown / MIB).toFixed(1)} MiB at most`,
      );
    }
  } finally {
    await server.close();
    await rm(folder, { recursive: true });
  }
}

const hosts = {
  async node(file, url) {
    const uploader = fork(fileURLToPath(import.meta.url), {
      env: { ...process.env, UPLOAD_FILE: file, UPLOAD_URL: url },
    });
    const [answer] = await once(uploader, "message");
    return answer;
  },
  async chromium(file, url) {
    const { outputFiles } = await build({
      stdin: {
        contents: `import { io } from "./dist/index.js"; import { upload } from "./dist/upload.js"; globalThis.app = { io, upload };`,
        resolveDir: fileURLToPath(new URL("../..", import.meta.url)),
      },
      bundle: true,
      write: false,
      format: "iife",
    });
    const browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: CHROMIUM_FLAGS,
    });
    try {
      const page = await browser.newPage();
      await page.goto(url);
      await page.addScriptTag({ content: outputFiles[0].text });
      await page.setInputFiles("input", file);
      const before = rendererMemory();
      let most = before;
      const timer = setInterval(() => (most = Math.max(most, rendererMemory())), EVERY);
      const start = performance.now();
      await page.evaluate(async () => {
        const socket = globalThis.app.io({ transports: ["websocket"] });
        await globalThis.app.upload(socket, "upload", document.querySelector("input").files[0]);
      });
      clearInterval(timer);
      return { grown: most - before, seconds: (performance.now() - start) / 1000 };
    } finally {
      await browser.close();
    }
  },
};

/** Bytes that are resident in all renderers of this machine's Chromium. */
function rendererMemory() {
  let sum = 0;
  for (const id of readdirSync("/proc")) {
    if (!/^\d+$/.test(id)) continue;
    try {
      if (!readFileSync(`/proc/${id}/cmdline`, "latin1").includes("--type=renderer")) continue;
      const [, kib] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, "latin1")) ?? [];
      sum += Number(kib ?? 0) * 1024;
    } catch {
      // it has ended meanwhile
    }
  }
  return sum;
}

async function child() {
  globalThis.WebSocket ??= WebSocket;
  const { io } = await import("../../dist/index.js");
  const { upload } = await import("../../dist/upload.js");
  const socket = io(process.env.UPLOAD_URL, { transports: ["websocket"] });
  const blob = await openAsBlob(process.env.UPLOAD_FILE);
  await new Promise((resolve) => socket.once("connect", resolve));
  // the code is warm, and its memory is not counted
  await upload(socket, "upload", new Uint8Array(16 * MIB));
  const before = process.memoryUsage().rss;
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), EVERY);
  const start = performance.now();
  await upload(socket, "upload", blob);
  clearInterval(timer);
  socket.disconnect();
  process.send({ grown: most - before, seconds: (performance.now() - start) / 1000 });
  process.disconnect();
}

if (process.env.UPLOAD_FILE) await child();
else await main();
