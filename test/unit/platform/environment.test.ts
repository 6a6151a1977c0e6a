import { afterEach, describe, expect, it, vi } from "vitest";
import { environment } from "../../../src/platform/environment.js";

afterEach(() => {
  vi.unstubAllGlobals();
});

/** A host that has these globals, and none of those by which others are known. */
function host(globals: object): void {
  const none = { Deno: 0, Bun: 0, process: 0, navigator: 0, document: 0, importScripts: 0 };
  for (const name of Object.keys(none)) vi.stubGlobal(name, undefined);
  for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value);
}

const node = { versions: { node: "24.1.0" } };

describe("environment()", () => {
  it.each([
    ["a page", { document: {} }, "browser"],
    ["a worker", { importScripts: () => {} }, "worker"],
    ["Node", { process: node }, "node"],
    ["a page of jsdom", { process: node, document: {} }, "browser"],
    ["Deno, which has a process too", { process: node, Deno: {} }, "deno"],
    ["Bun, which has a process too", { process: node, Bun: {} }, "bun"],
    ["React Native", { navigator: { product: "ReactNative" }, document: {} }, "react-native"],
    ["a host of another kind", { process: {} }, "other"],
  ])("knows %s (RCD-42)", (_what, globals, kind) => {
    host(globals);
    expect(environment()).toEqual({ host: kind });
  });

  const AGENTS: [browser: string, system: string, userAgent: string][] = [
    [
      "Chrome 156",
      "Windows",
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.1.2 Safari/537.36",
    ],
    [
      "Edge 155",
      "Windows",
      "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/155.0.0.0 Safari/537.36 Edg/155.0.9.9",
    ],
    [
      "Opera 120",
      "macOS",
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36 OPR/120.0.0.0",
    ],
    [
      "Firefox 140",
      "Linux",
      "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    ],
    [
      "Firefox 141",
      "iOS",
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/141.0 Mobile/15E148 Safari/605.1.15",
    ],
    [
      "Safari 18",
      "iOS",
      "Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
    ],
    [
      "Chrome 156",
      "Android",
      "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36",
    ],
    [
      "Chrome 150",
      "Linux",
      "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36",
    ],
  ];
  it.each(AGENTS)(
    "reads %s on %s from a user agent, and no more (RCD-42)",
    (browser, system, userAgent) => {
      host({ document: {}, navigator: { userAgent } });
      expect(environment()).toEqual({ host: "browser", browser, system });
    },
  );

  it("tells what the page says of its network and of being seen (RCD-43)", () => {
    const userAgent = "Something else";
    host({ document: { visibilityState: "hidden" }, navigator: { userAgent, onLine: false } });
    expect(environment()).toEqual({ host: "browser", online: false, visibility: "hidden" });
  });
});
