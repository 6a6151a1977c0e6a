/** How many things an object holds: a bound on memory that needs to know nothing of how it is built. */

/** Things that are not the object's own: classes, the host's, and what the model itself handed in. */
function isForeign(value: object, foreign: ReadonlySet<object>): boolean {
  return typeof value === "function" || value === globalThis || foreign.has(value);
}

/**
 * Counts entries of the arrays, maps, sets and objects that can be reached, closures left out.
 *
 * @param foreign - what isn't counted, and not looked into
 */
export function weigh(root: object, foreign: ReadonlySet<object> = new Set()): number {
  const seen = new Set<object>([root]);
  const queue: object[] = [root];
  let weight = 0;
  const visit = (value: unknown): void => {
    weight++;
    if (typeof value !== "object" || value === null || seen.has(value)) return;
    if (isForeign(value, foreign)) return;
    seen.add(value);
    queue.push(value);
  };
  for (let holder = queue.pop(); holder; holder = queue.pop()) {
    if (ArrayBuffer.isView(holder)) continue;
    if (holder instanceof Map)
      for (const [key, value] of holder) {
        visit(key);
        visit(value);
      }
    else if (holder instanceof Set) holder.forEach(visit);
    for (const value of Object.values(holder)) visit(value);
  }
  return weight;
}
