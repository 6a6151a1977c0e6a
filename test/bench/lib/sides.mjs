/** The sides of the comparison: raw always, and the clients at these addresses. */
export async function loadSides(urls) {
  const sides = [{ name: "raw", io: undefined }];
  for (const [name, url] of Object.entries(urls)) {
    const module = await import(url);
    sides.push({ name, io: module.io, module });
  }
  return sides;
}
