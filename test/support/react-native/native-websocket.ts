import { WebSocket } from "ws";
import type { NativeModule } from "./device.js";
import { lookup } from "./lookup.js";

/**
 * The native half of React Native's WebSocket, as on Android (WebSocketModule.kt), over real sockets. Where that is odd,
 * so is this: nobody can close a socket before it is open.
 */
export function nativeWebSocket(emit: (event: string, data: object) => void): NativeModule {
  const open = new Map<number, WebSocket>();
  const all = new Set<WebSocket>();
  const send = (id: number, data: string | Buffer): void => {
    const socket = open.get(id);
    if (socket) return socket.send(data);
    emit("websocketFailed", { id, message: "client is null" });
    emit("websocketClosed", { id, code: 0, reason: "client is null" });
  };
  return {
    methods: {
      connect(url: string, protocols: string[] | null, options: { headers: object }, id: number) {
        const origin = new URL(url).origin.replace(/^ws/, "http");
        const socket = new WebSocket(url, protocols ?? [], {
          headers: { origin, ...options.headers },
          lookup,
        });
        let isOver = false;
        const fail = (message: string): void => {
          if (!isOver) emit("websocketFailed", { id, message });
          isOver = true;
        };
        all.add(socket);
        socket.on("open", () => {
          open.set(id, socket);
          emit("websocketOpen", { id, protocol: socket.protocol });
        });
        socket.on("message", (data: Buffer, isBinary) =>
          emit("websocketMessage", {
            id,
            type: isBinary ? "binary" : "text",
            data: data.toString(isBinary ? "base64" : "utf8"),
          }),
        );
        socket.on("unexpected-response", (_request, { statusCode, statusMessage }) => {
          fail(`Expected HTTP 101 response but was '${statusCode} ${statusMessage}'`);
          socket.terminate();
        });
        socket.on("error", ({ message }) => fail(message));
        socket.on("close", (code, reason) => {
          all.delete(socket);
          // a connection that is cut has no close frame: OkHttp calls that a failure
          if (code === 1006) fail("Software caused connection abort");
          else if (!isOver) emit("websocketClosed", { id, code, reason: String(reason) });
        });
      },
      close(code: number, reason: string, id: number) {
        open.get(id)?.close(code, reason);
        open.delete(id);
      },
      send: (text: string, id: number) => send(id, text),
      sendBinary: (base64: string, id: number) => send(id, Buffer.from(base64, "base64")),
    },
    end() {
      for (const socket of all) socket.terminate();
    },
  };
}
