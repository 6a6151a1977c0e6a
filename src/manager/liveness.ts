import type { Session } from "../engine/session.js";
import type { TautlineError } from "../errors.js";
import { monotonicNow } from "../platform/browser.js";
import type { Cancel } from "../platform/platform.js";
import type { Encoded, SocketPacket } from "../protocol/socket-packet.js";
import type { Link } from "../socket/link.js";
import { type ProbeAnswer, Probes } from "./probe.js";
import type { Stats } from "./stats.js";

/** A decision that comes so many milliseconds late was frozen with its page, and so was the answer. */
const LATE = 1500;

/** Is the line alive, how long is it, and what has surely arrived? */
export class Liveness {
  private readonly _link: Link;
  private readonly _stats: Stats;
  private readonly _probes: Probes;
  private _check: Cancel | undefined;

  constructor(link: Link, stats: Stats) {
    this._link = link;
    this._stats = stats;
    this._probes = new Probes(link);
  }

  /** The line is in doubt, and has not answered yet. */
  get isDoubting(): boolean {
    return this._check !== undefined;
  }

  /** A packet that the server answers, and the answer of it. */
  begin(answered: ProbeAnswer): Encoded {
    return this._probes.begin(answered);
  }

  /** A packet for nobody else. */
  receive(packet: SocketPacket): void {
    this._probes.receive(packet);
  }

  /** Sends a probe, and takes note of how long the answer took, in milliseconds. */
  measure(answered: (error: TautlineError | undefined, ms: number) => void): void {
    const start = monotonicNow();
    const encoded = this.begin((error) => {
      const ms = monotonicNow() - start;
      if (!error) this._stats.measured(ms);
      answered(error, ms);
    });
    this._link.queue(encoded, true);
  }

  /**
   * Asks whether the session is alive, unless that is being asked already. Whatever comes in answers it.
   *
   * @param patience - milliseconds
   * @param dead - nothing came in
   */
  doubt(session: Session, patience: number, dead: () => void): void {
    if (this._check) return;
    const heard = session.heard;
    const due = monotonicNow() + patience;
    this._check = this._link.timers.after(patience, () => {
      this._check = undefined;
      if (session.heard > heard) session.prove();
      else if (monotonicNow() - due > LATE) this.doubt(session, patience, dead);
      else dead();
    });
    this.measure((error) => {
      if (error || !this._check) return;
      this.rest();
      session.prove();
    });
  }

  /** Nobody doubts any more. */
  rest(): void {
    this._check?.();
    this._check = undefined;
  }

  /** The connection is gone: nothing that was asked will be answered. */
  lost(): void {
    this._probes.lost();
  }
}
