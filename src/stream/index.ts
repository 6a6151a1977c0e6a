/** Streams that resume: docs/streams.md. */
export { sendStream, stream } from "./client.js";
export type { ReadOptions, SendOptions, StreamOptions, StreamReader } from "./client.js";
export type { FollowOptions, StreamSocket } from "./follow.js";
export type { Answer, Frame, WireError } from "./frames.js";
