import type { Session } from "../engine/session.js";
import type { Timers } from "../platform/platform.js";
import { PacketType, type SocketPacket } from "../protocol/socket-packet.js";
import type { Probes } from "./probes.js";

/** A session that is given up has as many milliseconds to see its last packets received. */
const PATIENCE = 5000;

/** Sessions that are not needed any more, and whose last packets are still in flight. */
export class Retirement {
  private readonly _timers: Timers;
  private readonly _probes = new Map<Session, Probes>();

  constructor(timers: Timers) {
    this._timers = timers;
  }

  /**
   * Closes a session, once the server has what it was given: socket.io drops events that travel with the close.
   *
   * @param isConfirmed - the server has everything
   */
  retire(session: Session, isConfirmed: boolean, probes: Probes): void {
    if (isConfirmed) {
      session.close();
      return;
    }
    const stop = this._timers.after(PATIENCE, () => session.close());
    this._probes.set(session, probes);
    probes.send(() => {
      stop();
      session.close();
    });
  }

  /** A packet of a session that is not in use. */
  receive(session: Session, packet: SocketPacket, owner: unknown): void {
    this._probes.get(session)?.receive(packet);
    // what still waits for a namespace that the server has closed would close the connection of all
    if (packet.type === PacketType.DISCONNECT) session.discard(owner);
  }

  /** The session is over. */
  end(session: Session): void {
    this._probes.delete(session);
  }
}
