/** What an {@link EventError} is. */
export interface EventError<Code extends string = string, Data = unknown> extends Error {
  readonly $error: DeclaredError<Code, Data>;
}

/**
 * An error that the contract declares: a handler throws or returns it, or hands it to the ack. It travels as
 * `{ $error: { code, data } }`, the answer's only argument.
 *
 * @example throw new EventError("FULL", { max: 5 });
 */
// by signatures of its own: what an ack takes must not decide what the data is
export const EventError: {
  new <const Code extends string>(code: Code): EventError<Code, undefined>;
  new <const Code extends string, Data>(code: Code, data: Data): EventError<Code, Data>;
  /** What `instanceof` tells: one of any code. */
  readonly prototype: EventError;
} = class EventError extends Error {
  readonly $error: { code: never; data: never };

  constructor(code: string, data?: unknown) {
    super(code);
    this.$error = { code, data } as { code: never; data: never };
  }
};

/** What is left of an error on the other side. */
export interface DeclaredError<Code extends string = string, Data = unknown> {
  readonly code: Code;
  readonly data: Data;
}

/** Errors that no contract declares: the request or the answer is not as it says, or the handler failed. */
export type DefaultCode =
  "REQUEST_VALIDATION_ERROR" | "RESPONSE_VALIDATION_ERROR" | "UNKNOWN_ERROR";

/** What is an error in an answer. It may be anything: only a code that is declared makes it one. */
export const errorIn = (answer: unknown): DeclaredError | undefined =>
  (answer as { $error?: DeclaredError } | null | undefined)?.$error;
