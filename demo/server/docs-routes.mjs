import { existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import express from "express";
import { buildSite } from "../../scripts/docs-site/build.mjs";
import { pages } from "../pages.mjs";
import { languageOf, languages } from "./languages.mjs";

/** typedoc's own script puts markup together from texts, and its styles are in the elements. */
const REFERENCE_POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'";

/**
 * The pages of `docs/`, made at the first request; and the API reference, where `npm run docs:api` has written it.
 *
 * @param {string} root the project's folder
 */
export function docsRoutes(root) {
  const router = express.Router();
  const reference = path.join(root, "site/docs/api-reference");
  router.use("/api-reference", (_request, response, next) => {
    response.set("Content-Security-Policy", REFERENCE_POLICY);
    if (existsSync(reference)) next();
    else response.status(404).type("text").send("Not written yet: npm run docs:api");
  });
  router.use("/api-reference", express.static(reference, { cacheControl: false }));

  /** By the language of the head; the pages themselves are in English. */
  const sites = new Map();
  router.use((request, response, next) => {
    // without a slash, links of the first page would lead elsewhere
    if (request.originalUrl === "/docs") return response.redirect("/docs/");
    const language = languageOf(request, response);
    if (!sites.has(language))
      sites.set(language, buildSite(pathToFileURL(root + path.sep), linksAround(language)));
    const page = sites.get(language).get(decoded(request.baseUrl + request.path));
    if (page) response.type(page.type).send(page.body);
    else next();
  });
  return router;
}

/** Undefined for what is no text in UTF-8. */
function decoded(address) {
  try {
    return decodeURI(address);
  } catch {
    return undefined;
  }
}

/** What the head of every page of the demo has. */
function linksAround(language) {
  const { t } = languages[language];
  const links = pages
    .filter(({ inNav }) => inNav)
    .map((page) => [page.path, t(`pages.${page.id}.nav`)]);
  return { lang: language, label: t("nav.label"), links: [...links, ["/docs/", t("nav.docs")]] };
}
