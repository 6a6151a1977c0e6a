import type { TautlineError } from "../errors.js";
import type { Cancel } from "../platform/platform.js";
import type { Line } from "./line.js";
import type { Outbox } from "./outbox.js";
import { type DeliveryHint, outcome } from "./outcomes.js";
import type { Packet } from "./packet.js";
import type { DeliveryPolicy } from "./policy.js";

/** What markers need of their pipeline. */
export interface MarkerHost {
  readonly line: Line;
  readonly policy: DeliveryPolicy | undefined;
  readonly outbox: Outbox;
  flush(): void;
}

/**
 * Places in the order of what waits: something is done when all that was emitted before has been sent. They stand in the
 * outbox like packets.
 */
export class Markers {
  private readonly _host: MarkerHost;
  /** Barriers whose probe is not answered yet. */
  private readonly _asked = new Set<Packet>();
  private _farewell: Packet | undefined;

  constructor(host: MarkerHost) {
    this._host = host;
  }

  /** The app has left, but what it emitted before is still to be sent. */
  get isLeaving(): boolean {
    return this._farewell !== undefined;
  }

  /** Calls `settle` once the server has received everything that was emitted before. Returns what takes that back. */
  barrier(settle: (error?: TautlineError) => void): Cancel {
    const { line, policy, outbox } = this._host;
    const marker: Packet = {
      ...bare(),
      pass: () => {
        const covered = policy?.mark?.();
        this._asked.add(marker);
        line.probe((error) => {
          // when it is lost, `lost` says what becomes of it
          if (error || !this._asked.delete(marker)) return;
          covered?.();
          settle();
        });
        return true;
      },
      cancel: settle,
    };
    outbox.add(marker);
    return () => {
      outbox.remove(marker);
      this._asked.delete(marker);
    };
  }

  /** Calls `done` once the server has received everything that was emitted before; never when the connection is lost. */
  leave(done: () => void): void {
    const { line, policy, outbox } = this._host;
    let isAsked = false;
    let isCovered = false;
    const marker: Packet = {
      ...bare(),
      pass: () => {
        if (isCovered || line.isConfirmed) {
          this._farewell = undefined;
          done();
          return true;
        }
        if (isAsked) return false;
        isAsked = true;
        const covered = policy?.mark?.();
        // socket.io drops events that travel together with the DISCONNECT behind them
        line.probe((error) => {
          if (error || this._farewell !== marker) return;
          isCovered = true;
          covered?.();
          this._host.flush();
        });
        return false;
      },
    };
    this._farewell = marker;
    // where one packet waits for the ack of the one before, the rest stays for the next connection
    if (policy?.acksAll) outbox.addFirst([marker]);
    else outbox.add(marker);
  }

  /** The connection is gone. Gives back the barriers whose probe was not answered. */
  lost(): Packet[] {
    if (this._farewell) this._host.outbox.remove(this._farewell);
    this._farewell = undefined;
    return this.takeAsked();
  }

  /** Takes out the barriers whose probe is not answered yet. */
  takeAsked(): Packet[] {
    const asked = [...this._asked];
    this._asked.clear();
    return asked;
  }

  /** Nobody will pass them. */
  cancel(markers: Iterable<Packet>, delivery?: DeliveryHint, cause?: unknown): void {
    for (const marker of markers) {
      if (!marker.cancel) continue;
      this._host.outbox.remove(marker);
      marker.cancel(outcome("disconnected", delivery, cause));
    }
  }
}

function bare(): Packet {
  return { state: "made", encoded: "", bytes: 0, id: undefined, options: {} };
}
