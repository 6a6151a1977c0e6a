import { Machine, type Table } from "../machine.js";
import { monotonicNow } from "../platform/browser.js";
import type { Cancel } from "../platform/platform.js";
import type { BinaryData } from "../protocol/engine-packet.js";
import { EnginePacketType } from "../protocol/engine-packet.js";
import {
  deaf,
  launch,
  shut,
  type Transport,
  type TransportFailure,
} from "../transports/transport.js";
import type { UpgradeHost } from "./parts.js";

export type UpgradeState = "idle" | "probing" | "pausing" | "switching" | "upgraded" | "abandoned";
export type UpgradeEvent = "probe" | "pong" | "paused" | "drained" | "probeLost" | "cancel";

/** See docs/states.md. From "switching" on there is no way back: the server has been told. */
export const upgradeTable: Table<UpgradeState, UpgradeEvent> = {
  idle: { probe: "probing", cancel: "abandoned" },
  probing: { pong: "pausing", probeLost: "abandoned", cancel: "abandoned" },
  pausing: { paused: "switching", probeLost: "abandoned", cancel: "abandoned" },
  switching: { drained: "upgraded", cancel: "abandoned" },
  upgraded: {},
  abandoned: {},
};

/** A probe that isn't answered for as long, in milliseconds, is given up; engine.io's own limit is the same. */
const PROBE_TIMEOUT = 10_000;

const PING = EnginePacketType.ping + "probe";
const PONG = EnginePacketType.pong + "probe";

/** A poll needs less than this, in milliseconds, or than most of what the probe took there and back, to reach the server. */
const ARRIVAL = 50;
/** A poll has arrived after so many times the quickest request there and back. */
const SAFELY = 1.25;
const MOSTLY = 0.9;
/** A server is near when the new transport was open after fewer milliseconds. */
const NEAR = 25;

/**
 * Moves a session to a better transport (docs/adr/0004-upgrade.md).
 *
 * - The server refuses a poll that reaches it after the switch. So none may be on its way to the server when the server is told.
 * - A poll that was begun before the probe has arrived once the probe is answered and a round trip is over.
 * - A near server answers at once: no poll is begun for that time. Elsewhere a poll that was begun behind the probe gets the
 *   time to arrive, or to come back. Writing goes on meanwhile.
 * - The server answers the running poll when it switches. What it sends over the new transport is held until then, so that the
 *   order is kept.
 */
export class Upgrade {
  private readonly _host: UpgradeHost;
  private readonly _decided: (next: Transport, failure?: TransportFailure) => void;
  private readonly _machine: Machine<UpgradeState, UpgradeEvent>;
  private readonly _held: (string | BinaryData)[] = [];
  private _probedAt = 0;
  /** When the poll that is under way has surely reached the server. */
  private _arrivesAt = 0;
  /** The last poll of the old transport has come in. */
  private _isPolled = false;
  /** Lets the old transport poll again. */
  private _resume: Cancel | undefined;
  /** A timer of the states "probing" and "pausing". */
  private _wait: Cancel | undefined;

  /**
   * @param decided - the switch is made, and from now on everything is written to `next`; or, with the failure of
   * `next`, the session stays where it is
   */
  constructor(
    host: UpgradeHost,
    readonly next: Transport,
    decided: (next: Transport, failure?: TransportFailure) => void,
  ) {
    this._host = host;
    this._decided = decided;
    const limit = (ms: number, what: string) => (): Cancel => {
      const end = host.timers.after(ms, () =>
        this._lost({ kind: "error", message: `${what} timeout` }),
      );
      return () => {
        end();
        this._wait?.();
      };
    };
    const probing = limit(PROBE_TIMEOUT, "probe");
    const entries = {
      probing,
      pausing: () => {
        this._awaitArrival();
        return probing();
      },
      switching: limit(host.handshake.pingTimeout, "last poll"),
      upgraded: () => shut(host.transport, true),
      abandoned: () => shut(next),
    };
    this._machine = new Machine({ table: upgradeTable, entries }, "idle");
  }

  get state(): UpgradeState {
    return this._machine.state;
  }

  /** The probe is answered: what is written waits for the new transport. */
  get isMoving(): boolean {
    return this.state === "pausing";
  }

  /** The switch waits for nothing but the write that is under way. */
  get isPausing(): boolean {
    return this.state === "pausing" && (this._isPolled || monotonicNow() >= this._arrivesAt);
  }

  start(): void {
    const { next } = this;
    const { timers } = this._host;
    const startedAt = monotonicNow();
    this._machine.send("probe");
    launch(next, {
      ...deaf,
      opened: () => {
        this._probedAt = monotonicNow();
        next.send(PING);
        if (this._probedAt - startedAt >= NEAR) return;
        this._retire();
        this._wait = timers.after(ARRIVAL, () => this._reinstate());
      },
      text: (packet) => this._receive(packet),
      binary: (data) => this._receive(data),
      closed: (failure) => this._lost(failure),
    });
  }

  /** The old transport has finished a write, or its last poll. */
  proceed(): void {
    const { next } = this;
    if (this.isPausing && this._host.transport.writable && next.send(EnginePacketType.upgrade)) {
      if (!this._machine.send("paused")) return;
      this._decided(next);
    }
    this._finish();
  }

  /** The session is over, or doesn't want to move any more. */
  cancel(): void {
    // its last payload is not needed any more
    if (this.state === "switching") shut(this._host.transport, true);
    this._machine.send("cancel");
  }

  private _answered(): void {
    this._machine.send("pong");
    this._host.answered(this.next);
    // a listener may have ended the session
    if (this.state !== "pausing") return;
    if (!this._resume) this._retire();
    this.proceed();
  }

  /** The old transport asks the server for nothing more. */
  private _retire(): void {
    this._resume = this._host.transport.retire(() => {
      this._isPolled = true;
      this.proceed();
    });
  }

  private _reinstate(): void {
    const resume = this._resume;
    this._isPolled = false;
    this._resume = undefined;
    resume?.();
  }

  private _awaitArrival(): void {
    const now = monotonicNow();
    const { askedAt = 0, roundTrip = 0 } = this._host.transport;
    const isBehind = askedAt >= this._probedAt;
    this._arrivesAt =
      askedAt +
      (isBehind ? Math.max(ARRIVAL, (now - this._probedAt) * MOSTLY) : roundTrip * SAFELY);
    if (this._arrivesAt <= now) return;
    this._wait = this._host.timers.after(this._arrivesAt - now, () => {
      // even if the clock has stopped
      this._arrivesAt = -Infinity;
      this.proceed();
    });
  }

  /** The server has switched, and the old transport has handed everything over. */
  private _finish(): void {
    const { next } = this;
    const { sink } = this._host.transport;
    if (!this._isPolled || !this._machine.send("drained")) return;
    next.sink = sink;
    for (const frame of this._held.splice(0)) {
      if (next.sink !== sink) return;
      if (typeof frame === "string") sink.text(frame);
      else sink.binary(frame);
    }
  }

  private _receive(frame: string | BinaryData): void {
    if (this.state === "switching") this._held.push(frame);
    else if (frame === PONG) this._answered();
    else
      this._lost({ kind: "error", message: "probe error", description: "not answered by a pong" });
  }

  private _lost(failure: TransportFailure): void {
    if (this._machine.send("probeLost")) {
      this._reinstate();
      this._decided(this.next, failure);
    } else if (this.state === "switching") {
      // after the switch the session is lost with the new transport
      const { sink } = this._host.transport;
      this.cancel();
      sink.closed(failure);
    }
  }
}
