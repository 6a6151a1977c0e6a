/** Connection state recovery, as socket.io's in-memory adapter does it, for one room: the client's. */
export interface Kept {
  sid: string;
  pid: string;
}

export class Sessions {
  readonly #kept = new Map<string, Kept>();
  /** Everything that was said to a session, by its pid. */
  readonly #log = new Map<string, { offset: string; args: unknown[] }[]>();

  /** The pids of those that were lost once. */
  get pids(): Iterable<string> {
    return this.#kept.keys();
  }

  keep(session: Kept): void {
    this.#kept.set(session.pid, session);
  }

  /** Takes note of an event, and adds its offset. */
  record(pid: string, args: unknown[], offset: string): unknown[] {
    let log = this.#log.get(pid);
    if (!log) this.#log.set(pid, (log = []));
    const whole = [...args, offset];
    log.push({ offset, args: whole });
    return whole;
  }

  restore(pid: unknown, offset: unknown): (Kept & { missed: unknown[][] }) | undefined {
    const kept = this.#kept.get(pid as string);
    const log = this.#log.get(pid as string) ?? [];
    const at = log.findIndex((entry) => entry.offset === offset);
    if (!kept || at < 0) return undefined;
    return { ...kept, missed: log.slice(at + 1).map(({ args }) => args) };
  }
}
