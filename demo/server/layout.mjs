import { readFile } from "node:fs/promises";
import path from "node:path";
import { examples } from "../examples.mjs";
import { pages } from "../pages.mjs";
import { addressIn, languageOf, languages } from "./languages.mjs";
import { SCRIPT } from "./script.mjs";
import { scenesPart, sidesPart } from "./sides-part.mjs";
import { switchesPart } from "./switches-part.mjs";

const STYLES = ["base.css", "controls.css"];

/**
 * Makes the HTML of a page: the head and the navigation, which all have, around the page's own file.
 *
 * @param {object} options
 * @param {string} options.folder with the files
 * @param {string} options.integrity of the client as a script tag
 */
export function createLayout({ folder, integrity }) {
  /** @param {import("../pages.mjs").Page} page */
  return async (page, request, response) => {
    const language = languageOf(request, response);
    const { t } = languages[language];
    const body = await readFile(path.join(folder, page.file), "utf8");
    const text = (key) => escape(t(key));
    const parts = {
      switches: switchesPart(text),
      sides: sidesPart(text),
      scenes: scenesPart(text),
      ...(page.example ? exampleParts(page.example, t) : { cards: cards(t) }),
    };
    response.set("Content-Language", language).type("html").send(`<!doctype html>
<html lang="${language}">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${escape(t(page.example ? `examples.${page.example}.title` : `pages.${page.id}.title`))} · Tautline</title>
    <link rel="icon" href="/icon.svg" />
    ${[...STYLES, ...page.styles].map((file) => `<link rel="stylesheet" href="/styles/${file}" />`).join("\n    ")}
    ${page.hasScriptTag ? `<script src="/dist/${SCRIPT}" integrity="${integrity}" crossorigin="anonymous"></script>` : ""}
    <script type="module" src="/site.js"></script>
    <link rel="modulepreload" href="/texts/${language}.js" />
    ${page.script ? `<script type="module" src="${page.script}"></script>` : ""}
  </head>
  <body data-page="${page.id}"${page.example ? ` data-example="${page.example}"` : ""}>
    <a class="skip" href="#${page.skipTo ?? "content"}">${escape(t(`nav.skip.${page.skipTo ?? "content"}`))}</a>
    <header class="top">
      <a class="brand" href="/"${current(page.path === "/")}>Tautline</a>
      <nav aria-label="${escape(t("nav.label"))}">
        ${pages
          .filter(({ inNav }) => inNav)
          .map((other) => navLink(other, page, t))
          .join("\n        ")}
        <a href="/docs/">${escape(t("nav.docs"))}</a>
      </nav>
      ${languageLink(language, request)}
    </header>
${fill(body, t, parts)}  </body>
</html>
`);
  };
}

function navLink(other, page, t) {
  const isHere = other === page || (other.id === "examples" && page.example !== undefined);
  return `<a href="${other.path}"${current(isHere)}>${escape(t(`pages.${other.id}.nav`))}</a>`;
}

/** There are two: one is in use, and the other one is offered in its own words. */
function languageLink(language, request) {
  const [other, { name }] = Object.entries(languages).find(([key]) => key !== language);
  const href = escape(addressIn(other, request));
  return `<a class="language" href="${href}" lang="${other}" hreflang="${other}">${name}</a>`;
}

function current(isHere) {
  return isHere ? ' aria-current="page"' : "";
}

function exampleParts(here, t) {
  const links = examples.map(
    ({ id }) =>
      `<a href="/examples/${id}"${current(id === here)}>${escape(t(`examples.${id}.title`))}</a>`,
  );
  return {
    links: links.join("\n        "),
    title: escape(t(`examples.${here}.title`)),
    lead: escape(t(`examples.${here}.lead`)),
  };
}

function cards(t) {
  return examples
    .map(
      ({ id }) =>
        `<li><a href="/examples/${id}"><h2>${escape(t(`examples.${id}.title`))}</h2><p>${escape(t(`examples.${id}.lead`))}</p></a></li>`,
    )
    .join("\n");
}

function fill(body, t, parts) {
  return body
    .replace(/\{\{\{([\w.-]+)\}\}\}/g, (_whole, name) => parts[name])
    .replace(/\{\{([\w.-]+)\}\}/g, (_whole, key) => escape(t(key)));
}

function escape(text) {
  const names = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (character) => names[character]);
}
