/**
 * Says something to those who listen to the page: short, and nothing twice in a row.
 *
 * @param {HTMLElement} region with `role="status"`
 */
export function announcer(region) {
  return (text) => {
    if (region.textContent !== text) region.textContent = text;
  };
}
