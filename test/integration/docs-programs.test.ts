import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { filesOf } from "../support/doc-files.ts";

/** Servers of the pages that have no test of their own. */
const root = fileURLToPath(new URL("../../", import.meta.url));

describe("The server of docs/security.md, which checks origins", () => {
  let folder: string;
  let port: number;
  let server: ChildProcess;

  const poll = async (origin: string): Promise<number> => {
    const url = `http://127.0.0.1:${port}/socket.io/?EIO=4&transport=polling`;
    return (await fetch(url, { headers: { origin } })).status;
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "tautline-docs-"));
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
    const text = filesOf("docs/security.md")["server.mjs"] ?? "";
    const program = `const server = ${text.slice(text.indexOf("new Server"))}
      server.httpServer.on("listening", () => console.log(server.httpServer.address().port));`;
    writeFileSync(
      join(folder, "server.mjs"),
      text.slice(0, text.indexOf("new Server")) + program.replace("listen(3000)", "listen(0)"),
    );
    server = spawn(process.execPath, ["server.mjs"], {
      cwd: folder,
      stdio: ["ignore", "pipe", "inherit"],
    });
    port = await new Promise((resolve, reject) => {
      let output = "";
      server.stdout?.on("data", (data: Buffer) => {
        output += data.toString();
        if (output.endsWith("\n")) resolve(Number(output));
      });
      server.once("exit", () => reject(new Error("the server has ended")));
    });
  }, 20_000);
  afterAll(async () => {
    const ended = new Promise((resolve) => server.once("exit", resolve));
    server.kill("SIGKILL");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });

  it("lets the app's own pages in, and no other", async () => {
    expect(await poll("https://app.example")).toBe(200);
    expect(await poll("https://evil.example")).toBe(403);
    expect(await poll("null")).toBe(403);
  });

  it.each([
    ["https://app.example", "open"],
    ["https://evil.example", 400],
  ])("answers a WebSocket of %s with %s", async (origin, expected) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`, {
      origin,
    });
    const outcome = await new Promise((resolve) => {
      socket.on("open", () => resolve("open"));
      socket.on("error", () => {});
      socket.on("unexpected-response", (_request, { statusCode }) => resolve(statusCode));
    });
    socket.terminate();
    expect(outcome).toBe(expected);
  });
});
