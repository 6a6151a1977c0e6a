import type { TabLocks } from "../platform/platform.js";

/** What becomes of asking for a lock. */
export interface LockOwner {
  /** It is held now, until it is let go. */
  elected(): void;
  /** Another tab has taken it. */
  robbed(): void;
  /** There are no locks for this page. */
  refused(): void;
}

/** The lock that makes a tab the host. */
export class HostLock {
  /** Lets it go, or asks for it no more. */
  release: () => void = () => {};

  constructor(
    private readonly _locks: TabLocks,
    private readonly _name: string,
    private readonly _owner: LockOwner,
  ) {}

  /**
   * Asks for it: it is given when nobody has it any more.
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
 * Asks for a lock, and holds it until what it returns is called.
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
      // whoever was told may have let it go already
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve());
    });
  };
  locks
    .request(name, options.steal ? { steal: true } : { ...options, signal }, given)
    .catch(() => signal.aborted || lost?.(isHeld));
  return () => end.abort();
}
