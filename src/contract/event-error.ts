/**
 * An error that the contract declares: a handler throws or returns it, or hands it to the ack. It travels as
 * `{ $error: { code, data } }`, the answer's only argument.
 *
 * @example throw new EventError("FULL", { max: 5 });
 */
export class EventError<Code extends string = string, Data = unknown> extends Error {
  readonly $error: DeclaredError<Code, Data>;

  constructor(code: Code, ...[data]: undefined extends Data ? [data?: Data] : [data: Data]) {
    super(code);
    this.$error = { code, data: data as Data };
  }
}

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
