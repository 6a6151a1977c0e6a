/** The same tour through pages and workers of all kinds, in each browser, against a real server. */
import { createServer } from "node:http";
import { build } from "esbuild";
import { Server } from "socket.io";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeInBrowser, launchBrowser } from "../support/browser.ts";
import { listen, type RunningServer } from "../support/servers.ts";
import { describeInEngine, type EngineBrowser, engines } from "./support/engines.ts";

/** Nothing but what the page's own origin serves. */
const STRICT = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self' ws:",
};
const TRUSTED_TYPES = {
  "Content-Security-Policy": `${STRICT["Content-Security-Policy"]}; require-trusted-types-for 'script'`,
};
const ISOLATED = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "cross-origin",
};

/** What a worker answers is put where the page, and so the test, can find it. */
const ask = (make: string, connect: string): string =>
  `(() => { globalThis.told = undefined; const worker = ${make}; ${connect} })()`;
const dedicated = (options: string): string =>
  ask(
    `new Worker("/tour.js"${options})`,
    `worker.onmessage = ({ data }) => (told = data); worker.onerror = ({ message }) => (told = message); worker.postMessage(location.origin);`,
  );

const inPage = `void tour(location.origin).then((all) => (told = all), (error) => (told = String(error)))`;

/** Where the tour goes: the page's path, and the expression that begins it. */
const places: [string, string, string][] = [
  ["a page", "/", inPage],
  ["a page with a strict policy", "/strict", inPage],
  ["an isolated page", "/isolated", inPage],
  ["a worker", "/", dedicated("")],
  ["a module worker", "/", dedicated(`, { type: "module" }`)],
  ["a worker of an isolated page with a strict policy", "/both", dedicated("")],
  [
    "a service worker",
    "/",
    `void navigator.serviceWorker
      .register("/tour.js")
      .then(() => navigator.serviceWorker.ready)
      .then(({ active }) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = ({ data }) => (told = data);
        active.postMessage(location.origin, [port2]);
      })
      .catch((error) => (told = String(error)))`,
  ],
  [
    "a shared worker",
    "/",
    ask(
      `new SharedWorker("/tour.js")`,
      `worker.port.onmessage = ({ data }) => (told = data); worker.port.postMessage(location.origin);`,
    ),
  ],
];

const stops = (transport: string): Record<string, unknown> => ({
  transport,
  "events with bytes, and acks": [1, 2, 255],
  "an ack that does not come": "ack-timeout",
  "events of the server's, in order": 100,
  "another namespace, with a token": ["expired", { since: 5 }, true],
  "a connection that is cut": [true, true, [0, 1, 2, 3, 4]],
});
const expected = {
  websocket: stops("websocket"),
  polling: stops("polling"),
  "polling, websocket": stops("websocket"),
};

async function startSite(): Promise<RunningServer> {
  const { outputFiles } = await build({
    entryPoints: [new URL("support/tour.js", import.meta.url).pathname],
    bundle: true,
    write: false,
    format: "iife",
    target: "es2020",
  });
  const script = outputFiles[0]?.text;
  const page = `<!doctype html><title>A place</title><link rel="icon" href="data:,"><script src="/tour.js"></script>`;
  const headers: Record<string, object> = {
    "/": {},
    "/strict": TRUSTED_TYPES,
    "/isolated": ISOLATED,
    "/both": { ...STRICT, ...ISOLATED },
    "/tour.js": { ...STRICT, ...ISOLATED, "Content-Type": "text/javascript" },
  };
  const http = createServer(({ url = "" }, response) => {
    const own = headers[url];
    response
      .writeHead(own ? 200 : 404, { "Content-Type": "text/html", ...own })
      .end(url === "/tour.js" ? script : page);
  });
  const io = new Server(http, { connectionStateRecovery: {}, cors: { origin: "*" } });
  io.on("connection", (socket) => {
    const kept = ((socket.data as { kept?: unknown[] }).kept ??= []);
    socket.on("echo", (value: unknown, ack: (value: unknown) => void) => ack(value));
    socket.on("count", (to: number) => {
      for (let n = 0; n < to; n++) socket.emit("n", n);
    });
    socket.on("cut", () => socket.conn.close());
    socket.on("kept", (n: unknown) => kept.push(n));
    socket.on("what was kept", (ack: (value: unknown) => void) => ack(kept));
  });
  io.of("/admin").use((socket, next) => {
    const { token } = socket.handshake.auth as { token?: unknown };
    next(token === "new" ? undefined : Object.assign(new Error("expired"), { data: { since: 5 } }));
  });
  const running = await listen(http);
  return {
    ...running,
    async close() {
      io.engine.close();
      await running.close();
    },
  };
}

type Tab = Pick<EngineBrowser, "goto" | "evaluate" | "until" | "close">;

/** Chromium behind the small interface that the others have. */
async function chromium(): Promise<Tab> {
  const browser = await launchBrowser();
  const page = await browser.newPage();
  return {
    async goto(url) {
      await page.goto(url);
    },
    evaluate: (expression) => page.evaluate(expression),
    async until(expression) {
      // not waitForFunction(), which evaluates text within the page: a strict policy forbids that
      await expect.poll(() => page.evaluate(expression), { timeout: 20_000 }).toBe(true);
    },
    close: () => browser.close(),
  };
}

function goesThrough(launch: () => Promise<Tab>): void {
  let tab: Tab;
  let site: RunningServer;

  beforeAll(async () => {
    site = await startSite();
    tab = await launch();
  });

  afterAll(async () => {
    await tab?.close();
    await site?.close();
  });

  it.each(places)("goes through %s", async (_name, path, begin) => {
    await tab.goto(`http://localhost:${site.port}${path}`);
    await tab.until("typeof tour === 'function'");
    await tab.evaluate(begin);
    await tab.until("globalThis.told !== undefined");
    expect(await tab.evaluate("told")).toEqual(expected);
  });
}

describeInBrowser("A tour in Chromium", () => {
  goesThrough(chromium);

  it("goes through a file that was opened without a server, as an app's window is in Electron", async () => {
    const site = await startSite();
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(new URL("support/empty.html", import.meta.url).href);
      await page.addScriptTag({ url: `${site.url}/tour.js` });
      expect(await page.evaluate((url) => (globalThis as any).tour(url), site.url)).toEqual(
        expected,
      );
    } finally {
      await browser.close();
      await site.close();
    }
  });
});

describe.each(engines)("With $name", (engine) => {
  describeInEngine("a tour", engine, () => goesThrough(() => engine.launch()));
});
