import { type Chart, Machine, type Table } from "../machine.js";
import type { Cancel, Timers } from "../platform/platform.js";
import type { BinaryData } from "../protocol/engine-packet.js";
import { EnginePacketType } from "../protocol/engine-packet.js";
import type { Transport, TransportFailure, TransportSink } from "../transports/transport.js";

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
  readonly current: Transport;
  /** How long the last poll may take to come in, in milliseconds. */
  readonly patience: number;
  /** The probe is answered. */
  answered(next: Transport): void;
  /** The switch is made: from now on everything is written to `next`. */
  switched(next: Transport): void;
  /** Nothing more comes over the old transport: the sink of the session, for what was held and what follows. */
  completed(next: Transport): TransportSink;
  /** The new transport failed, and the session stays where it is. */
  abandoned(failure: TransportFailure): void;
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
  readonly #host: UpgradeHost;
  readonly #machine: Machine<UpgradeState, UpgradeEvent, TransportFailure | undefined>;
  readonly #held: (string | BinaryData)[] = [];
  readonly startedAt = Date.now();

  constructor(
    host: UpgradeHost,
    readonly next: Transport,
  ) {
    this.#host = host;
    const limit =
      (ms: number, what: string): (() => Cancel) =>
      () =>
        host.timers.after(ms, () => this.#lost({ kind: "error", message: `${what} timeout` }));
    const chart: Chart<UpgradeState, UpgradeEvent, TransportFailure | undefined> = {
      table: upgradeTable,
      entries: {
        probing: limit(PROBE_TIMEOUT, "probe"),
        pausing: limit(PROBE_TIMEOUT, "probe"),
        switching: limit(host.patience, "last poll"),
        abandoned: () => next.close(),
      },
      changed(state, old, _event, failure) {
        if (state === "abandoned" && failure)
          if (old === "switching") host.failed(failure);
          else host.abandoned(failure);
      },
    };
    this.#machine = new Machine(chart, "idle");
  }

  get state(): UpgradeState {
    return this.#machine.state;
  }

  start(): void {
    const { next } = this;
    this.#machine.send("probe", undefined);
    next.sink = {
      opened: () => void next.send(PING),
      text: (packet) => this.#receive(packet),
      binary: (data) => this.#receive(data),
      drained() {},
      closed: (failure) => this.#lost(failure),
    };
    next.open();
  }

  /** The session's transport has finished a write: there may be no POST under way any more. */
  proceed(): void {
    const { current } = this.#host;
    if (this.state !== "pausing" || !current.writable) return;
    if (!this.next.send(EnginePacketType.upgrade)) return;
    this.#machine.send("paused", undefined);
    this.#host.switched(this.next);
    current.retire(() => {
      if (!this.#machine.send("drained", undefined)) return;
      const sink = (this.next.sink = this.#host.completed(this.next));
      for (const frame of this.#held.splice(0)) {
        if (this.next.sink !== sink) return;
        if (typeof frame === "string") sink.text(frame);
        else sink.binary(frame);
      }
    });
  }

  /** The session is over, or doesn't want to move any more. */
  cancel(): void {
    this.#machine.send("cancel", undefined);
  }

  #receive(frame: string | BinaryData): void {
    if (this.state === "switching") this.#held.push(frame);
    else if (frame === PONG) {
      this.#machine.send("pong", undefined);
      this.#host.answered(this.next);
      this.proceed();
    } else
      this.#lost({ kind: "error", message: "probe error", description: "not answered by a pong" });
  }

  #lost(failure: TransportFailure): void {
    // after the switch it is the session's loss
    if (!this.#machine.send("probeLost", failure)) this.#machine.send("cancel", failure);
  }
}
