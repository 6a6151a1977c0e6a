/** Events one after another, instead of by listeners. */
export { EventReader, events, next } from "./reading.js";
export type { EventsOf, EventsOptions } from "./reading.js";
export type { SocketLike, WaitOptions } from "./waiting.js";
