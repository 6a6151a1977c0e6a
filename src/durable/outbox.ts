import { quote, TautlineError } from "../errors.js";
import type { OutboxPart } from "../pipeline/policy.js";
import { DurablePolicy } from "./durable-policy.js";
import { indexedDbStore } from "./indexed-db.js";
import type { DurableOptions, IndexedDbOptions } from "./options.js";

const isText = (value: unknown): boolean => typeof value === "string" && value !== "";
const isCount = (value: unknown = 0): boolean => typeof value === "number" && value >= 0;
const isFunction = (value: unknown): boolean => typeof value === "function";

/**
 * The `outbox` option over a store of the app's.
 *
 * @throws TautlineError `invalid-option`
 * @example io(url, { outbox: durable({ store, name: "app", identity: user.id }) });
 */
export function durable(options: DurableOptions): OutboxPart {
  const given = { ...options } as Partial<IndexedDbOptions & DurableOptions>;
  const { name, identity, ttl, maxPackets, tries, ackTimeout, storeTimeout } = given;
  const { store, cipher, isRefused, durability } = given;
  const checks = {
    name: isText(name),
    // one that is not there yet would be one that all users share
    identity: isText(identity) || Number.isFinite(identity),
    ttl: isCount(ttl),
    maxPackets: isCount(maxPackets),
    tries: isCount(tries),
    ackTimeout: isCount(ackTimeout),
    storeTimeout: isCount(storeTimeout),
    store: isFunction(store),
    cipher: !cipher || (isFunction(cipher.encrypt) && isFunction(cipher.decrypt)),
    isRefused: !isRefused || isFunction(isRefused),
    durability: !durability || /^(relaxed|strict)$/.test(durability),
  };
  for (const [option, isRight] of Object.entries(checks))
    if (!isRight)
      throw new TautlineError(
        "invalid-option",
        `an outbox's \`${option}\` can't be ${quote(given[option as keyof typeof checks])}`,
      );
  return {
    // frameworks compare options by their plain parts: another identity is another outbox
    name: name as string,
    identity: identity as string,
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
