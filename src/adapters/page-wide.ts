/**
 * What there is once a page, whatever happens to modules: one that is evaluated again, and one that an app holds twice, as ES
 * module and as CommonJS, must find it.
 */
export function pageWide<T>(name: string, make: () => T): T {
  const page = globalThis as { [key: symbol]: unknown };
  return (page[Symbol.for(`tautline.${name}.1`)] ??= make()) as T;
}
