/** Contracts: events that both sides check, by schemas of any library. */
export { contract } from "./contract.js";
export { defineEvents } from "./define-events.js";
export { EventError } from "./event-error.js";
export { outgoing } from "./outgoing.js";
export type { Outgoing } from "./contract.js";
export type { ContractError, ContractOptions, ContractSocket, Violation } from "./contract.js";
export type { ContractShape, ErrorsShape, EventShape, EventsShape } from "./define-events.js";
export type { DeclaredError, DefaultCode } from "./event-error.js";
export type {
  CallOptions,
  CallResult,
  ClientEmits,
  ClientListens,
  ServerEmits,
  ServerListens,
} from "./event-maps.js";
export type { StandardSchema } from "./standard-schema.js";
export type { Issue } from "./validate.js";
