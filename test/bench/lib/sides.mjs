/** The sides of the comparison that are at hand: raw and the peer always, Tautline once it is built. */
export async function loadSides(urls) {
  const sides = [{ name: "raw", io: undefined }];
  for (const name of ["peer", "tautline"]) {
    if (urls[name] === undefined) continue;
    const module = await import(urls[name]);
    sides.push({ name, io: module.io, module });
  }
  return sides;
}
