/** The hooks during development: the same, over the `io` with explanations. */
import { io } from "../development.js";
import { type SocketHooks, socketHooks } from "./use-socket.js";

const hooks: SocketHooks = /* @__PURE__ */ socketHooks(io, "");
export const SocketProvider: SocketHooks["SocketProvider"] = /* @__PURE__ */ (() =>
  hooks.SocketProvider)();
export const useSocket: SocketHooks["useSocket"] = /* @__PURE__ */ (() => hooks.useSocket)();

export { createSocketHooks } from "./use-socket.js";
export { socketReady } from "./socket-ready.js";
export { useAck, useEmit } from "./use-ack.js";
export { useEvents } from "./use-events.js";
export { useSocketEvent } from "./use-socket-event.js";
export { useSocketState } from "./use-socket-state.js";
export { useStream } from "./use-stream.js";
export { useUpload } from "./use-upload.js";
export { useWebSocket } from "./use-web-socket.js";
export { ReadyState } from "./web-socket.js";
