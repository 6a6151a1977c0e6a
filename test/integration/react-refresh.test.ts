// @vitest-environment jsdom
import { createElement as h, StrictMode, useState } from "react";
import { expect, it, onTestFinished, vi } from "vitest";
import { useEvents, useSocket, useStream, useWebSocket } from "../../src/react/index.js";
import { stream } from "../../src/server/index.js";
import { echoServer, echoWebSocketServer } from "../support/adapter-servers.js";
import { until } from "../support/harness.js";

/** What React's development build offers to those who exchange components: Fast Refresh does no more. */
interface Renderer {
  setRefreshHandler(familyOf: (type: unknown) => object | undefined): void;
  scheduleRefresh(
    root: unknown,
    update: { staleFamilies: Set<object>; updatedFamilies: Set<object> },
  ): void;
}

it("fifty hot reloads make no connection, lose no list, and begin no stream anew (REA-45)", async () => {
  let renderer!: Renderer;
  const roots = new Set<unknown>();
  vi.stubGlobal("__REACT_DEVTOOLS_GLOBAL_HOOK__", {
    supportsFiber: true,
    renderers: new Map(),
    inject: (internals: Renderer) => ((renderer = internals), 1),
    onCommitFiberRoot: (_id: number, root: unknown) => roots.add(root),
    onCommitFiberUnmount() {},
  });
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", false);
  onTestFinished(() => void vi.unstubAllGlobals());
  const { createRoot } = await import("react-dom/client");

  const server = await echoServer();
  const plain = await echoWebSocketServer("");
  let streams = 0;
  stream(server.io, "count", async function* () {
    streams++;
    yield* [1, 2, 3];
    await new Promise(() => {});
  });
  const version = (n: number) =>
    function App() {
      const { socket, isConnected } = useSocket(server.url, {
        linger: 0,
        transports: ["websocket"],
      });
      const { readyState, lastMessage } = useWebSocket(plain.address, { linger: 0 });
      const list = useEvents(socket, "n");
      const { items } = useStream<number>(socket, "count");
      const [kept] = useState(Math.random);
      return JSON.stringify([n, isConnected, readyState, lastMessage, list, items, typeof kept]);
    };
  const family = { current: version(0) };
  const versions = new Set<unknown>([family.current]);
  renderer.setRefreshHandler((type) => (versions.has(type) ? family : undefined));
  const container = document.createElement("div");
  const root = createRoot(container);
  onTestFinished(() => root.unmount());
  root.render(h(StrictMode, null, h(family.current)));
  const shows = (...rest: unknown[]) =>
    until(() => container.textContent === JSON.stringify([...rest, "number"]));
  await shows(0, true, 1, null, [], [1, 2, 3]);
  const list: number[][] = [];
  for (let n = 1; n <= 50; n++) {
    versions.add((family.current = version(n)));
    for (const each of roots)
      renderer.scheduleRefresh(each, {
        staleFamilies: new Set(),
        updatedFamilies: new Set([family]),
      });
    if (n % 10 === 0) {
      server.io.emit("n", n);
      list.push([n]);
    }
    await shows(n, true, 1, null, list, [1, 2, 3]);
  }
  expect([server.connections(), plain.addresses.length, streams]).toEqual([1, 1, 1]);
});
