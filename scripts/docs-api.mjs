/**
 * Writes the API reference into `site/docs/api-reference`, out of the docstrings of the entries. Fails at the first warning.
 *
 * Pages of typedoc have one inline script, which a strict Content-Security-Policy forbids: it is put into a file.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Application } from "typedoc";
import { inputs } from "./entries.mjs";

const root = fileURLToPath(new URL("../", import.meta.url));
const out = path.join(root, "site/docs/api-reference");

const entries = inputs().filter(
  ({ name }) => !name.includes("development") && !name.includes(".node"),
);

const app = await Application.bootstrapWithPlugins({
  name: "Tautline",
  favicon: path.join(root, "demo/public/icon.svg"),
  entryPoints: entries.map(({ source }) => path.join(root, source)),
  tsconfig: path.join(root, "scripts/tsconfig.docs.json"),
  readme: "none",
  excludePrivate: true,
  excludeInternal: true,
  includeVersion: true,
  disableSources: true,
  treatWarningsAsErrors: true,
  validation: {
    notExported: false,
    invalidLink: true,
    rewrittenLink: true,
    unusedMergeModuleWith: true,
  },
});
const project = await app.convert();
if (project) {
  for (const module of project.children ?? []) module.name = importOf(module.name);
  app.validate(project);
  await app.generateDocs(project, out);
}
if (!project || app.logger.hasErrors() || app.logger.hasWarnings()) process.exit(1);

const inline = /<script>([^]*?)<\/script>/;
let script = "";
for (const name of readdirSync(out, { recursive: true, encoding: "utf8" })) {
  if (!name.endsWith(".html")) continue;
  const file = path.join(out, name);
  const html = readFileSync(file, "utf8");
  script ||= inline.exec(html)?.[1] ?? "";
  const base = "../".repeat(name.split(path.sep).length - 1);
  writeFileSync(file, html.replace(inline, `<script src="${base}assets/theme.js"></script>`));
}
writeFileSync(path.join(out, "assets/theme.js"), script);

/** typedoc names modules by their files; apps know them by what they import. */
function importOf(module) {
  const entry = entries.find(({ source }) => {
    const file = source.replace(/^src\//, "").replace(/\.ts$/, "");
    return module === file || module === file.replace(/\/index$/, "");
  });
  if (!entry) throw new Error(`no entry has the source ${module}`);
  return entry.name === "index" ? "tautline" : `tautline/${entry.name}`;
}
