/** Streams that resume: docs/streams.md. */
export { sendStream, stream } from "./client.js";
export type { ReadOptions, SendOptions, StreamOptions, StreamReader } from "./client.js";
export { overWebSocket } from "./over-web-socket.js";
export type { WebSocketOfStream, WebSocketPort } from "./over-web-socket.js";
export type { FollowOptions, StreamSocket } from "./follow.js";
export type { Answer, Frame, WireError } from "./frames.js";
