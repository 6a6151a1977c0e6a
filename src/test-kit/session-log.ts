import type { VirtualTime } from "./virtual-time.js";

/** A session whose connection was lost. */
export interface KeptSession {
  readonly sid: string;
  readonly pid: string;
  readonly rooms: readonly string[];
  readonly data: unknown;
}

/** The events that a client missed, and its session. */
export interface Restored extends KeptSession {
  readonly missed: readonly unknown[][];
}

interface Entry {
  readonly offset: string;
  readonly nsp: string;
  readonly rooms: ReadonlySet<string>;
  readonly except: ReadonlySet<string>;
  readonly args: unknown[];
}

/** Connection state recovery, as socket.io's in-memory adapter does it: sessions, and what was emitted. */
export class SessionLog {
  private readonly _sessions = new Map<string, { session: KeptSession; until: number }>();
  private readonly _log: Entry[] = [];

  /**
   * @param duration - milliseconds that a session is kept
   * @param nextId - ids that no other log of the server has: a client may still have an offset from before a restart
   */
  constructor(
    private readonly _world: VirtualTime,
    private readonly _duration: number,
    private readonly _nextId: () => string,
  ) {}

  keep(nsp: string, session: KeptSession): void {
    this._sessions.set(nsp + session.pid, { session, until: this._world.now + this._duration });
  }

  /** Stores an event, and adds its offset. */
  record(
    nsp: string,
    args: unknown[],
    rooms: ReadonlySet<string>,
    except: ReadonlySet<string>,
  ): unknown[] {
    const offset = this._nextId();
    const whole = [...args, offset];
    this._log.push({ offset, nsp, rooms, except, args: whole });
    return whole;
  }

  restore(nsp: string, pid: unknown, offset: unknown): Restored | undefined {
    const { session, until } = this._sessions.get(nsp + String(pid)) ?? {};
    const at = this._log.findIndex((entry) => entry.offset === offset);
    if (!session || this._world.now > (until as number) || at < 0) return undefined;
    const isIn = (rooms: ReadonlySet<string>): boolean =>
      session.rooms.some((room) => rooms.has(room));
    const missed = this._log
      .slice(at + 1)
      .filter(
        (entry) =>
          entry.nsp === nsp && (!entry.rooms.size || isIn(entry.rooms)) && !isIn(entry.except),
      )
      .map(({ args }) => args);
    return { ...session, missed };
  }
}
