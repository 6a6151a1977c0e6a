import { alternate } from "../lib/alternate.mjs";
import { connectFake } from "../lib/connect.mjs";
import { receiving } from "../lib/subject.mjs";

/** One client with one namespace and one with `options.namespaces`, the message going to the last of them. */
export async function measure(sides, options) {
  const subjects = [];
  for (const side of sides) {
    if (side.io === undefined) continue;
    for (const count of [1, options.namespaces]) subjects.push(await withNamespaces(side, count));
  }
  return alternate(subjects, options);
}

async function withNamespaces(side, count) {
  const namespaces = Array.from({ length: count }, (_, index) => `/room-${index}`);
  const { clients, ws } = await connectFake(side, { namespaces });
  const target = clients[count - 1];
  let arrived = 0;
  target.on("move", () => arrived++);
  const frame = `42${target.nsp},["move",{"id":7,"x":10.5,"y":-3,"name":"ada"}]`;
  return receiving(`${side.name} ${count}`, ws, [frame], () => arrived);
}
