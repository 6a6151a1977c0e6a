import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findBrowser } from "../support/browser-path.ts";
import { launchBrowser } from "../support/browser.ts";
import { engines } from "./support/engines.ts";
import { startWebSocketSite, type WebSocketSite } from "./support/websocket-site.ts";

interface Evaluator {
  evaluate(expression: string): Promise<unknown>;
  close(): Promise<void>;
}

async function chromium(url: string): Promise<Evaluator> {
  const browser = await launchBrowser();
  const page = await browser.newPage();
  await page.goto(url);
  return { evaluate: (expression) => page.evaluate(expression), close: () => browser.close() };
}

const firefox = engines.find(({ name }) => name === "Firefox");

const browsers: { name: string; variable: string; isThere: boolean; open: typeof chromium }[] = [
  {
    name: "Chromium",
    variable: "TAUTLINE_REQUIRE_BROWSER",
    isThere: findBrowser() !== undefined,
    open: chromium,
  },
  {
    name: "Firefox",
    variable: "TAUTLINE_REQUIRE_FIREFOX",
    isThere: firefox?.isThere() ?? false,
    async open(url) {
      const browser = await firefox!.launch();
      await browser.goto(url);
      return browser;
    },
  },
];

/** Where the two classes are meant to differ; docs/websocket.md says why. What is seen is [the browser's, this one's]. */
const differences: Record<string, [native: unknown, tautline: unknown]> = {
  "send before it is open": ["DOMException InvalidStateError", "nothing"],
  "send without an argument": ["TypeError", "nothing"],
  "no argument": ["TypeError", "nothing"],
  isTrusted: [true, false],
  "its name": ["[object WebSocket]", "[object EventTarget]"],
  "is a WebSocket": [true, false],
  "handlers set to null and set again": [
    ["listener", "handler"],
    ["handler", "listener"],
  ],
  "promises between two listeners": [
    ["promise", "listener"],
    ["listener", "promise"],
  ],
  "code 3000.4": ["nothing", "DOMException InvalidAccessError"],
};

describe.each(browsers)("The WebSocket of $name, and this one", ({ isThere, variable, open }) => {
  let site: WebSocketSite;
  let browser: Evaluator;
  let names: string[];
  const see = async (name: string, of: string): Promise<unknown> =>
    JSON.parse(
      String(
        await browser.evaluate(
          `behave(${JSON.stringify(name)}, "${of}", ${JSON.stringify(site.address)})`,
        ),
      ),
    );

  beforeAll(async () => {
    if (!isThere) return;
    site = await startWebSocketSite();
    browser = await open(site.url);
    names = JSON.parse(String(await browser.evaluate("JSON.stringify(names)")));
  });

  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  it.runIf(!isThere && process.env[variable] === "1")(`finds what ${variable} asks for`, () => {
    expect.fail("no such browser");
  });

  it.runIf(isThere)("behave alike (WSK-45)", { timeout: 180_000 }, async () => {
    const alike = names.filter((name) => !(name in differences));
    const seen: Record<string, unknown[]> = {};
    for (const name of alike) seen[name] = [await see(name, "native"), await see(name, "tautline")];
    expect(alike.length).toBeGreaterThan(80);
    const wrong = Object.entries(seen).filter(
      ([, [native, tautline]]) => JSON.stringify(native) !== JSON.stringify(tautline),
    );
    expect(wrong).toEqual([]);
  });

  it.runIf(isThere).each(Object.entries(differences))(
    "differ: %s (WSK-45)",
    async (name, expected) => {
      expect([await see(name, "native"), await see(name, "tautline")]).toEqual(expected);
    },
  );
});
