/**
 * Makes an element. Strings become text nodes, never HTML.
 *
 * @param {string} tag
 * @param {Record<string, unknown>} [properties] `class`, `on…` listeners, `aria-…`/`data-…`/other attributes
 * @param {...(Node | string | undefined)} children
 */
export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === false) continue;
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== undefined));
  return node;
}

/** Writes text only where it differs, so that a screen reader is not told the same thing twice. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** A time of day: short and equally wide everywhere, so that columns of it stand. */
export function clock(at, { seconds = true } = {}) {
  return new Date(at).toTimeString().slice(0, seconds ? 8 : 5);
}

/** Milliseconds as seconds, to a tenth. */
export function seconds(ms) {
  return (ms / 1000).toFixed(1);
}

/** While a character is being composed (Chinese, Japanese, Korean), Enter ends that, and sends nothing. */
export function keepEnterOfComposition(field) {
  field.addEventListener("keydown", (event) => {
    // 229: Safari has ended the composition already when it tells of its Enter.
    if (event.key === "Enter" && (event.isComposing || event.keyCode === 229))
      event.preventDefault();
  });
}
