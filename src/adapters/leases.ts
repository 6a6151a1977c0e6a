import { hostTimers } from "../platform/browser.js";
import type { Cancel } from "../platform/platform.js";
import { pageWide } from "./page-wide.js";

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

/** What is leased begins with its first user, and ends with the last. */
export interface Leasable {
  begin(): void;
  end(): void;
}

/** How many unused leases are remembered, so that a returning user finds the same object. */
const REMEMBERED = 100;

/** The lease of a key. One that is made here has no users yet: nothing is open. */
export function leaseOf<T extends Leasable>(key: string, make: () => T): Lease<T> {
  const leases = pageWide("leases", () => new Map<string, Lease<unknown>>());
  const known = leases.get(key) as Lease<T> | undefined;
  if (known) return known;
  const lease: Lease<T> = createLease(make, () => void leases.set(key, lease));
  // the oldest one that is not in use
  const old = [...leases].find(([, { isIdle }]) => leases.size >= REMEMBERED && isIdle());
  if (old) leases.delete(old[0]);
  leases.set(key, lease);
  return lease;
}

/** @param used - called at each use */
export function createLease<T extends Leasable>(make: () => T, used?: () => void): Lease<T> {
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
      if (!users++) value.begin();
      let isGone = false;
      return (ms = linger) => {
        if (!isGone && !--users)
          ending = hostTimers().after(ms, () => {
            ending = undefined;
            value.end();
          });
        isGone = true;
      };
    },
  };
}
