/** What a process and all that it started take, from Linux's /proc. */
import { readdirSync, readFileSync } from "node:fs";

/** Clock ticks in a second: what Linux tells of CPU time is in them. */
const TICKS = 100;

/**
 * @param {number} root
 * @returns {{ cpu: number, memory: number }} seconds since they were started, and the bytes that would be free without them
 */
export function costOfTree(root) {
  const ticks = ticksOfTree(root);
  let [cpu, memory] = [0, 0];
  for (const [id, used] of ticks) {
    const [, kib] = /^Pss:\s+(\d+)/m.exec(read(id, "smaps_rollup") ?? "") ?? [];
    cpu += used / TICKS;
    memory += Number(kib ?? 0) * 1024;
  }
  return { cpu, memory };
}

/**
 * Which of the processes does this work? Browsers do not tell which one a page lives in.
 *
 * @param {number} root
 * @param {() => Promise<unknown>} work keeps one of them busy for a while
 * @returns {Promise<number>} its id
 */
export async function busiestOfTree(root, work) {
  const before = ticksOfTree(root);
  await work();
  const used = [...ticksOfTree(root)].map(([id, ticks]) => [id, ticks - (before.get(id) ?? 0)]);
  used.sort((a, b) => b[1] - a[1]);
  return used[0][0];
}

/** @param {number} root */
function ticksOfTree(root) {
  const parents = new Map();
  const ticks = new Map();
  for (const id of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const stat = read(id, "stat");
    if (!stat) continue;
    // the name, in brackets, may have spaces
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    parents.set(Number(id), Number(fields[1]));
    ticks.set(Number(id), Number(fields[11]) + Number(fields[12]));
  }
  const isInside = (id) => id === root || (parents.has(id) && isInside(parents.get(id)));
  return new Map([...ticks].filter(([id]) => isInside(id)));
}

function read(id, file) {
  try {
    return readFileSync(`/proc/${id}/${file}`, "latin1");
  } catch {
    // it has ended meanwhile
    return undefined;
  }
}
