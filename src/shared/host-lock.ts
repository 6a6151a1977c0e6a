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
  private readonly _locks: TabLocks;
  private readonly _name: string;
  private readonly _owner: LockOwner;
  /** Of what was asked last. */
  private _asked: AbortController | undefined;

  constructor(locks: TabLocks, name: string, owner: LockOwner) {
    this._locks = locks;
    this._name = name;
    this._owner = owner;
  }

  /**
   * Asks for it: it is given when nobody has it any more.
   *
   * @param steal - takes it at once, whoever has it
   */
  ask(steal = false): void {
    this.release();
    const { _owner: owner } = this;
    const asked = (this._asked = new AbortController());
    const { signal } = asked;
    let isHeld = false;
    const granted = (): unknown => {
      if (signal.aborted) return undefined;
      isHeld = true;
      owner.elected();
      return untilAborted(signal);
    };
    this._locks.request(this._name, steal ? { steal } : { signal }, granted).catch(() => {
      if (signal.aborted) return;
      if (isHeld) owner.robbed();
      else owner.refused();
    });
  }

  /** Lets it go, or asks for it no more. */
  release(): void {
    this._asked?.abort();
  }
}

export function untilAborted(signal: AbortSignal): Promise<void> | undefined {
  if (signal.aborted) return undefined;
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
}
