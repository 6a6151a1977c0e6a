import type { Position, Positions } from "./messages.js";

/** Which events a tab has received in its namespaces, for the next host. */
export class Progress {
  /** The positions after the events that the app has got. */
  readonly positions: Positions;
  private readonly _reached = new Map<string, Position>();
  /** The positions after the events that the host has sent. */
  private readonly _next = new Map<string, Position>();

  /** @param isIn - what a tab is told while it enters a namespace is handed to the app when it is in, and not at all if that fails */
  constructor(private readonly _isIn: (nsp: string) => boolean) {
    this.positions = this._reached;
  }

  /** The tab has read everything that was sent before. */
  read(): void {
    for (const [nsp, position] of this._next) if (this._isIn(nsp)) this._reached.set(nsp, position);
  }

  /** The next packets end at these positions. */
  note(positions: Iterable<readonly [unknown, unknown]>): void {
    for (const [nsp, position] of positions)
      if (Array.isArray(position)) this._next.set(nsp as string, position as never);
      else if (position === undefined) this.forget(nsp);
  }

  /** The session with the host has ended. */
  ended(): void {
    this.read();
    this._next.clear();
  }

  /** The tab has left this namespace; undefined: all namespaces. */
  forget(nsp?: unknown): void {
    for (const one of [this._reached, this._next])
      if (nsp === undefined) one.clear();
      else one.delete(nsp as string);
  }
}
