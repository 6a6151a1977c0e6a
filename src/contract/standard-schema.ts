/**
 * The interface that validation libraries share (standardschema.dev, version 1): zod, valibot, arktype and many others.
 * Only its structure is used, so no library is imported.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** What a validator answers: the value, transformed where the schema says so, or what is wrong with it. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- only `any` lets the schemas of all libraries in
export type AnySchema = StandardSchema<any, any>;

/** A schema by its mark alone: comparing all of it is too deep for the compiler, with some libraries. */
export interface SchemaLike {
  readonly "~standard": unknown;
}

/** What a schema takes, or gives. */
export type TypeOf<S, Way extends "input" | "output"> = S extends {
  readonly "~standard": { readonly types?: infer Types };
}
  ? NonNullable<Types> extends { readonly [W in Way]: infer T }
    ? T
    : unknown
  : undefined;
