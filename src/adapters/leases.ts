import { hostTimers } from "../platform/browser.js";
import type { Cancel } from "../platform/platform.js";

/** One connection, counted: open while it has users, and for a while after. */
export interface Lease<T> {
  readonly value: T;
  /** Nobody uses it, and it is closed. */
  isIdle(): boolean;
  /**
   * Opens it for the first user.
   *
   * @param linger - milliseconds until it is closed, when this user was the last. @default 1000
   * @returns what the user calls when it leaves; it may set other milliseconds
   */
  retain(linger?: number): (linger?: number) => void;
}

/** How what is leased begins and ends. */
export interface Leasable<T> {
  make(): T;
  begin(value: T): void;
  end(value: T): void;
}

/** How many leases that nobody uses are remembered, so that who comes back finds the same object. */
const REMEMBERED = 100;

/** Of the page, not of this module: a module that is evaluated again must find what is open. */
const REGISTRY = /* @__PURE__ */ Symbol.for("tautline.leases.1");

function registry(): Map<string, Lease<unknown>> {
  const page = globalThis as { [REGISTRY]?: Map<string, Lease<unknown>> };
  return (page[REGISTRY] ??= new Map<string, Lease<unknown>>());
}

/** The lease of a key. One that is made here has no users yet: nothing is open. */
export function leaseOf<T>(key: string, of: Leasable<T>): Lease<T> {
  const leases = registry();
  const known = leases.get(key) as Lease<T> | undefined;
  if (known) return known;
  const lease: Lease<T> = createLease(of, () => void leases.set(key, lease));
  // whoever has been here longest, and is not in use
  const old = [...leases].find(([, { isIdle }]) => leases.size >= REMEMBERED && isIdle());
  if (old) leases.delete(old[0]);
  leases.set(key, lease);
  return lease;
}

/** @param used - called at each use */
export function createLease<T>({ make, begin, end }: Leasable<T>, used?: () => void): Lease<T> {
  const value = make();
  let users = 0;
  let ending: Cancel | undefined;
  return {
    value,
    isIdle: () => !users && !ending,
    retain(linger = 1000) {
      ending?.();
      ending = undefined;
      // it may have been forgotten meanwhile
      used?.();
      if (!users++) begin(value);
      let isGone = false;
      return (ms = linger) => {
        if (!isGone && !--users)
          ending = hostTimers().after(ms, () => {
            ending = undefined;
            end(value);
          });
        isGone = true;
      };
    },
  };
}
