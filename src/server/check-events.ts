import type { ContractShape } from "../contract/define-events.js";
import type { AnySchema } from "../contract/standard-schema.js";
import { TautlineError } from "../errors.js";

/** @throws TautlineError `invalid-option`, which names what is no schema */
export function checkEvents(events: ContractShape): void {
  if (Object(events) !== events) fail("the contract");
  checkErrors(events.errors, "errors");
  for (const side of ["clientToServer", "serverToClient"] as const)
    for (const [name, rule] of Object.entries(events[side] ?? {})) {
      const where = `${side}.${name}`;
      checkHolder(rule, ["req", "res"], where);
      if (!("~standard" in rule)) checkErrors(rule.errors, where);
    }
}

function checkErrors(errors: object | undefined, where: string): void {
  for (const [code, error] of Object.entries(errors ?? {}))
    checkHolder(error, ["data"], `${where}.${code}`);
}

/** A schema, or what has schemas at these keys. arktype's schemas are functions. */
function checkHolder(holder: unknown, keys: string[], where: string): void {
  if (Object(holder) !== holder) fail(where);
  const parts = holder as Record<string, unknown>;
  if (parts["~standard"] !== undefined) return checkSchema(holder, where);
  for (const key of keys) if (parts[key] !== undefined) checkSchema(parts[key], `${where}.${key}`);
}

function checkSchema(schema: unknown, where: string): void {
  const { validate } = (Object(schema) as Partial<AnySchema>)["~standard"] ?? {};
  if (typeof validate !== "function") fail(where);
}

function fail(where: string): never {
  throw new TautlineError("invalid-option", `contract(): ${where} is no Standard Schema`);
}
