import type { Session } from "../engine/session.js";

/** The sessions of one connect: one, and another one where a wake finds the first silent. The first to open counts. */
export class Contest {
  private _sessions: Session[] = [];

  /** The one that was begun first, of those that have not failed. */
  get first(): Session | undefined {
    return this._sessions[0];
  }

  get isOpenToRivals(): boolean {
    return this._sessions.length === 1;
  }

  join(session: Session): void {
    this._sessions.push(session);
    session.open();
  }

  /** The session opened. False when it takes no part. */
  won(session: Session): boolean {
    const others = this._sessions.filter((one) => one !== session);
    const isOurs = others.length < this._sessions.length;
    if (isOurs) this._close(others);
    return isOurs;
  }

  /** The session failed. True when it was the last one. */
  lost(session: Session): boolean {
    const others = this._sessions.filter((one) => one !== session);
    const isLast = this._sessions.length === 1 && !others.length;
    this._sessions = others;
    return isLast;
  }

  /** The time is over: each of them fails. */
  giveUp(): void {
    for (const session of this._sessions) session.giveUp();
  }

  /** Nobody wants it any more. What has opened is not in it. */
  end(): void {
    this._close(this._sessions.slice(1));
  }

  private _close(sessions: Session[]): void {
    this._sessions = [];
    for (const session of sessions) session.close();
  }
}
