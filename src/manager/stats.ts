import type { ManagerState } from "./events.js";

/** What went over a session. Text counts a byte a character. */
export interface Traffic {
  packetsIn: number;
  packetsOut: number;
  bytesIn: number;
  bytesOut: number;
}

/** A snapshot of a manager: plain data. Times in milliseconds. */
export interface ManagerStats {
  state: ManagerState;
  /** Name of the transport in use; undefined while there is none. */
  transport: string | undefined;
  /** Round-trip times as measured by `manager.rtt()` and by liveness probes. */
  rtt: { last: number | undefined; smoothed: number | undefined };
  packetsIn: number;
  packetsOut: number;
  /** Text counts a byte a character. */
  bytesIn: number;
  bytesOut: number;
  /** How often the connection came back. */
  reconnects: number;
  /** Since the connection was opened; 0 while it isn't. */
  connectedFor: number;
  /** Packets that wait in the sockets. */
  bufferedPackets: number;
  /** Bytes that were handed over and haven't left yet. */
  bufferedAmount: number;
}

/** The weight of a new measurement in the smoothed round-trip time, as in TCP (RFC 6298). */
const WEIGHT = 1 / 8;

const NOTHING: Traffic = { packetsIn: 0, packetsOut: 0, bytesIn: 0, bytesOut: 0 };

/** Counters that outlive sessions. */
export class Stats {
  reconnects = 0;
  /** In milliseconds since the epoch; 0 while it is closed. */
  openedAt = 0;
  last: number | undefined;
  smoothed: number | undefined;
  private _past = NOTHING;

  measured(ms: number): void {
    this.last = ms;
    this.smoothed =
      this.smoothed === undefined ? ms : this.smoothed + (ms - this.smoothed) * WEIGHT;
  }

  /** What went over all sessions, with the one that is open. */
  total(current = NOTHING): Traffic {
    const sum = { ...this._past };
    for (const key of Object.keys(sum) as (keyof Traffic)[]) sum[key] += current[key];
    return sum;
  }

  /** A session is over: its counters are kept. */
  add(traffic: Traffic): void {
    this._past = this.total(traffic);
    this.openedAt = 0;
  }
}
