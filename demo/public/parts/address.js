/**
 * Writes what the page shows now into its address, and into the link to the page in the other language.
 *
 * @param {URLSearchParams} query
 */
export function replaceQuery(query) {
  history.replaceState(null, "", `?${query}`);
  const link = document.querySelector("header .language");
  const other = new URLSearchParams(query);
  other.set("lang", link.hreflang);
  link.href = `?${other}`;
}
