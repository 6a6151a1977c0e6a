import { find, translator } from "../texts/lookup.js";
import { element } from "./dom.js";

const { default: texts } = await import(`/texts/${document.documentElement.lang}.js`);

/** A text of the page's language, by its key in `texts/en.js`. */
export const t = translator(texts);

/** The same, or another text where there is none of that key. */
export function tOr(key, other) {
  return find(texts, key) ?? other;
}

/**
 * The same as `t()`, for values that somebody else has written: letters that run from right to left, and marks that turn the
 * direction, stay within their value.
 *
 * @param {Record<string, unknown>} values each a text, or a list of texts
 * @returns {Node} for one place
 */
export function isolated(key, values) {
  const node = document.createDocumentFragment();
  const parts = find(texts, key).split(/\{(\w+)\}/);
  node.append(...parts.map((part, i) => (i % 2 ? alone(values[part]) : part)));
  return node;
}

function alone(value) {
  if (!Array.isArray(value)) return element("bdi", {}, String(value));
  const separator = t("chat.separator");
  return element(
    "span",
    {},
    ...value.flatMap((one, i) => (i ? [separator, alone(one)] : alone(one))),
  );
}
