/** `diagnose()` in pages of real browsers, in each of the broken worlds, and in those that only a page has. */
import { createServer as createSecureServer } from "node:https";
import type { RequestListener } from "node:http";
import { build } from "esbuild";
import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Report } from "../../src/doctor/index.ts";
import { brokenWorlds } from "../support/broken-worlds.ts";
import { describeInBrowser, launchBrowser } from "../support/browser.ts";
import { certificate } from "../support/certificate.ts";
import { closedPort, listen, type RunningServer, startHttp } from "../support/servers.ts";
import { type EngineBrowser, engines } from "./support/engines.ts";

const APP = `
  import { diagnose } from "./src/doctor/index.ts";
  import { io } from "./src/index.ts";

  // what has come of the server's answers, as the page sees it
  const { fetch, WebSocket } = globalThis;
  let answers, words;
  globalThis.fetch = async (...request) => {
    const response = await fetch(...request);
    response.clone().text().then(() => answers++, () => {});
    return response;
  };
  globalThis.WebSocket = class extends WebSocket {
    constructor(...how) {
      super(...how);
      this.addEventListener("message", () => words++);
    }
  };
  const after = (ms) => new Promise((done) => setTimeout(done, ms));
  const rounds = async () => { for (let n = 0; n < 20; n++) await fetch("/", { cache: "no-store" }).then((one) => one.text()); };

  const moments = {
    // whatever answers has answered: the page's server is asked as often as the other one. What is asked for late has its time too,
    // and silence has lasted for longer than the first answer
    async silent() {
      const start = performance.now();
      await rounds();
      const first = performance.now() - start;
      await after(750);
      await rounds();
      while (performance.now() - start < 5 * first) await rounds();
    },
    // the first answer has come, and the next is far
    async slow() { while (!answers) await after(10); },
    // and the WebSocket is through
    async halfSlow() { while (!answers || words < 2) await after(10); },
  };

  // the time is over at a moment, not after milliseconds: a machine that stalls is no slow server
  globalThis.examine = async (url, options, moment) => {
    globalThis.report = undefined;
    answers = words = 0;
    const end = new AbortController();
    if (moment) moments[moment]().then(() => end.abort());
    globalThis.report = await diagnose(url, { timeout: 60_000, ...options, signal: end.signal });
  };
  globalThis.connect = (url) => {
    globalThis.failure = undefined;
    const socket = io(url, { reconnection: false, forceNew: true });
    socket.on("connect_error", ({ code }) => (globalThis.failure = code));
  };
`;

const running: { close(): unknown }[] = [];
const keep = (server: { close(): unknown }): void => void running.unshift(server);

let page: RequestListener;

beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: { contents: APP, resolveDir: process.cwd() },
    bundle: true,
    write: false,
    format: "iife",
    target: "es2022",
  });
  const script = outputFiles[0]?.text ?? "";
  page = ({ url = "" }, response) => {
    if (url === "/page.js")
      return void response.setHeader("Content-Type", "text/javascript").end(script);
    if (url === "/strict") response.setHeader("Content-Security-Policy", "connect-src 'self'");
    if (url === "/reporting")
      response.setHeader("Content-Security-Policy-Report-Only", "connect-src 'self'");
    response
      .setHeader("Content-Type", "text/html")
      .end('<!doctype html><meta charset="utf-8"><script src="/page.js"></script>');
  };
});

afterEach(async () => {
  for (const server of running.splice(0)) await server.close();
});

/** The page is of another origin than the servers: another host name. */
async function startPage(): Promise<string> {
  const server = await startHttp(page);
  keep(server);
  return server.url.replace("127.0.0.1", "localhost");
}

interface Examiner {
  goto(url: string): Promise<unknown>;
  evaluate(expression: string): Promise<unknown>;
  until(expression: string): Promise<unknown>;
}

/** When there is nothing more to come, in the page: see the script. */
type Moment = "silent" | "slow" | "halfSlow";

async function examine(
  examiner: Examiner,
  url: string,
  options: object = {},
  moment?: Moment,
): Promise<Report> {
  const call = [url, options, moment ?? null].map((one) => JSON.stringify(one)).join();
  await examiner.evaluate(`void examine(${call})`);
  await examiner.until("globalThis.report !== undefined");
  return JSON.parse(String(await examiner.evaluate("JSON.stringify(globalThis.report)"))) as Report;
}

/** The code of the first `connect_error` of a client. */
async function failureOf(examiner: Examiner, url: string): Promise<unknown> {
  await examiner.evaluate(`void connect(${JSON.stringify(url)})`);
  await examiner.until("globalThis.failure !== undefined");
  return examiner.evaluate("globalThis.failure");
}

/** What every browser is asked. One after the other: Firefox opens one WebSocket of an address at a time. */
function worlds(examiner: () => Examiner): void {
  describe("names the cause", () => {
    beforeAll(async () => {
      const site = await startHttp(page);
      await examiner().goto(site.url.replace("127.0.0.1", "localhost"));
      return () => site.close();
    });

    it.each(brokenWorlds.map((world) => [world.name, world.cause, world] as const))(
      "%s: %s (DOC-1)",
      async (_name, cause, { start, connects, isSilent }) => {
        const { url, options } = await start(keep);
        const slow = connects ? "halfSlow" : "slow";
        const moment = isSilent ? "silent" : cause === "slow" ? slow : undefined;
        const report = await examine(examiner(), url, options, moment);
        expect(report).toMatchObject({ cause, connects });
      },
    );
  });

  it("names the page's own policy (DOC-7)", async () => {
    const { url } = await (brokenWorlds[0] as (typeof brokenWorlds)[0]).start(keep);
    await examiner().goto(`${await startPage()}/strict`);
    expect(await examine(examiner(), url)).toMatchObject({ cause: "csp", connects: false });
    expect(await failureOf(examiner(), url)).toBe("csp");
  });

  it("does not name a policy that only reports (DOC-18)", async () => {
    const { url } = await (brokenWorlds[0] as (typeof brokenWorlds)[0]).start(keep);
    const nobody = `http://127.0.0.1:${await closedPort()}`;
    await examiner().goto(`${await startPage()}/reporting`);
    await examiner().evaluate(
      'addEventListener("securitypolicyviolation", () => (globalThis.isReported = true))',
    );
    expect(await examine(examiner(), url)).toMatchObject({ cause: "none", connects: true });
    await examiner().until("globalThis.isReported");
    expect(await examine(examiner(), nobody)).toMatchObject({ cause: "unreachable" });
    expect(await failureOf(examiner(), nobody)).toBe("unreachable");
  });
}

describeInBrowser("diagnose() in Chromium", () => {
  let browser: Browser;
  let context: BrowserContext;
  let examiner: Examiner;

  beforeAll(async () => {
    browser = await launchBrowser();
    context = await browser.newContext({ ignoreHTTPSErrors: false });
    examiner = await examinerOf(context);
  });

  afterAll(async () => {
    await browser?.close();
  });

  async function examinerOf(of: BrowserContext): Promise<Examiner> {
    const tab = await of.newPage();
    return {
      goto: (url) => tab.goto(url),
      evaluate: (expression) => tab.evaluate(expression),
      until: (expression) => tab.waitForFunction(expression),
    };
  }

  worlds(() => examiner);

  it("names mixed content (DOC-8)", async () => {
    const secure: RunningServer = await listen(createSecureServer(certificate, page) as never);
    keep(secure);
    const trusting = await browser.newContext({ ignoreHTTPSErrors: true });
    keep(trusting);
    const tab = await examinerOf(trusting);
    await tab.goto(`https://localhost:${secure.port}`);
    expect(await examine(tab, "http://chat.example")).toMatchObject({ cause: "mixed-content" });
  });

  it("names a device without a network (DOC-9)", async () => {
    await examiner.goto(await startPage());
    await context.setOffline(true);
    try {
      expect(await examine(examiner, "http://chat.example")).toMatchObject({ cause: "offline" });
    } finally {
      await context.setOffline(false);
    }
  });
});

const firefox = engines.find(({ name }) => name === "Firefox");
describe.runIf(firefox?.isThere())("diagnose() in Firefox", () => {
  let browser: EngineBrowser;

  beforeAll(async () => {
    browser = (await firefox?.launch()) as EngineBrowser;
  });

  afterAll(async () => {
    await browser?.close();
  });

  worlds(() => browser);
});
