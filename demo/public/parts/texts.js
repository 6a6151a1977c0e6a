import { find, translator } from "../texts/lookup.js";

const { default: texts } = await import(`/texts/${document.documentElement.lang}.js`);

/** A text of the page's language, by its key in `texts/en.js`. */
export const t = translator(texts);

/** The same, or another text where there is none of that key. */
export function tOr(key, other) {
  return find(texts, key) ?? other;
}
