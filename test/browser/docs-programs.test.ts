import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Browser } from "playwright-core";
import { Server } from "socket.io";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeInBrowser, launchBrowser } from "../support/browser.ts";
import { filesOf } from "../support/doc-files.ts";
import { listen } from "../support/servers.ts";

/** Programs of the pages that need a browser, and no test of their own. */
const root = fileURLToPath(new URL("../../", import.meta.url));

async function bundleOf(text: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "tautline-docs-"));
  try {
    writeFileSync(join(folder, "entry.js"), text);
    const { outputFiles } = await build({
      entryPoints: [join(folder, "entry.js")],
      bundle: true,
      format: "esm",
      write: false,
      alias: { tautline: join(root, "dist/index.js") },
      nodePaths: [join(root, "node_modules")],
      logLevel: "error",
    });
    return outputFiles[0]?.text ?? "";
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describeInBrowser("Programs of the pages", () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });

  it("docs/workers.md: a connection in a dedicated worker", async () => {
    const files = filesOf("docs/workers.md");
    const scripts = new Map<string, string>();
    for (const [name, text] of Object.entries(files)) scripts.set(`/${name}`, await bundleOf(text));
    const http = createServer((request, response) => {
      const script = scripts.get(request.url ?? "");
      response.setHeader("Content-Type", script === undefined ? "text/html" : "text/javascript");
      response.end(script ?? `<!doctype html><script type="module" src="/page.js"></script>`);
    });
    const io = new Server(http);
    io.on("connection", (socket) => {
      socket.on("watch", (item: string) => socket.emit("price", item, 20));
    });
    const server = await listen(http);
    const page = await browser.newPage();
    await page.goto(server.url);
    await page.locator("body", { hasText: "rope: 20" }).waitFor();
    io.disconnectSockets(true);
    await page.locator("body", { hasText: "io server disconnect" }).waitFor();
    expect(await page.locator("body").textContent()).toContain("rope: 20");
    await page.close();
    await io.close();
  });
});
