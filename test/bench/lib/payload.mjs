/** About 64 KB of JSON as an application has it: a list of small records. */
export function records(bytes = 65_536) {
  const list = [];
  for (let size = 2, id = 0; size < bytes; id++) {
    const record = {
      id,
      name: `user ${id}`,
      active: id % 3 === 0,
      position: { x: id * 1.5, y: -id },
      tags: ["blue", "green"],
      text: "the quick brown fox jumps over the lazy dog",
    };
    size += JSON.stringify(record).length + 1;
    list.push(record);
  }
  return list;
}
