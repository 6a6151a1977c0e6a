import type { Middleware, UnknownAction } from "redux";
import type { Socket } from "../../src/index.js";

/** What the middleware sends: `dispatch({ type: "socket.emit", event: "line", args: ["hello"] })`; "socket.ask" wants an answer. */
export interface EmitAction extends UnknownAction {
  type: "socket.emit" | "socket.ask";
  event: string;
  args: unknown[];
}

/** What comes, as actions: an event "line" of the server is "socket/line". No event of a server has a name of the others. */
export interface SocketAction extends UnknownAction {
  type: `socket/${string}` | "socket.connected" | "socket.disconnected" | "socket.failed";
  args: unknown[];
}

/** Actions are plain data: an ack stays with who has asked, so `dispatch` of "socket.ask" gives back the promise of its answer. */
export function socketMiddleware(socket: Socket): Middleware {
  return ({ dispatch }) => {
    const tell = (type: SocketAction["type"], ...args: unknown[]) =>
      dispatch<SocketAction>({ type, args });
    socket.on("connect", () => tell("socket.connected"));
    socket.on("disconnect", (reason) => tell("socket.disconnected", reason));
    socket.on("connect_error", ({ code }) => tell("socket.failed", code));
    socket.onAny((event, ...args) => {
      // the last argument of an event that wants an answer is a function
      tell(`socket/${String(event)}`, ...args.filter((arg) => typeof arg !== "function"));
    });
    return (next) => (action) => {
      const { type, event, args } = action as EmitAction;
      if (type === "socket.ask") return socket.emitWithAck(event, ...args);
      return type === "socket.emit" ? socket.emit(event, ...args) : next(action);
    };
  };
}
