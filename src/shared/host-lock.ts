import type { TabLocks } from "../platform/platform.js";

/** The outcome of a request for a lock. */
export interface LockOwner {
  /** This tab holds it until it releases it. */
  elected(): void;
  /** Another tab has taken it. */
  robbed(): void;
  /** This page may not use locks. */
  refused(): void;
}

/** The lock that makes a tab the host. */
export class HostLock {
  /** Releases it, or cancels the request. */
  release: () => void = () => {};

  constructor(
    private readonly _locks: TabLocks,
    private readonly _name: string,
    private readonly _owner: LockOwner,
  ) {}

  /**
   * Requests it. It is granted when no tab holds it any more.
   *
   * @param steal - takes it at once, whoever has it
   */
  ask(steal?: boolean): void {
    const { _owner: owner } = this;
    this.release();
    this.release = hold(
      this._locks,
      this._name,
      () => owner.elected(),
      { steal },
      (isHeld) => (isHeld ? owner.robbed() : owner.refused()),
    );
  }
}

/**
 * Requests a lock, and holds it until the returned function is called.
 *
 * @param lost - called when another one has taken it, or it was not given
 */
export function hold(
  locks: TabLocks,
  name: string,
  granted?: () => void,
  options: { steal?: boolean | undefined; mode?: "shared" } = {},
  lost?: (isHeld: boolean) => void,
): () => void {
  const end = new AbortController();
  const { signal } = end;
  let isHeld = false;
  const given = (): Promise<void> | undefined => {
    if (signal.aborted) return undefined;
    isHeld = true;
    granted?.();
    return new Promise((resolve) => {
      // the callback may have released it already
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve());
    });
  };
  locks
    .request(name, options.steal ? { steal: true } : { ...options, signal }, given)
    .catch(() => signal.aborted || lost?.(isHeld));
  return () => end.abort();
}
