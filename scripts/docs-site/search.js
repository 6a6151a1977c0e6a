/* What the pages of the docs do: the search, whose sections are loaded when the field is used first, and the navigation. */
import MiniSearch from "/docs/minisearch.js";

const LIMIT = 12;
/** Of a query: each costs a look at the whole index. */
const MOST_WORDS = 12;
const LONGEST = 200;
const form = document.querySelector("form[role=search]");
const field = form.elements.words;
const results = document.getElementById("results");
const count = results.querySelector("p");
const list = results.querySelector("ol");
const isWide = matchMedia("(min-width: 60rem)");
const navigation = document.querySelector(".pages details");

/** On a wide page the navigation is always there. */
const unfold = () => (navigation.open = isWide.matches);
isWide.addEventListener("change", unfold);
unfold();

/** On a narrow page the site's links are moved sideways: to the one to the docs, which is the last. */
const links = document.querySelector(".site");
if (links) links.scrollLeft = links.scrollWidth;

/** Chinese has no spaces: of it each character and each pair is a word. In a query, pairs are more exact. */
const HAN = /\p{Script=Han}+/gu;
const SEPARATOR = /[\n\r\p{Z}\p{P}]+/u;
function wordsOf(text, { isQuery = false } = {}) {
  const others = text.replace(HAN, " ").split(SEPARATOR);
  const han = (text.match(HAN) ?? []).flatMap((run) => {
    const characters = [...run];
    const pairs = characters.slice(1).map((character, i) => characters[i] + character);
    return isQuery && pairs.length > 0 ? pairs : [...characters, ...pairs];
  });
  return [...others, ...han];
}

let index;
const load = () =>
  (index ??= fetch("/docs/sections.json").then(async (response) => {
    const search = new MiniSearch({
      tokenize: (text) => wordsOf(text),
      fields: ["heading", "title", "text"],
      storeFields: ["heading", "title", "href"],
      searchOptions: {
        boost: { heading: 4, title: 2 },
        prefix: true,
        fuzzy: 0.1,
        combineWith: "AND",
        tokenize: (text) => wordsOf(text, { isQuery: true }).slice(0, MOST_WORDS),
      },
    });
    search.addAll(await response.json());
    return search;
  }));

async function show() {
  const words = wanted();
  let found = [];
  let problem;
  try {
    if (words) found = (await load()).search(words);
  } catch {
    // the next letter asks again
    index = undefined;
    problem = "The search could not be loaded";
  }
  // something else was typed meanwhile
  if (words !== wanted()) return;
  results.hidden = !words;
  const sections = found.length === 1 ? "1 section" : `${found.length} sections`;
  count.textContent = problem ?? (found.length ? sections : "Nothing was found");
  list.replaceChildren(...found.slice(0, LIMIT).map(itemOf));
}

const wanted = () => field.value.trim().slice(0, LONGEST);

function itemOf({ heading, title, href }) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.href = href;
  link.textContent = heading === title ? title : `${title}: ${heading}`;
  item.append(link);
  return item;
}

function close() {
  field.value = "";
  results.hidden = true;
  field.focus();
}

field.addEventListener("focus", () => load().catch(() => (index = undefined)), { once: true });
field.addEventListener("input", show);
// what was typed before this script was there, or is back with the page
if (wanted()) void show();
results.addEventListener("click", ({ target }) => {
  // a link within this page leaves the list open otherwise
  if (target.closest("a")) results.hidden = true;
});
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  // the first of what the field says now, not of what it said when the list was made
  const words = wanted();
  await show();
  if (words === wanted()) list.querySelector("a")?.click();
});
document.addEventListener("keydown", (event) => {
  const isTyping = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? "");
  if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    field.focus();
  } else if (event.key === "Escape" && !results.hidden) close();
});
