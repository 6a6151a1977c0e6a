/**
 * State that exists once for each page. A module that is evaluated again, or loaded both as ES module and as CommonJS,
 * must find the same state.
 */
export function pageWide<T>(name: string, make: () => T): T {
  const page = globalThis as { [key: symbol]: unknown };
  return (page[Symbol.for(`tautline.${name}.1`)] ??= make()) as T;
}
