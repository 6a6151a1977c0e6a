import { quote, TautlineError } from "../errors.js";
import { checkOption } from "../options/check-options.js";
import type { OutboxPart } from "../pipeline/policy.js";
import { DurablePolicy } from "./durable-policy.js";
import { indexedDbStore } from "./indexed-db.js";
import type { DurableOptions, IndexedDbOptions } from "./options.js";

/**
 * The `outbox` option over a store of the app's.
 *
 * @throws TautlineError `invalid-option`
 * @example io(url, { outbox: durable({ store, name: "app", identity: user.id }) });
 */
export function durable(options: DurableOptions): OutboxPart {
  const { name, identity, store, cipher, isRefused, ttl } = options;
  const { ackTimeout, maxPackets, tries, storeTimeout } = options;
  // an identity that is not there yet would be one that all users share
  if (
    !name ||
    typeof name !== "string" ||
    !/^(string|number)$/.test(typeof identity) ||
    identity === ""
  )
    throw new TautlineError(
      "invalid-option",
      `an outbox takes a \`name\` and the \`identity\` of a user, not ${quote(name)} and ${quote(identity)}`,
    );
  for (const value of [ackTimeout, tries, storeTimeout]) checkOption("ackTimeout", value);
  checkOption("maxPackets", maxPackets);
  checkOption("ttl", ttl);
  for (const fn of [store, isRefused, cipher?.encrypt, cipher?.decrypt])
    checkOption("listener", fn);
  // frameworks compare options by their plain parts: another identity is another outbox
  return {
    name,
    identity,
    wrap: (...args) => new DurablePolicy(args[0], args[1], options, args[2]),
  };
}

/**
 * The `outbox` option over IndexedDB.
 *
 * @throws TautlineError `invalid-option`
 * @example io(url, { outbox: indexedDb({ name: "app", identity: user.id, ttl: 7 * 24 * 3600_000 }) });
 */
export function indexedDb(options: IndexedDbOptions): OutboxPart {
  return durable({ ...options, store: indexedDbStore(options.durability) });
}
