/**
 * Looks texts up by their path, and fills in what stands in braces.
 *
 * @param {object} texts the default export of a language
 * @returns {(key: string, values?: Record<string, unknown>) => string}
 */
export function translator(texts) {
  return (key, values = {}) => {
    const text = find(texts, key);
    if (text === undefined) throw new Error(`There is no text "${key}".`);
    return text.replace(/\{(\w+)\}/g, (_whole, name) => String(values[name]));
  };
}

/** @returns {string | undefined} */
export function find(texts, key) {
  const text = key.split(".").reduce((branch, name) => branch?.[name], texts);
  return typeof text === "string" ? text : undefined;
}
