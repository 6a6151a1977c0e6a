/** The composables during development: the same, over the `io` with explanations. */
import { io } from "../development.js";
import { type SocketComposables, socketComposables } from "./use-socket.js";

const composables: SocketComposables = /* @__PURE__ */ socketComposables(io, "");
export const createTautline: SocketComposables["createTautline"] = /* @__PURE__ */ (() =>
  composables.createTautline)();
export const useSocket: SocketComposables["useSocket"] = /* @__PURE__ */ (() =>
  composables.useSocket)();
/** The same as {@link useSocket}. */
export const useSocketIO: SocketComposables["useSocket"] = /* @__PURE__ */ (() =>
  composables.useSocket)();

export { createSocketComposables } from "./use-socket.js";
export { useSocketEvent } from "./use-socket-event.js";
export { useWebSocket } from "./use-web-socket.js";
