import type { Connection } from "../connection/connection.js";
import type { ConnectionState } from "../connection/events.js";
import type { Session } from "../engine/session.js";
import { TautlineError } from "../errors.js";
import type { EnginePacket } from "../protocol/engine-packet.js";
import { binaryLength } from "../protocol/engine-payload.js";

/** A snapshot of a manager: plain data. Times in milliseconds. */
export interface ManagerStats {
  state: ConnectionState;
  /** Name of the transport in use; undefined while there is none. */
  transport: string | undefined;
  /** Round-trip times as measured by probes, of {@link rtt} and of the library's own. */
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

/** A manager of Tautline. */
export interface ManagerLike {
  readonly connection: Connection;
  readonly engine: Session | undefined;
  on(event: "state", listener: (state: ConnectionState) => void): unknown;
  on(event: "reconnect", listener: (attempt: number) => void): unknown;
}

/** The weight of a new measurement in the smoothed round-trip time, as in TCP (RFC 6298). */
const WEIGHT = 1 / 8;

/** Counts what goes over the sessions of one manager, from its making on. */
class Meter {
  packetsIn = 0;
  packetsOut = 0;
  bytesIn = 0;
  bytesOut = 0;
  reconnects = 0;
  last: number | undefined;
  smoothed: number | undefined;
  private _session: Session | undefined;

  constructor(manager: ManagerLike) {
    manager.connection.measured = (ms) => this._measured(ms);
    manager.on("reconnect", () => this.reconnects++);
    manager.on("state", () => this._watch(manager.engine));
    this._watch(manager.engine);
  }

  private _measured(ms: number): void {
    this.last = ms;
    this.smoothed =
      this.smoothed === undefined ? ms : this.smoothed + (ms - this.smoothed) * WEIGHT;
  }

  private _watch(session: Session | undefined): void {
    if (!session || session === this._session) return;
    this._session = session;
    session.on("packet", (packet) => {
      this.packetsIn++;
      this.bytesIn += sizeOf(packet);
    });
    session.on("packetCreate", (packet) => {
      this.packetsOut++;
      this.bytesOut += sizeOf(packet);
    });
  }
}

const meters = /* @__PURE__ */ new WeakMap<ManagerLike, Meter>();

function meterOf(manager: ManagerLike): Meter {
  let meter = meters.get(manager);
  if (!meter) meters.set(manager, (meter = new Meter(manager)));
  return meter;
}

/** The type digit, and what follows it. */
function sizeOf({ data = "" }: EnginePacket): number {
  return typeof data === "string" ? data.length + 1 : binaryLength(data);
}

/** What happened on a manager's connections. Counting begins with the first call: call it once when the manager is made. */
export function stats(manager: ManagerLike): ManagerStats {
  const { packetsIn, packetsOut, bytesIn, bytesOut, reconnects, last, smoothed } = meterOf(manager);
  const { connection, engine } = manager;
  const { state, isOpen } = connection;
  let bufferedPackets = 0;
  connection.channels.forEach((channel) => (bufferedPackets += channel.pipeline.size));
  return {
    state,
    transport: isOpen ? engine?.transport.name : undefined,
    rtt: { last, smoothed },
    packetsIn,
    packetsOut,
    bytesIn,
    bytesOut,
    reconnects,
    connectedFor: connection.schedule.uptime,
    bufferedPackets,
    bufferedAmount: connection.bufferedAmount,
  };
}

/**
 * Measures the round-trip time: one packet that every Socket.IO server answers.
 *
 * @returns milliseconds; rejects with `disconnected` when there is no connection, or it is lost meanwhile
 */
export function rtt(manager: ManagerLike): Promise<number> {
  const { connection } = manager;
  const meter = meterOf(manager);
  return new Promise((resolve, reject) => {
    if (!connection.isOpen)
      return reject(new TautlineError("disconnected", "there is no connection to measure"));
    connection.probe((error) => (error ? reject(error) : resolve(meter.last as number)));
  });
}
