import type { Session } from "../engine/session.js";
import type { TautlineError } from "../errors.js";
import { preciseNow } from "../platform/browser.js";
import type { Cancel } from "../platform/platform.js";
import type { Encoded, SocketPacket } from "../protocol/socket-packet.js";
import type { Link } from "../socket/link.js";
import { type ProbeAnswer, Probes } from "./probe.js";
import type { Stats } from "./stats.js";

/** A decision that comes so many milliseconds late was frozen with its page, and so was the answer. */
const LATE = 1500;

/** Is the line alive, how long is it, and what has surely arrived? */
export class Liveness {
  readonly #link: Link;
  readonly #stats: Stats;
  readonly #probes: Probes;
  #check: Cancel | undefined;

  constructor(link: Link, stats: Stats) {
    this.#link = link;
    this.#stats = stats;
    this.#probes = new Probes(link);
  }

  /** The line is in doubt, and has not answered yet. */
  get isDoubting(): boolean {
    return this.#check !== undefined;
  }

  /** A packet that the server answers, and the answer of it. */
  begin(answered: ProbeAnswer): Encoded {
    return this.#probes.begin(answered);
  }

  /** A packet for nobody else. */
  receive(packet: SocketPacket): void {
    this.#probes.receive(packet);
  }

  /** Sends a probe, and takes note of how long the answer took, in milliseconds. */
  measure(answered: (error: TautlineError | undefined, ms: number) => void): void {
    const start = preciseNow();
    const encoded = this.begin((error) => {
      const ms = preciseNow() - start;
      if (!error) this.#stats.measured(ms);
      answered(error, ms);
    });
    this.#link.queue(encoded, true);
  }

  /**
   * Asks whether the session is alive, unless that is being asked already. Whatever comes in answers it.
   *
   * @param patience - milliseconds
   * @param dead - nothing came in
   */
  doubt(session: Session, patience: number, dead: () => void): void {
    if (this.#check) return;
    const heard = session.traffic.packetsIn;
    const due = Date.now() + patience;
    this.#check = this.#link.timers.after(patience, () => {
      this.#check = undefined;
      if (session.traffic.packetsIn > heard) session.prove();
      else if (Date.now() - due > LATE) this.doubt(session, patience, dead);
      else dead();
    });
    this.measure((error) => {
      if (error || !this.#check) return;
      this.rest();
      session.prove();
    });
  }

  /** Nobody doubts any more. */
  rest(): void {
    this.#check?.();
    this.#check = undefined;
  }

  /** The connection is gone: nothing that was asked will be answered. */
  lost(): void {
    this.#probes.lost();
  }
}
