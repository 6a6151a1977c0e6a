import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { examples } from "../../demo/examples.mjs";
import { pages } from "../../demo/pages.mjs";
import en from "../../demo/public/texts/en.js";
import { translator } from "../../demo/public/texts/lookup.js";
import zh from "../../demo/public/texts/zh.js";
import { addressesOf } from "../../demo/server/settings.mjs";

type Texts = { [key: string]: string | Texts };

/** Paths of all texts, each with the names in its braces. */
function keysOf(texts: Texts, path = ""): string[] {
  return Object.entries(texts).flatMap(([key, value]) => {
    if (typeof value !== "string") return keysOf(value, `${path}${key}.`);
    const names = [...value.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();
    return `${path}${key} ${names.join("")}`;
  });
}

describe("The demo's texts", () => {
  it("have the same keys in each language, with the same values to fill in", () => {
    expect(keysOf(zh).sort()).toEqual(keysOf(en).sort());
  });

  it("are all said: none is empty", () => {
    for (const texts of [en, zh] as Texts[]) expect(JSON.stringify(texts)).not.toContain('""');
  });

  it("throw where there is none of a key, rather than show the key", () => {
    expect(() => translator(en)("chat.nothing")).toThrow('There is no text "chat.nothing".');
  });

  it("are never slanted", async () => {
    const sheets = new Set(["base.css", "controls.css", ...pages.flatMap(({ styles }) => styles)]);
    for (const sheet of sheets) {
      const css = await readFile(
        new URL(`../../demo/public/styles/${sheet}`, import.meta.url),
        "utf8",
      );
      expect(css).not.toContain("italic");
    }
  });
});

describe("The demo's list of pages", () => {
  it("has no address and no id twice", () => {
    expect(new Set(pages.map(({ path }) => path)).size).toBe(pages.length);
    expect(new Set(pages.map(({ id }) => id)).size).toBe(pages.length);
  });

  it("has texts for each page", () => {
    for (const t of [translator(en), translator(zh)]) {
      for (const { id, inNav, example } of pages) {
        const key = example ? `examples.${example}.title` : `pages.${id}.title`;
        expect(t(key)).not.toBe("");
        if (inNav) expect(t(`pages.${id}.nav`)).not.toBe("");
      }
    }
  });

  it("has sources for each example, in which some lines matter", async () => {
    for (const { sources } of examples) {
      for (const file of sources) {
        const text = await readFile(new URL(`../../demo/${file}`, import.meta.url), "utf8");
        expect(text.match(/^\s*(\/\/|\{\/\*) #region\b/gm)?.length, file).toBeGreaterThan(0);
        expect(text.match(/#endregion\b/g)?.length).toBe(text.match(/#region\b/g)?.length);
        // a newcomer reads it in a few minutes
        expect(text.split("\n").length, file).toBeLessThan(130);
      }
    }
  });
});

describe("The addresses that the demo prints", () => {
  const at = (address: string, family: "IPv4" | "IPv6", internal = false) => ({
    address,
    family,
    internal,
  });
  const interfaces: any = {
    lo: [at("127.0.0.1", "IPv4", true), at("::1", "IPv6", true)],
    eth0: [at("192.168.1.7", "IPv4"), at("fe80::1", "IPv6"), at("2001:db8::7", "IPv6")],
  };

  it.each([
    ["127.0.0.1", []],
    ["0.0.0.0", ["192.168.1.7"]],
    ["::", ["192.168.1.7", "[2001:db8::7]"]],
    ["192.168.1.7", ["192.168.1.7"]],
  ])("for HOST=%s are %j", (host, addresses) => {
    expect(addressesOf(host, interfaces)).toEqual(addresses);
  });
});
