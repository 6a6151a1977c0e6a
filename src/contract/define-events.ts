import type { AnySchema } from "./standard-schema.js";

/** The errors that an event may be answered with, by code: the schema of the error's data, or none. */
export interface ErrorsShape {
  readonly [code: string]: AnySchema | { readonly data?: AnySchema };
}

/** One event: its argument, the answer to it, and the errors that may be the answer instead. */
export interface EventShape {
  /** Without it, the event has no argument. */
  readonly req?: AnySchema;
  /** Without it, the answer says nothing. */
  readonly res?: AnySchema;
  readonly errors?: ErrorsShape;
}

/** Events by name. A bare schema stands for `{ req: schema }`. */
export interface EventsShape {
  readonly [event: string]: AnySchema | EventShape;
}

/** What {@link defineEvents} takes. */
export interface ContractShape {
  readonly clientToServer?: EventsShape;
  readonly serverToClient?: EventsShape;
  /** Errors that every event may be answered with. */
  readonly errors?: ErrorsShape;
}

type Own =
  "connect" | "connect_error" | "disconnect" | "disconnecting" | "newListener" | "removeListener";

/** Names that belong to the library are not allowed, nor unknown properties. */
type Checked<C> = {
  [K in keyof C]: K extends "clientToServer" | "serverToClient"
    ? { [E in keyof C[K]]: E extends Own ? never : CheckedEvent<C[K][E]> }
    : K extends "errors"
      ? C[K]
      : never;
};
type CheckedEvent<E> = E extends { readonly "~standard": unknown }
  ? E
  : { [K in keyof E]: K extends keyof EventShape ? E[K] : never };

/**
 * Defines the events of a namespace for both sides, by schemas of any library that has the Standard Schema interface.
 * Returns what it is given, with its exact type. What is no schema is a type error here, and `invalid-option` when
 * `contract()` of `tautline/server` gets it.
 *
 * @example
 * const events = defineEvents({
 *   clientToServer: { join: { req: z.object({ room: z.string() }), res: z.number(), errors: { FULL: z.object({ max: z.number() }) } } },
 *   serverToClient: { chat: z.string() },
 * });
 */
export const defineEvents = <const C extends ContractShape>(shape: C & Checked<C>): C => shape;
