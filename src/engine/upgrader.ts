import type { Cancel } from "../platform/platform.js";
import type { Transport, TransportFailure } from "../transports/transport.js";
import type { Candidate } from "./connector.js";
import { transportError } from "./failure.js";
import type { SessionUpgrade, UpgradeHost, UpgradePart } from "./parts.js";
import { Upgrade } from "./upgrade.js";

/** Milliseconds from a failed upgrade to the next try; doubled each time, up to the longest. */
const FIRST_DELAY = 60_000;
const LONGEST_DELAY = 15 * 60_000;

/** The part that an entry hands in. */
export const upgrade: UpgradePart = (host) => new Upgrader(host);

/** Moves a session to a better transport: when to try, which one, and again when it failed. */
export class Upgrader implements SessionUpgrade {
  private readonly _host: UpgradeHost;
  private _delay = FIRST_DELAY;
  private _timer: Cancel | undefined;
  /** Under way, or done. */
  private _upgrade: Upgrade | undefined;
  /** What failed in this round of tries. */
  private readonly _failed = new Set<string>();

  constructor(host: UpgradeHost) {
    this._host = host;
  }

  get isPausing(): boolean {
    return this._upgrade?.isPausing ?? false;
  }

  get isMoving(): boolean {
    return this._upgrade?.isMoving ?? false;
  }

  start(): void {
    const candidate = this._better();
    if (!candidate) return;
    const { name } = candidate;
    const refused = this._host.attempts.some(
      ({ transport, code }) => transport === name && code !== "timeout",
    );
    if (refused || (this._host.memory?.recall(name)?.fails ?? 0) > 1) this._later();
    else this.now();
  }

  now(): void {
    const candidate = this._better();
    if (!candidate || this._upgrade) return;
    this._timer?.();
    this._upgrade = new Upgrade(
      this._host,
      candidate.create(this._host.handshake.sid),
      (next, failure) => this._decided(next, failure),
    );
    this._upgrade.start();
  }

  proceed(): void {
    this._upgrade?.proceed();
  }

  settle(): void {
    this._timer?.();
    if (this._upgrade?.state === "probing") this._upgrade.cancel();
  }

  stop(): void {
    this._timer?.();
    this._upgrade?.cancel();
  }

  private _decided(next: Transport, failure: TransportFailure | undefined): void {
    const host = this._host;
    const { name } = next;
    host.memory?.note(name, !failure);
    if (!failure) return host.switched(next);
    this._upgrade = undefined;
    this._failed.add(name);
    if (!host.isEnding()) {
      if (this._better()) this.now();
      else this._later();
    }
    // told last: a listener may end the session, which also stops the next try
    const code = failure.code ?? (name === "websocket" ? "websocket-blocked" : "transport-error");
    host.stayed(transportError(code, failure, host.hints));
  }

  private _later(): void {
    this._failed.clear();
    this._timer = this._host.timers.after(this._delay, () => this.now());
    this._delay = Math.min(this._delay * 2, LONGEST_DELAY);
  }

  /** The first transport of the list that the server offers, and that isn't the one in use. */
  private _better(): Candidate | undefined {
    const { transport, connector, handshake } = this._host;
    if (connector.options.upgrade === false) return undefined;
    return connector
      .candidates()
      .find(
        ({ name }) =>
          name !== transport.name && handshake.upgrades.includes(name) && !this._failed.has(name),
      );
  }
}
