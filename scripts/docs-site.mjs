/** Writes the pages of the docs into `site/docs`, for any web server. The demo's server makes them itself. */
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { buildSite } from "./docs-site/build.mjs";

const root = new URL("../", import.meta.url);

for (const [path, { type, body }] of buildSite(root)) {
  const file =
    type !== "text/html" ? path : path.endsWith("/") ? `${path}index.html` : `${path}.html`;
  const url = new URL(`site${file}`, root);
  mkdirSync(new URL(".", url), { recursive: true });
  writeFileSync(url, body);
}
copyFileSync(new URL("demo/public/icon.svg", root), new URL("site/icon.svg", root));
