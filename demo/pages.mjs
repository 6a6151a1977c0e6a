import { examples } from "./examples.mjs";

/**
 * Every page of the site, in the order of the navigation: this list makes the addresses, the heads and the navigation.
 *
 * To add one: a line here, `public/<file>` with what stands between the navigation and the end of the body, its texts
 * in `public/texts/en.js` and `zh.js` under `pages.<id>` (`title`, `nav`), and its script and style sheets.
 * In the file, `{{key}}` is a text, and `{{{name}}}` one of the page's `parts`.
 *
 * @typedef {object} Page
 * @property {string} id also `data-page` of the body, by which panels know where they are
 * @property {string} path
 * @property {string} file
 * @property {boolean} [inNav]
 * @property {string} [script] a module: of `public/`, or built from it under `/built/`
 * @property {string} [skipTo] the id of what the first link leads to, and the text `nav.skip.<id>`; "content" by default
 * @property {string[]} styles files of `public/styles/`, after those that every page has
 * @property {boolean} [hasScriptTag] it loads the client as a script tag, with its integrity
 * @property {boolean} [connectsAnywhere] it lets a person type an address to connect to
 * @property {string} [example] of pages that show one: which
 */

/** @type {Page[]} */
export const pages = [
  {
    id: "index",
    path: "/",
    file: "index.html",
    script: "/built/home/page.js",
    styles: ["panels.css", "home.css"],
  },
  {
    id: "chat",
    path: "/chat.html",
    file: "chat.html",
    inNav: true,
    skipTo: "message",
    script: "/chat/page.js",
    styles: ["status.css", "panels.css", "chat.css"],
    hasScriptTag: true,
  },
  {
    id: "examples",
    path: "/examples",
    file: "examples.html",
    inNav: true,
    styles: ["examples.css"],
  },
  ...examples.map(({ id, sources }) => ({
    id: `example-${id}`,
    path: `/examples/${id}`,
    file: "example.html",
    script: `/${sources[0].replace("public", "built")}`,
    styles: ["status.css", "panels.css", "examples.css"],
    example: id,
  })),
  {
    id: "connection-test",
    path: "/connection-test.html",
    file: "connection-test.html",
    inNav: true,
    skipTo: "host",
    script: "/connection-test/page.js",
    styles: ["status.css", "panels.css", "connection-test.css"],
    hasScriptTag: true,
    connectsAnywhere: true,
  },
  {
    id: "doctor",
    path: "/doctor",
    file: "doctor.html",
    inNav: true,
    skipTo: "address",
    script: "/built/doctor/page.js",
    styles: ["panels.css", "doctor.css"],
    connectsAnywhere: true,
  },
  {
    id: "inspector",
    path: "/inspector",
    file: "inspector.html",
    inNav: true,
    script: "/built/inspector/page.js",
    styles: ["panels.css", "inspector.css"],
  },
  {
    id: "simulator",
    path: "/simulator",
    file: "simulator.html",
    inNav: true,
    skipTo: "time",
    script: "/built/simulator/page.js",
    styles: ["panels.css", "simulator.css"],
  },
];

/** What is shown where there is no page: not in the list, as it has no address.
 *
 * @type {Page} */
export const notFound = { id: "not-found", path: "", file: "not-found.html", styles: [] };
