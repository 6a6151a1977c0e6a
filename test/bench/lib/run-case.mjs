import { alternate } from "./alternate.mjs";
import { FakeWebSocket } from "./fake-websocket.mjs";
import { loadSides } from "./sides.mjs";

const HostWebSocket = globalThis.WebSocket;

/**
 * Runs one case of `cases/` in this process or page. Knows nothing of Node or of a page.
 *
 * A case exports `subject(side, options)`, measured in turns with the others; or `measure(sides, options)`
 * when it measures by itself. Instead of the fake WebSocket it may put in place what it needs: `install(HostWebSocket)`.
 */
export async function runCase({ name, urls, options }) {
  const definition = await import(`../cases/${name}.mjs`);
  // The peer looks globals up when it is imported, so they must be in place before.
  if (definition.install !== undefined) definition.install(HostWebSocket);
  else globalThis.WebSocket = FakeWebSocket;
  const sides = await loadSides(urls);
  if (definition.measure !== undefined) return definition.measure(sides, options);
  const subjects = [];
  for (const side of sides) subjects.push(await definition.subject(side, options));
  return alternate(subjects, options);
}
