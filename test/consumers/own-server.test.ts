import { execFileSync, fork, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { describeInBrowser, launchBrowser } from "../support/browser.ts";
import { apps, installed, root } from "./support/places.ts";
import { goodReport, reportOf } from "./support/report.ts";

const page = readFileSync(join(root, "docs/installing.md"), "utf8");
const client = readFileSync(join(installed, "dist/tautline.min.js"));

/** The snippets of a section of the page, in one language. */
const snippets = (heading: string, language: string): string[] => {
  const section = page.split(/^##+ /m).find((text) => text.startsWith(heading)) ?? "";
  return [...section.matchAll(new RegExp(`^\`\`\`(?:${language})\n([^]*?)^\`\`\``, "gm"))].map(
    ([, code = ""]) => code,
  );
};

/** The server's half of apps/conversation.js, for a server that a snippet makes. */
const half = `
  if (process.env.PAGE) {
    httpServer.on("request", ({ url }, response) => {
      if (url === "/") response.setHeader("Content-Type", "text/html").end(process.env.PAGE);
      else if (url === "/favicon.ico") response.writeHead(204).end();
    });
  }
  io.on("connection", (socket) => {
    let answer;
    socket.on("add", (a, b, tell) => {
      answer = socket.timeout(10000).emitWithAck("greeting", "hello", Buffer.from([1, 2, 3]));
      tell(a + b);
    });
    socket.on("echo", (value, tell) => tell(value));
    socket.on("your answer", async (tell) => tell(await answer));
  });
`;

describe("Servers that hand out the client, as docs/installing.md has them", () => {
  let child: ChildProcess | undefined;
  const file = join(apps, `own-server-${process.pid}.mjs`);

  afterEach(async () => {
    rmSync(file, { force: true });
    if (!child) return;
    const closed = once(child, "close");
    child.kill();
    await closed;
    child = undefined;
  });

  /** Runs a snippet with nothing changed but its port, and gives where it listens. */
  async function start(snippet: string | undefined, body = ""): Promise<string> {
    const listening = "httpServer.listen(3000);";
    expect(snippet).toContain(listening);
    const told = "httpServer.listen(0, () => process.send(httpServer.address().port));";
    writeFileSync(file, snippet?.replace(listening, told + half) ?? "");
    child = fork(file, { env: { ...process.env, PAGE: body } });
    const [port] = (await once(child, "message")) as [number];
    return `http://localhost:${port}`;
  }

  async function served(url: string): Promise<{ type: string | null; isClient: boolean }> {
    const response = await fetch(url);
    const body = Buffer.from(await response.arrayBuffer());
    return { type: response.headers.get("Content-Type"), isClient: body.equals(client) };
  }

  const [withExpress, atTheOldAddress, ...others] = snippets("Instead of", "js|javascript");

  it("are two", () => {
    expect(others).toEqual([]);
  });

  it("hand it out by a route of Express (PKG-36)", async () => {
    const url = await start(withExpress);
    const { type, isClient } = await served(`${url}/tautline.min.js`);
    expect(isClient).toBe(true);
    expect(type).toMatch(/^text\/javascript/);
    expect((await served(`${url}/socket.io/socket.io.js`)).isClient).toBe(false);
  });

  it("hand it out in the place of the reference client (PKG-36)", async () => {
    const url = await start(atTheOldAddress);
    for (const path of ["socket.io.js", "socket.io.min.js", "socket.io.js?v=1"]) {
      expect(await served(`${url}/socket.io/${path}`)).toMatchObject({ isClient: true });
    }
    expect((await served(`${url}/socket.io/other.js`)).isClient).toBe(false);
  });

  describeInBrowser("with a page that is not changed", () => {
    let browser: Browser;

    beforeAll(async () => {
      browser = await launchBrowser();
    });
    afterAll(() => browser?.close());

    it("connect, hear and answer (PKG-36)", async () => {
      const code = readFileSync(join(apps, "conversation.js"), "utf8");
      const url = await start(
        atTheOldAddress,
        `<!doctype html><script src="/socket.io/socket.io.js"></script>` +
          `<script>${code}; report(io).then(print);</script>`,
      );
      expect(await reportOf(browser, `${url}/`)).toEqual(goodReport);
    });
  });
});

describe("The value of integrity", () => {
  it("is what the page's command prints (PKG-36)", () => {
    const [command = ""] = snippets("By script tag", "sh");
    expect(command).toContain("node_modules/tautline");
    const cwd = join(installed, "../..");
    const printed = execFileSync("sh", ["-c", command], { cwd, encoding: "utf8" }).trim();
    expect(printed).toBe(`sha384-${createHash("sha384").update(client).digest("base64")}`);
  });
});
