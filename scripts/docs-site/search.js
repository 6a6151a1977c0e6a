/* What the pages of the docs do: the search, whose sections are loaded when the field is used first, and the navigation. */
import MiniSearch from "/docs/minisearch.js";

const LIMIT = 12;
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

let index;
const load = () =>
  (index ??= fetch("/docs/sections.json").then(async (response) => {
    const search = new MiniSearch({
      fields: ["heading", "title", "text"],
      storeFields: ["heading", "title", "href"],
      searchOptions: {
        boost: { heading: 4, title: 2 },
        prefix: true,
        fuzzy: 0.1,
        combineWith: "AND",
      },
    });
    search.addAll(await response.json());
    return search;
  }));

async function show() {
  const words = field.value.trim();
  const found = words ? (await load()).search(words) : [];
  // something else was typed meanwhile
  if (words !== field.value.trim()) return;
  results.hidden = !words;
  count.textContent = found.length ? `${found.length} sections` : "Nothing was found";
  list.replaceChildren(...found.slice(0, LIMIT).map(itemOf));
}

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

field.addEventListener("focus", load, { once: true });
field.addEventListener("input", show);
results.addEventListener("click", ({ target }) => {
  // a link within this page leaves the list open otherwise
  if (target.closest("a")) results.hidden = true;
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  list.querySelector("a")?.click();
});
document.addEventListener("keydown", (event) => {
  const isTyping = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? "");
  if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    field.focus();
  } else if (event.key === "Escape" && !results.hidden) close();
});
