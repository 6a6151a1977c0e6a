import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { describeInBrowser, launchBrowser } from "../support/browser.ts";
import { apps } from "./support/places.ts";
import { goodReport, reportOf, shortReport } from "./support/report.ts";
import { type Site, startSite } from "./support/site.ts";

const { resolve } = createRequire(join(apps, "app.js"));

/** What a server finds by the package's name. */
const packed = (file: string): string => readFileSync(resolve(`tautline/dist/${file}`), "utf8");

const integrity = (text: string): string =>
  `sha384-${createHash("sha384").update(text).digest("base64")}`;

const conversation = readFileSync(join(apps, "conversation.js"), "utf8");
const files = {
  "/conversation.js": conversation,
  ...Object.fromEntries(
    ["tautline.js", "tautline.min.js", "tautline.full.min.js", "tautline.esm.min.js"].map(
      (file) => [`/${file}`, packed(file)],
    ),
  ),
};

const document = (head: string): string =>
  `<!doctype html><meta charset="utf-8"><title>A page</title>${head}`;

const scriptTag = (file: string, attributes = ""): string =>
  `<script src="/${file}" ${attributes}></script>`;

describeInBrowser("A page without a bundler", () => {
  let browser: Browser;
  let site: Site | undefined;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());
  afterEach(() => site?.close());

  async function reportOfPage(
    head: string,
    headers: Record<string, string> = {},
    more: Record<string, string> = {},
  ): Promise<unknown> {
    site = await startSite({ files: { ...files, "/": document(head), ...more }, headers });
    return reportOf(browser, site.url);
  }

  const start = `<script>report(io).then(print)</script>`;

  it.each(["tautline.js", "tautline.min.js", "tautline.full.min.js"])(
    "connects by script tag (%s) (PKG-32)",
    async (file) => {
      const head = scriptTag("conversation.js") + scriptTag(file) + start;
      expect(await reportOfPage(head)).toEqual(goodReport);
    },
  );

  describe("under a strict Content-Security-Policy with Trusted Types", () => {
    const nonce = "c29tZSBub25jZQ";
    const rules = [
      "default-src 'none'",
      `script-src 'nonce-${nonce}' 'strict-dynamic'`,
      "connect-src 'self'",
      "base-uri 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ];
    const headers = {
      "Content-Security-Policy": rules.join("; "),
      "Integrity-Policy": "blocked-destinations=(script)",
    };
    const checked = (file: string, text: string): string =>
      scriptTag(file, `nonce="${nonce}" integrity="${integrity(text)}" crossorigin="anonymous"`);
    const startWithNonce = `<script nonce="${nonce}">report(io).then(print)</script>`;
    const helper = checked("conversation.js", conversation);

    it.each(["tautline.min.js", "tautline.full.min.js"] as const)(
      "connects by a script tag with integrity (%s) (PKG-32)",
      async (file) => {
        const head = helper + checked(file, packed(file)) + startWithNonce;
        expect(await reportOfPage(head, headers)).toEqual(goodReport);
      },
    );

    it("has policies that bite", async () => {
      const head = helper + checked("tautline.min.js", "another text") + startWithNonce;
      await expect(reportOfPage(head, headers)).rejects.toThrow("io is not defined");
    });
  });

  it("connects by an import map with integrity (PKG-32)", async () => {
    const map = {
      imports: { tautline: "/tautline.esm.min.js" },
      integrity: { "/tautline.esm.min.js": integrity(packed("tautline.esm.min.js")) },
    };
    const head =
      `<script type="importmap">${JSON.stringify(map)}</script>` +
      scriptTag("conversation.js") +
      `<script type="module">import { io } from "tautline"; report(io).then(print)</script>`;
    expect(await reportOfPage(head)).toEqual(goodReport);
  });

  describe("in a worker", () => {
    const scripts = {
      classic: `importScripts("/conversation.js", "/tautline.min.js");`,
      module: `import "/conversation.js"; import { io } from "/tautline.esm.min.js";`,
    };
    /** What the worker does, and how its page starts it and listens. */
    const kinds = {
      dedicated: {
        worker: `report(io).then((told) => postMessage(told));`,
        page: `new Worker("/worker.js", { type }).onmessage = ({ data }) => print(data);`,
      },
      shared: {
        worker: `onconnect = ({ ports: [port] }) => report(io).then((told) => port.postMessage(told));`,
        page: `new SharedWorker("/worker.js", { type }).port.onmessage = ({ data }) => print(data);`,
      },
      service: {
        worker: `onmessage = (event) => event.waitUntil(report(io).then((told) => event.source.postMessage(told)));`,
        page: `navigator.serviceWorker.onmessage = ({ data }) => print(data);
          navigator.serviceWorker.register("/worker.js", { type });
          navigator.serviceWorker.ready.then(({ active }) => active.postMessage("start"));`,
      },
    };
    const cases = (["dedicated", "shared", "service"] as const).flatMap((kind) =>
      (["classic", "module"] as const).map((type) => [kind, type] as const),
    );

    it.each(cases)("connects from a %s one, as a %s script (PKG-33)", async (kind, type) => {
      const head =
        scriptTag("conversation.js") +
        `<script>const type = "${type}"; ${kinds[kind].page}</script>`;
      const worker = scripts[type] + kinds[kind].worker;
      expect(await reportOfPage(head, {}, { "/worker.js": worker })).toEqual(goodReport);
    });
  });

  describe("in the oldest browser that the README names", () => {
    /** What came after Chrome 80, Firefox 74 and Safari 13.1, or not in each of them. */
    const younger = [
      ...["AggregateError", "BroadcastChannel", "CompressionStream", "FinalizationRegistry"],
      ...["TextDecoderStream", "TransformStream", "WeakRef", "WebTransport", "WritableStream"],
      ...["navigator.connection", "navigator.locks", "reportError", "requestIdleCallback"],
      ...["scheduler", "structuredClone", "crypto.subtle", "crypto.randomUUID"],
      ...["AbortSignal.any", "AbortSignal.timeout", "Array.fromAsync", "Object.groupBy"],
      ...["Object.hasOwn", "Promise.any", "Promise.try", "Promise.withResolvers", "URL.canParse"],
      ...["AbortSignal.prototype.reason", "AbortSignal.prototype.throwIfAborted"],
      ...["Array.prototype.at", "Array.prototype.findLast", "Array.prototype.toSorted"],
      ...["Blob.prototype.arrayBuffer", "Blob.prototype.stream", "Blob.prototype.text"],
      ...["Blob.prototype.bytes", "Element.prototype.replaceChildren", "Map.groupBy"],
      ...["Set.prototype.union", "String.prototype.at", "String.prototype.isWellFormed"],
      ...["String.prototype.replaceAll", "TypedArray.at", "Uint8Array.prototype.toBase64"],
      ...["Uint8Array.fromBase64", "performance.timeOrigin"],
    ];
    const forget = `for (const path of ${JSON.stringify(younger)}) {
      const names = path.replace("TypedArray", "Uint8Array.__proto__.prototype").split(".");
      const last = names.pop();
      const owner = names.reduce((from, name) => from?.[name], globalThis);
      for (let at = owner; at; at = Object.getPrototypeOf(at)) delete at[last];
      if (owner && last in owner) throw new Error("can't forget " + path);
    }`;

    it.each(["tautline.min.js", "tautline.full.min.js"])("connects (%s) (PKG-34)", async (file) => {
      const head = `<script>${forget}</script>${scriptTag("conversation.js")}${scriptTag(file)}${start}`;
      expect(await reportOfPage(head)).toEqual(goodReport);
    });

    it("delivers, reads, waits and aborts", async () => {
      const app = `<script type="module">
        const socket = io({ delivery: io.atLeastOnce() });
        const later = new AbortController();
        const aborted = socket.signal(later.signal).timeout(10000).emitWithAck("never");
        later.abort();
        const { code } = await aborted.catch((error) => error);
        if (code !== "aborted") throw new Error(code);
        const reader = io.events(socket, "greeting");
        const told = await converse(socket);
        const { value } = await reader.next();
        if (value[0] !== "hello") throw new Error(value[0]);
        const blob = new Blob(["bytes"]);
        const echo = await socket.emitWithAck("echo", blob);
        if (echo.byteLength !== 5) throw new Error("not 5 bytes");
        await io.flush(socket);
        print([told]);
      </script>`;
      const head = `<script>${forget}</script>${scriptTag("conversation.js")}${scriptTag("tautline.full.min.js")}${app}`;
      expect(await reportOfPage(head)).toEqual(shortReport);
    });
  });
});
