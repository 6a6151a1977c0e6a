/** What a host has that shows custom elements. */
export interface ElementHost {
  readonly customElements: CustomElementRegistry;
  readonly HTMLElement: typeof HTMLElement;
}

/** Undefined where there are none: on a server, in a worker, in React Native. */
export function elementHost(): ElementHost | undefined {
  const { customElements, HTMLElement } = globalThis as Partial<ElementHost>;
  return customElements && HTMLElement && { customElements, HTMLElement };
}
