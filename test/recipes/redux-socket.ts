import type { Middleware } from "redux";
import type { Socket } from "../../src/index.js";

/** What the middleware sends: `dispatch({ type: "socket/emit", event: "line", args: ["hello"] })`. */
export interface EmitAction {
  type: "socket/emit";
  event: string;
  args: unknown[];
}

/** What comes from the server, as actions: an event "line" is "socket/line". */
export interface EventAction {
  type: `socket/${string}`;
  args: unknown[];
}

/** Actions are plain data: an ack stays with who has asked, so `dispatch` gives back the promise of its answer. */
export function socketMiddleware(socket: Socket): Middleware {
  return ({ dispatch }) => {
    const tell = (event: string, ...args: unknown[]) => dispatch({ type: `socket/${event}`, args });
    socket.on("connect", () => tell("connected"));
    socket.on("disconnect", (reason) => tell("disconnected", reason));
    socket.on("connect_error", ({ code }) => tell("failed", code));
    socket.onAny((event, ...args) => {
      // the last argument of an event that wants an answer is a function
      tell(String(event), ...args.filter((arg) => typeof arg !== "function"));
    });
    return (next) => (action) => {
      const { type, event, args } = action as EmitAction;
      return type === "socket/emit" ? socket.emitWithAck(event, ...args) : next(action);
    };
  };
}
