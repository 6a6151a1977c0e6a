import type { CloseReason } from "../protocol/close-reason.js";
import type { DefaultEventsMap, EventsMap } from "../socket/event-types.js";
import { Socket as BareSocket } from "../socket/socket.js";
import type { Manager } from "./manager.js";

/** One namespace, as the app sees it. */
export const Socket = BareSocket;
export type Socket<
  ListenEvents extends EventsMap = DefaultEventsMap,
  EmitEvents extends EventsMap = ListenEvents,
  Io = Manager<ListenEvents, EmitEvents>,
> = BareSocket<ListenEvents, EmitEvents, Io>;

// eslint-disable-next-line @typescript-eslint/no-namespace -- a type that apps know under this name
export declare namespace Socket {
  /** Why a socket was disconnected. */
  type DisconnectReason = CloseReason;
}
