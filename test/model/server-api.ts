/** The server helper as the model uses it, and what its processes share: see client-api.ts for why it stands alone. */
import type { Namespace } from "../../src/test-kit/namespace.js";
import { dedupe, type ServerLike } from "../../src/server/dedupe.js";
import type { DedupeStore } from "../../src/server/store.js";
import { SharedStore } from "../support/shared-store.js";
import { weigh } from "./weigh.js";

/** What is remembered, and outlives the processes of the server. */
export class SharedMemory {
  readonly store: DedupeStore = new SharedStore();

  /** Things that it holds. */
  get weight(): number {
    return weigh(this.store);
  }
}

/** From now on the namespace drops what it has seen. */
export function dropSeen(namespace: Namespace, store: DedupeStore): void {
  dedupe(namespace as unknown as ServerLike, { store });
}

type Methods = Record<string, ((...args: unknown[]) => unknown) | undefined>;

/**
 * A store each of whose methods does something around its work.
 *
 * @param store - asked at each call
 */
export function eachMethod(
  store: () => DedupeStore,
  around: (work: () => unknown) => unknown,
): DedupeStore {
  return new Proxy(store(), {
    get:
      (_target, name) =>
      (...args: unknown[]) =>
        around(() => (store() as unknown as Methods)[name as string]?.(...args)),
  });
}
