import type { EmitOptions } from "../pipeline/emit-options.js";
import type { ContractShape } from "./define-events.js";
import type { DeclaredError, EventError } from "./event-error.js";
import type { SchemaLike, TypeOf } from "./standard-schema.js";

type Way = "input" | "output";
type Direction = "clientToServer" | "serverToClient";

type At<T, K extends string> = T extends { readonly [P in K]: infer V } ? V : undefined;
type Part<C, D extends Direction> = C extends { readonly [P in D]: infer E } ? E : unknown;
/** A bare schema stands for its `req`. */
type Event<E> = E extends SchemaLike ? { readonly req: E } : E;

/** The argument of an event, if it has one. */
type Req<E, W extends Way> =
  At<Event<E>, "req"> extends SchemaLike ? [req: TypeOf<At<Event<E>, "req">, W>] : [];
/** The same where nothing comes behind it: it may be left out when the schema takes `undefined`. */
type LastReq<E> =
  Req<E, "input"> extends [infer R] ? (undefined extends R ? [req?: R] : [req: R]) : [];
type Res<E, W extends Way> = TypeOf<At<Event<E>, "res">, W>;
type ResArgs<E, W extends Way> = At<Event<E>, "res"> extends SchemaLike ? [answer: Res<E, W>] : [];

type DataOf<S, W extends Way> = S extends SchemaLike ? TypeOf<S, W> : TypeOf<At<S, "data">, W>;
type ErrorsIn<M, W extends Way> = {
  [Code in keyof M & string]: DeclaredError<Code, DataOf<M[Code], W>>;
}[keyof M & string];
/** The declared errors of an event: its own, and those of the whole contract. */
type Errors<C, E, W extends Way> =
  | ErrorsIn<At<Event<E>, "errors">, W>
  | ErrorsIn<Omit<At<C, "errors">, keyof At<Event<E>, "errors">>, W>;
type Thrown<D> = D extends DeclaredError<infer Code, infer Data> ? EventError<Code, Data> : never;

/** The names of events that have an answer. */
type Answered<Events> = {
  [E in keyof Events & string]: Event<Events[E]> extends
    { readonly res: SchemaLike } | { readonly errors: object }
    ? E
    : never;
}[keyof Events & string];

type Sent<C, Events, IsServer> = {
  [E in keyof Events & string]: (
    ...args: E extends Answered<Events>
      ? [...req: Req<Events[E], "input">, ack: (...answer: Answers<C, Events[E], IsServer>) => void]
      : LastReq<Events[E]>
  ) => void;
};
/** A server has to expect anything of a client: an error that is declared, or what violates the contract. */
type Answers<C, E, IsServer> = IsServer extends true
  ? [answer: Res<E, "output"> | Thrown<Errors<C, E, "output">> | Violated]
  : ResArgs<E, "output">;
type Violated = EventError<"REQUEST_VALIDATION_ERROR" | "RESPONSE_VALIDATION_ERROR", undefined>;

type Answer<C, E> = Res<E, "input"> | Thrown<Errors<C, E, "input">>;

type Heard<C, Events, IsServer> = {
  [E in keyof Events & string]: (
    ...args: E extends Answered<Events>
      ? [...req: Req<Events[E], "output">, ack: AckOf<C, Events[E]>]
      : Req<Events[E], "output">
  ) => [IsServer, E] extends [true, Answered<Events>]
    ? void | Answer<C, Events[E]> | Promise<void | Answer<C, Events[E]>>
    : void;
};
type AckOf<C, E> =
  At<Event<E>, "res"> extends SchemaLike
    ? (answer: Answer<C, E>) => void
    : (error?: Thrown<Errors<C, E, "input">>) => void;

/** What a client's socket hears, as an event map. @example ClientListens<typeof events> */
export type ClientListens<K> = Heard<K, Part<K, "serverToClient">, false>;
/** What a client's socket emits. */
export type ClientEmits<K> = Sent<K, Part<K, "clientToServer">, false>;
/** What a server's socket hears. @example new Server<ServerListens<typeof events>, ServerEmits<typeof events>>() */
export type ServerListens<K> = Heard<K, Part<K, "clientToServer">, true>;
/** What a server's socket emits. The answers of clients may be an `EventError`. */
export type ServerEmits<K> = Sent<K, Part<K, "serverToClient">, true>;

/** What `call()` resolves with: the answer, or an error that the contract declares. */
export type CallResult<C extends ContractShape, E extends keyof Part<C, "clientToServer">> =
  | {
      readonly ok: true;
      readonly data: Res<Part<C, "clientToServer">[E], "output">;
      readonly error?: undefined;
    }
  | {
      readonly ok: false;
      readonly error: Errors<C, Part<C, "clientToServer">[E], "output">;
      readonly data?: undefined;
    };

/** How a call is made. */
export type CallOptions = Omit<EmitOptions, "compress">;

/** What a socket under a contract has besides. */
export interface Calls<C extends ContractShape> {
  /** The contract that it is under. */
  readonly contract: C;
  /** What it hears: for types only, there is no such property. */
  readonly "~listens"?: ClientListens<C>;

  /**
   * Asks the server. An error that the contract declares is a result: `ok` tells which. What no contract can declare rejects.
   *
   * @param options - `timeout` in milliseconds, `signal`, `ttl`, `key`, `volatile`
   * @throws TautlineError (rejects) as `emitWithAck` does; `contract` when the answer is not as the contract says, or the
   * server says that of the request
   */
  call<E extends Answered<Part<C, "clientToServer">>>(
    event: E,
    ...args: LastReq<Part<C, "clientToServer">[E]> extends []
      ? [req?: undefined, options?: CallOptions]
      : [...req: LastReq<Part<C, "clientToServer">[E]>, options?: CallOptions]
  ): Promise<CallResult<C, E>>;

  /** Emits without asking for the answer. */
  emit<E extends Answered<Part<C, "clientToServer">>>(
    event: E,
    ...req: LastReq<Part<C, "clientToServer">[E]>
  ): this;
}
