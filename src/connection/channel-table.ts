import type { Table } from "../machine.js";

/**
 * "idle": was never asked to connect. "leaving" and "returning": the app has left, but the server can't be told yet (what was
 * emitted before is still being sent, or the CONNECT is not answered). "left" and "rejoining": the server has been told, and
 * may not be asked again before it has surely understood.
 */
export type ChannelState =
  | "idle"
  | "disconnected"
  | "unauthorized"
  | "pending"
  | "authorizing"
  | "asking"
  | "questioned"
  | "retrying"
  | "connected"
  | "leaving"
  | "returning"
  | "left"
  | "rejoining";

export type ChannelEvent =
  | "connect"
  | "lineOpened"
  | "asked"
  | "accepted"
  | "questioned"
  | "refused"
  | "exhausted"
  | "retry"
  | "delayElapsed"
  | "lineLost"
  | "expelled"
  | "disconnect"
  | "toldServer"
  | "released";

/** See docs/states.md. */
export const channelTable: Table<ChannelState, ChannelEvent> = {
  idle: { connect: "pending" },
  disconnected: { connect: "pending" },
  unauthorized: { connect: "pending", disconnect: "disconnected" },
  pending: { lineOpened: "authorizing", disconnect: "disconnected" },
  authorizing: {
    asked: "asking",
    refused: "disconnected",
    exhausted: "unauthorized",
    retry: "retrying",
    lineLost: "pending",
    disconnect: "disconnected",
  },
  asking: {
    accepted: "connected",
    questioned: "questioned",
    refused: "disconnected",
    exhausted: "unauthorized",
    retry: "retrying",
    expelled: "disconnected",
    lineLost: "pending",
    disconnect: "leaving",
  },
  questioned: {
    accepted: "connected",
    refused: "left",
    expelled: "disconnected",
    lineLost: "pending",
    disconnect: "left",
  },
  retrying: {
    delayElapsed: "authorizing",
    lineLost: "pending",
    disconnect: "disconnected",
  },
  connected: {
    accepted: "connected",
    lineLost: "pending",
    expelled: "disconnected",
    disconnect: "leaving",
  },
  leaving: {
    connect: "returning",
    toldServer: "left",
    refused: "disconnected",
    expelled: "disconnected",
    lineLost: "disconnected",
  },
  returning: {
    disconnect: "leaving",
    toldServer: "rejoining",
    refused: "authorizing",
    expelled: "authorizing",
    lineLost: "pending",
  },
  left: { connect: "rejoining", lineLost: "disconnected" },
  rejoining: { released: "authorizing", disconnect: "left", lineLost: "pending" },
};
