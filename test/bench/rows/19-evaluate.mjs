import { readFile } from "node:fs/promises";
import { SCRIPT_TAGS } from "../lib/builds.mjs";
import { peerLine } from "../lib/lines.mjs";

const PAGES_EACH_ROUND = 5;

export const row = {
  number: 19,
  title: "compile and evaluate the script-tag build on a fresh page",
  async measure({ hosts, options }) {
    const scripts = [];
    for (const [side, file] of Object.entries(SCRIPT_TAGS)) {
      const source = await readFile(file, "utf8").catch(() => undefined);
      if (source !== undefined) scripts.push({ side, source });
    }
    const lines = [];
    for (const host of hosts.filter(({ name }) => name === "chromium")) {
      const samples = await evaluateOnFreshPages(host, scripts, options.rounds * PAGES_EACH_ROUND);
      lines.push(
        peerLine({ host: host.name, what: "script tag", unit: "ms", samples, goal: 0.75 }),
      );
    }
    return lines;
  },
};

async function evaluateOnFreshPages(host, scripts, count) {
  const samples = {};
  for (let index = -1; index < count; index++) {
    for (const { side, source } of scripts) {
      const page = await host.page();
      // The comment makes each source new, so that no compilation is taken from a cache.
      const milliseconds = await page.evaluate(evaluateScript, `/* ${side} ${index} */${source}`);
      await page.context().close();
      if (index >= 0) (samples[side] ??= []).push(milliseconds);
    }
  }
  return samples;
}

/** Runs on the page. An inline script is compiled and evaluated when it is appended. */
function evaluateScript(source) {
  const script = document.createElement("script");
  script.textContent = source;
  const start = performance.now();
  document.head.append(script);
  const milliseconds = performance.now() - start;
  if (typeof globalThis.io !== "function") throw new Error("the script set no global io");
  return milliseconds;
}
