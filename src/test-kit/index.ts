export {
  explore,
  faultsOf,
  type ExploreOptions,
  type FaultOptions,
  type RunFailure,
  type Scenario,
} from "./explore.js";
export type { Fault, FaultKind } from "./faults.js";
export { network, type NetworkOptions, type TestNetwork } from "./network.js";
export { replay, type Replayed } from "./replay.js";
export type { NetworkNews } from "./transcript.js";
export type { Server } from "./server.js";
export type { ServerOptions } from "./server-options.js";
export type { Namespace } from "./namespace.js";
export type { Handshake, ServerSocket } from "./server-socket.js";
export type { BroadcastOperator } from "./broadcast.js";
export type { PlainRequest, PlainServer, PlainServerOptions, PlainSocket } from "./plain-server.js";
export type { CutOptions } from "./network-faults.js";
