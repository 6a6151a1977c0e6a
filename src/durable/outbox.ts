import { quote, TautlineError } from "../errors.js";
import type { OutboxPart } from "../pipeline/policy.js";
import type { Cipher } from "./cipher.js";
import { DurablePolicy } from "./durable-policy.js";
import { indexedDbStore } from "./indexed-db.js";
import type { DurableOptions, IndexedDbOptions } from "./options.js";

const isCount = (value: unknown = 0): boolean => typeof value === "number" && value >= 0;
const isFunction = (value: unknown): boolean => typeof value === "function";

/** The check of each option. */
const CHECKS: Readonly<Record<string, (value: never) => unknown>> = {
  name: (value: unknown) => typeof value === "string" && value,
  // an identity that is not known yet would be shared by all users
  identity: (value: unknown) => Number.isFinite(value) || (typeof value === "string" && value),
  ttl: isCount,
  maxPackets: isCount,
  tries: isCount,
  ackTimeout: isCount,
  storeTimeout: isCount,
  store: isFunction,
  cipher: (value?: Cipher) => !value || (isFunction(value.encrypt) && isFunction(value.decrypt)),
  isRefused: (value: unknown) => !value || isFunction(value),
  durability: (value = "strict") => value === "relaxed" || value === "strict",
};

/**
 * The `outbox` option over a store of the app's.
 *
 * @throws TautlineError `invalid-option`
 * @example io(url, { outbox: durable({ store, name: "app", identity: user.id }) });
 */
export function durable(options: DurableOptions): OutboxPart {
  const given = { ...options } as Record<string, unknown>;
  for (const [option, isRight] of Object.entries(CHECKS))
    if (!isRight(given[option] as never))
      throw new TautlineError(
        "invalid-option",
        `an outbox's \`${option}\` can't be ${quote(given[option])}`,
      );
  const { name, identity } = options;
  return {
    // frameworks compare options by their plain properties: another identity is another outbox
    name,
    identity,
    wrap: (host, nsp, inner) => new DurablePolicy(host, nsp, options, inner),
  };
}

/**
 * The `outbox` option over IndexedDB.
 *
 * @throws TautlineError `invalid-option`
 * @example io(url, { outbox: indexedDb({ name: "app", identity: user.id, ttl: 7 * 24 * 3600_000 }) });
 */
export function indexedDb(options: IndexedDbOptions): OutboxPart {
  return durable({ ...options, store: indexedDbStore(options?.durability) });
}
