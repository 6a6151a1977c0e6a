/* An app for adapter-site.ts. `live` is for the test: what was counted, and what can be done. */
import { createElement as h, Fragment, StrictMode, useEffect, useState, version } from "react";
import { createRoot } from "react-dom/client";
import {
  SocketProvider,
  useEvents,
  useSocket,
  useSocketEvent,
  useSocketState,
  useWebSocket,
} from "tautline/react";

const live = (globalThis.live = {
  version,
  heard: [],
  renders: 0,
  frames: 0,
  effects: 0,
  list: [],
  errors: [],
});
addEventListener("error", ({ message }) => live.errors.push(message));
(function count() {
  live.frames++;
  requestAnimationFrame(count);
})();

function Numbers() {
  const { socket } = useSocket();
  useSocketEvent(socket, "n", (n) => live.heard.push(n));
  live.list = useEvents(socket, "n", { limit: 20 });
  live.renders++;
  live.burst = (count) => socket.emit("burst", count);
  return null;
}

function State() {
  const { socket, isConnected, disconnect, connect } = useSocket();
  const { state, transport } = useSocketState(socket);
  Object.assign(live, { disconnect, connect });
  useEffect(() => {
    live.effects++;
  }, []);
  return h("p", { id: "state" }, [isConnected, state, transport].join());
}

function Plain() {
  const { lastMessage, sendMessage, readyState } = useWebSocket(
    location.href.replace("http", "ws") + "plain",
    { share: true },
  );
  live.say = sendMessage;
  return h("p", { id: "plain" }, `${readyState} ${lastMessage?.data}`);
}

function App() {
  const [page, setPage] = useState(0);
  live.go = setPage;
  if (page === "away") return h("p", { id: "state" }, "away");
  return h(
    Fragment,
    { key: page },
    // the browser would complain of a WebSocket that polling has overtaken
    h(SocketProvider, { url: location.href, fallbackDelay: Infinity }, h(Numbers), h(State)),
    h(Plain),
  );
}

createRoot(document.getElementById("app")).render(h(StrictMode, null, h(App)));
