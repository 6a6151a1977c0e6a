/**
 * The pages of `docs/` as pages of a site, below `/docs/`: with navigation, and a search over a static list of sections.
 * They need no inline script and no inline style.
 *
 * Asked by the demo's server at the first request. `npm run docs:site` writes them into `site/`.
 */
import { readdirSync, readFileSync } from "node:fs";
import { Marked } from "marked";
import { groups } from "./groups.mjs";

const HOME = "https://github.com/tautline/tautline/blob/main/";

/**
 * @param {URL} root the project's folder
 * @param {import("./build.mjs").SiteLinks} [around] links in the head of every page; without it there are none
 * @returns {Map<string, { type: string, body: string }>} by path: "/docs/tutorial"
 */
export function buildSite(root, around) {
  const read = (path) => readFileSync(new URL(path, root), "utf8");
  const names = readdirSync(new URL("docs/", root), { recursive: true, encoding: "utf8" })
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => name.slice(0, -".md".length))
    .sort();
  const sources = new Map(names.map((name) => [name, read(`docs/${name}.md`)]));
  sources.set("adr/README", decisions(sources));

  const titles = new Map([...sources].map(([name, text]) => [name, titleOf(text, name)]));
  const site = new Map();
  const sections = [];
  for (const [name, text] of sources) {
    const page = render(name, text, sources);
    sections.push(...page.sections);
    const html = template({ name, title: titles.get(name), html: page.html, titles, around });
    site.set(pathOf(name), { type: "text/html", body: html });
  }
  site.set("/docs/sections.json", { type: "application/json", body: JSON.stringify(sections) });
  for (const [file, type] of [
    ["docs.css", "text/css"],
    ["search.js", "text/javascript"],
  ])
    site.set(`/docs/${file}`, { type, body: read(`scripts/docs-site/${file}`) });
  const miniSearch = readFileSync(new URL(import.meta.resolve("minisearch")), "utf8");
  site.set("/docs/minisearch.js", {
    type: "text/javascript",
    // its map is not served
    body: miniSearch.replace(/^\/\/# sourceMappingURL.*$/m, ""),
  });
  for (const file of readdirSync(new URL("docs/", root)).filter((one) => one.endsWith(".svg")))
    site.set(`/docs/${file}`, { type: "image/svg+xml", body: read(`docs/${file}`) });
  return site;
}

/** "README" is the page of its folder. */
function pathOf(name) {
  return `/docs/${name.replace(/(^|\/)README$/, "$1")}`;
}

function titleOf(text, name) {
  return plain(/^# (.+)$/m.exec(text)?.[1] ?? name);
}

function decisions(sources) {
  const lines = [...sources]
    .filter(([name]) => name.startsWith("adr/"))
    .map(([name, text]) => `- [${titleOf(text, name)}](${name.slice("adr/".length)}.md)`);
  return `# Decisions\n\nOne page for each decision that a newcomer may question.\n\n${lines.join("\n")}\n`;
}

/** A page's HTML, and what the search knows of it. */
function render(name, text, sources) {
  const sections = [];
  const used = new Map();
  const regions = new Map();
  /** Of what is moved sideways: the heading above it, and a number where there are several. */
  const regionName = (kind) => {
    const { heading = name } = sections[sections.length - 1] ?? {};
    const words = `${kind}: ${heading}`;
    const count = (regions.get(words) ?? 0) + 1;
    regions.set(words, count);
    return count === 1 ? words : `${words} (${count})`;
  };
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth, text: words }) {
        const id = unique(anchor(plain(words)), used);
        sections.push({
          id: `${pathOf(name)}#${id}`,
          href: depth === 1 ? pathOf(name) : `${pathOf(name)}#${id}`,
          title: titleOf(text, name),
          heading: plain(words),
          text: "",
        });
        const inner = this.parser.parseInline(tokens);
        const link = depth === 1 ? inner : `<a class="anchor" href="#${id}">${inner}</a>`;
        return `<h${depth} id="${id}">${link}</h${depth}>\n`;
      },
      code({ text: code, lang }) {
        return `<pre tabindex="0"${lang ? ` data-language="${escape(lang)}"` : ""}><code>${escape(code)}</code></pre>\n`;
      },
      table(token) {
        const row = (cells, tag) =>
          `<tr>${cells.map((cell) => `<${tag}>${this.parser.parseInline(cell.tokens)}</${tag}>`).join("")}</tr>`;
        const head = token.header.some((cell) => cell.text) ? row(token.header, "th") : "";
        const body = token.rows.map((cells) => row(cells, "td")).join("\n");
        return `<div class="table" tabindex="0" role="region" aria-label="${escape(regionName("Table"))}"><table><thead>${head}</thead><tbody>${body}</tbody></table></div>\n`;
      },
      link({ href, tokens }) {
        return `<a href="${escape(addressOf(href, name, sources))}">${this.parser.parseInline(tokens)}</a>`;
      },
      image({ href, text: words }) {
        const source = new URL(href, `https://site${pathOf(name)}`).pathname;
        // a chart that is too wide for a phone is moved sideways
        return `<span class="figure" tabindex="0" role="region" aria-label="${escape(regionName("Chart"))}"><img src="${escape(source)}" alt="${escape(words)}" /></span>`;
      },
      html({ text: html }) {
        if (html === "<br>") return html;
        return html.trim().startsWith("<!--") ? "" : escape(html);
      },
    },
    walkTokens(token) {
      if (["paragraph", "code", "table", "list"].includes(token.type)) pending.push(token.raw);
      if (token.type === "heading") pending.push(token);
    },
  });
  /** What stands under each heading, in the order of the page. */
  const pending = [];
  const html = marked.parse(text);
  let at = -1;
  for (const one of pending) {
    if (typeof one !== "string") at++;
    else if (sections[at]) sections[at].text += " " + plain(one);
  }
  return { html, sections };
}

/** The address on the site of what a page links to. */
function addressOf(href, name, sources) {
  const local = href.startsWith(HOME + "docs/") ? href.slice(HOME.length) : undefined;
  if (local === undefined && /^[a-z]+:/i.test(href)) return href;
  if (href.startsWith("#")) return href;
  const url = new URL(local ?? href, local ? "https://site/" : `https://site/docs/${name}.md`);
  const file = url.pathname.replace(/^\/docs\//, "");
  const page = file.replace(/\.md$/, "");
  if (file === "adr" || file === "adr/") return "/docs/adr/";
  if (url.pathname.startsWith("/docs/") && sources.has(page)) return pathOf(page) + url.hash;
  return HOME + url.pathname.slice(1) + url.hash;
}

/** Words of Markdown without its marks. */
function plain(text) {
  return text
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/[`*|]|<[^>]*>|^\s*[-:]+\s*$/gm, " ")
    .replace(/\s+/g, " ")
    .trim();
}

/** The anchor that GitHub makes of a heading. */
function anchor(heading) {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(" ", "-");
}

function unique(id, used) {
  const times = used.get(id) ?? 0;
  used.set(id, times + 1);
  return times ? `${id}-${times}` : id;
}

function escape(text) {
  const names = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (character) => names[character]);
}

function template({ name, title, html, titles, around }) {
  const link = (page) => {
    const here = page === name ? ' aria-current="page"' : "";
    const words = page === "README" ? "Overview" : titles.get(page);
    const lang = page.endsWith(".zh-CN") ? ' lang="zh-CN"' : "";
    return `<li><a href="${pathOf(page)}"${here}${lang}>${escape(words)}</a></li>`;
  };
  const navigation = groups
    .map(([words, pages]) => `<h2>${words}</h2>\n<ul>${pages.map(link).join("\n")}</ul>`)
    .join("\n");
  const language = name.endsWith(".zh-CN") ? "zh-CN" : "en";
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${escape(title)} · Tautline</title>
    <link rel="icon" href="/icon.svg" />
    <link rel="stylesheet" href="/docs/docs.css" />
    <script type="module" src="/docs/search.js"></script>
  </head>
  <body>
    <a class="skip" href="#content">Skip to the content</a>
    <header>
      ${around ? siteLinks(around) : '<a class="brand" href="/docs/">Tautline</a>'}
      ${languageLink(name)}
      <form role="search">
        <input type="search" name="words" aria-label="Search the docs" placeholder="Search (/)" autocomplete="off" />
      </form>
    </header>
    <section id="results" aria-label="Search results" hidden>
      <p role="status"></p>
      <ol></ol>
    </section>
    <div class="columns">
      <nav class="pages" aria-label="Docs">
        <details>
          <summary>All pages</summary>
          ${navigation}
          <ul>
            <li><a href="/docs/adr/">Decisions</a></li>
            <li><a href="/docs/api-reference/">API reference by typedoc</a></li>
          </ul>
        </details>
      </nav>
      <main id="content" tabindex="-1" lang="${language}">
${html}      </main>
    </div>
  </body>
</html>
`;
}

/** The same links as on the other pages of the site, in the reader's language. */
function siteLinks({ lang, label, links }) {
  const items = links.map(([href, words]) => {
    const here = href === "/docs/" ? ' aria-current="true"' : "";
    return `<a href="${href}"${here}>${escape(words)}</a>`;
  });
  return `<a class="brand" href="/">Tautline</a>
      <nav class="site" aria-label="${escape(label)}" lang="${lang}">
        ${items.join("\n        ")}
      </nav>`;
}

/** The tutorial is what there is in Chinese. */
function languageLink(name) {
  const [page, lang, words] = name.endsWith(".zh-CN")
    ? [name.replace(".zh-CN", ""), "en", "English"]
    : ["tutorial.zh-CN", "zh-CN", name === "tutorial" ? "中文" : "中文教程"];
  return `<a class="language" href="${pathOf(page)}" lang="${lang}" hreflang="${lang}">${words}</a>`;
}
