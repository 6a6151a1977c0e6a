import type { Middleware, UnknownAction } from "redux";
import type { Socket } from "../../src/index.js";

/** To send: `dispatch({ type: "socket.emit", event: "line", args: ["hello"] })`; "socket.ask" waits for an answer. */
export interface EmitAction extends UnknownAction {
  type: "socket.emit" | "socket.ask";
  event: string;
  args: unknown[];
}

/** Received events as actions: an event "line" of the server is "socket/line". The other names cannot be events. */
export interface SocketAction extends UnknownAction {
  type: `socket/${string}` | "socket.connected" | "socket.disconnected" | "socket.failed";
  args: unknown[];
}

/** Actions are plain data, so acks are not actions: `dispatch` of "socket.ask" returns the promise of the answer. */
export function socketMiddleware(socket: Socket): Middleware {
  return ({ dispatch }) => {
    const tell = (type: SocketAction["type"], ...args: unknown[]) =>
      dispatch<SocketAction>({ type, args });
    socket.on("connect", () => tell("socket.connected"));
    socket.on("disconnect", (reason) => tell("socket.disconnected", reason));
    socket.on("connect_error", ({ code }) => tell("socket.failed", code));
    socket.onAny((event, ...args) => {
      // the last argument of an event with an ack is a function
      tell(`socket/${String(event)}`, ...args.filter((arg) => typeof arg !== "function"));
    });
    return (next) => (action) => {
      const { type, event, args } = action as EmitAction;
      if (type === "socket.ask") return socket.emitWithAck(event, ...args);
      return type === "socket.emit" ? socket.emit(event, ...args) : next(action);
    };
  };
}
