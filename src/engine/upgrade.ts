import { Machine, type Table } from "../machine.js";
import type { Cancel, Timers } from "../platform/platform.js";
import type { BinaryData } from "../protocol/engine-packet.js";
import { EnginePacketType } from "../protocol/engine-packet.js";
import { deaf, type Transport, type TransportFailure } from "../transports/transport.js";

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

/** What an upgrade needs of its session. */
export interface UpgradeHost {
  readonly timers: Timers;
  /** The transport of the session, which it may leave. */
  readonly transport: Transport;
  /** How long the last poll may take to come in, in milliseconds. */
  readonly patience: number;
  /** The probe is answered. */
  answered(next: Transport): void;
  /** The session is lost: the transport failed after the switch. */
  failed(failure: TransportFailure): void;
}

/**
 * Moves a session to a better transport. It doesn't wait for the running poll before it says "upgrade", as the
 * reference client does: the server answers that poll when it switches. So writing never pauses; what the server
 * sends over the new transport is held until the old one has handed over its last payload, and the order is kept.
 * Only a POST on its way is waited for (docs/adr/0004-upgrade.md).
 */
export class Upgrade {
  private readonly _host: UpgradeHost;
  private readonly _decided: (next: Transport, failure?: TransportFailure) => void;
  private readonly _machine: Machine<UpgradeState, UpgradeEvent>;
  private readonly _held: (string | BinaryData)[] = [];

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
    const limit =
      (ms: number, what: string): (() => Cancel) =>
      () =>
        host.timers.after(ms, () => this._lost({ kind: "error", message: `${what} timeout` }));
    const entries = {
      probing: limit(PROBE_TIMEOUT, "probe"),
      pausing: limit(PROBE_TIMEOUT, "probe"),
      switching: limit(host.patience, "last poll"),
      abandoned: () => next.close(),
    };
    this._machine = new Machine({ table: upgradeTable, entries }, "idle");
  }

  get state(): UpgradeState {
    return this._machine.state;
  }

  start(): void {
    const { next } = this;
    this._machine.send("probe");
    next.sink = {
      ...deaf,
      opened: () => void next.send(PING),
      text: (packet) => this._receive(packet),
      binary: (data) => this._receive(data),
      closed: (failure) => this._lost(failure),
    };
    next.open();
  }

  /** The session's transport has finished a write: there may be no POST under way any more. */
  proceed(): void {
    const { next } = this;
    const { transport } = this._host;
    if (this.state !== "pausing" || !transport.writable) return;
    if (!next.send(EnginePacketType.upgrade) || !this._machine.send("paused")) return;
    const { sink } = transport;
    // what the server still says over the old transport counts, but not its farewell
    transport.sink = {
      ...deaf,
      text: (packet) => packet !== EnginePacketType.close && sink.text(packet),
      binary: (data) => sink.binary(data),
      closed: (failure) => sink.closed(failure),
    };
    this._decided(next);
    transport.retire(() => {
      if (!this._machine.send("drained")) return;
      transport.sink = deaf;
      next.sink = sink;
      for (const frame of this._held.splice(0)) {
        if (next.sink !== sink) return;
        if (typeof frame === "string") sink.text(frame);
        else sink.binary(frame);
      }
    });
  }

  /** The session is over, or doesn't want to move any more. */
  cancel(): void {
    // nobody waits for its last payload any more
    if (this.state === "switching") this._host.transport.close();
    this._machine.send("cancel");
  }

  private _receive(frame: string | BinaryData): void {
    if (this.state === "switching") this._held.push(frame);
    else if (frame === PONG) {
      this._machine.send("pong");
      this._host.answered(this.next);
      this.proceed();
    } else
      this._lost({ kind: "error", message: "probe error", description: "not answered by a pong" });
  }

  private _lost(failure: TransportFailure): void {
    if (this._machine.send("probeLost")) this._decided(this.next, failure);
    else if (this.state === "switching") {
      // after the switch it is the session's loss
      this.cancel();
      this._host.failed(failure);
    }
  }
}
