import { beforeAll, describe, expect, it } from "vitest";
import { buildSite, type SitePage } from "../../scripts/docs-site/build.mjs";
import { groups } from "../../scripts/docs-site/groups.mjs";

describe("The docs as pages of a site", () => {
  let site: Map<string, SitePage>;
  let pages: [path: string, html: string][];

  beforeAll(() => {
    site = buildSite(new URL("../../", import.meta.url));
    pages = [...site].flatMap(([path, { type, body }]) =>
      type === "text/html" ? [[path, body] as [string, string]] : [],
    );
  });

  const linksOf = (html: string): string[] =>
    [...html.matchAll(/ (?:href|src)="([^"]*)"/g)].map(([, target = ""]) =>
      target.replaceAll("&amp;", "&"),
    );

  it("have each page in the navigation, once", () => {
    const inNavigation = groups.flatMap(([, names]) => names).sort();
    const own = pages
      .map(([path]) => path.slice("/docs/".length) || "README")
      .filter((name) => !name.startsWith("adr/"));
    expect(inNavigation).toEqual(own.sort());
  });

  it("have links that lead to pages and headings of the site, or to other sites", () => {
    const dead = pages.flatMap(([path, html]) =>
      linksOf(html)
        .filter((target) => !/^https:/.test(target) && !/^http:\/\/localhost:/.test(target))
        .filter((target) => {
          const url = new URL(target, `https://site${path}`);
          // of the demo, and what typedoc writes
          if (["/", "/icon.svg", "/docs/api-reference/"].includes(url.pathname)) return false;
          const page = site.get(url.pathname);
          const id = decodeURIComponent(url.hash.slice(1));
          return !page || (id !== "" && !page.body.includes(`id="${id}"`));
        })
        .map((target) => `${path}: ${target}`),
    );
    expect(pages.length).toBeGreaterThan(50);
    expect(dead).toEqual([]);
  });

  it("have no inline script, no inline style and no comment of the source", () => {
    const loose = pages.filter(([, html]) =>
      /<script(?![^>]* src=)|<style|<!--|\son\w+="|<[^>]+ style="/.test(
        html.replace(/<pre[^]*?<\/pre>/g, ""),
      ),
    );
    expect(loose.map(([path]) => path)).toEqual([]);
  });

  it("show no source of a diagram", () => {
    expect(pages.filter(([, html]) => /data-language="mermaid"/.test(html))).toEqual([]);
  });

  it("have ids that are there once", () => {
    const twice = pages.flatMap(([path, html]) => {
      const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
      return ids.filter((id, at) => ids.indexOf(id) !== at).map((id) => `${path}#${id}`);
    });
    expect(twice).toEqual([]);
  });

  it("have a section for the search for each heading, with what stands under it", () => {
    const sections = JSON.parse(site.get("/docs/sections.json")?.body ?? "") as {
      id: string;
      heading: string;
      text: string;
    }[];
    const flush = sections.find(({ id }) => id === "/docs/delivery#leaving");
    expect(flush?.heading).toBe("Leaving");
    expect(flush?.text).toContain("flush");
    expect(new Set(sections.map(({ id }) => id)).size).toBe(sections.length);
    expect(sections.filter(({ text }) => text === "").length).toBeLessThan(sections.length / 10);
  });
});
