/** An element with attributes and children. It parses no markup, which pages may forbid. */
export function create<K extends keyof HTMLElementTagNameMap>(
  owner: Document,
  name: K,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = owner.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** The same for SVG. */
export function draw(
  owner: Document,
  name: string,
  attributes: Record<string, string>,
  ...children: Node[]
): SVGElement {
  const element = owner.createElementNS("http://www.w3.org/2000/svg", name) as SVGElement;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** Sets the text of an element, if it differs. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** A style sheet of a document. */
export function sheetOf(owner: Document, css: string): CSSStyleSheet {
  const Sheet = (owner.defaultView as Window & typeof globalThis).CSSStyleSheet;
  const sheet = new Sheet();
  sheet.replaceSync(css);
  return sheet;
}
