import type { Socket } from "../socket/socket.js";
import { watchListeners } from "./listening.js";
import type { PortTransport } from "./port-transport.js";

/** The sockets of a tab, and the events that have listeners. */
export class TabSockets {
  /** By namespace. */
  private readonly _sockets = new Map<string, Socket>();
  private readonly _listened = new Map<string, () => string[] | null>();

  /** @param transports - get the names of these events */
  constructor(private readonly _transports: Iterable<PortTransport>) {}

  add(socket: Socket): void {
    const { nsp } = socket;
    this._sockets.set(nsp, socket);
    this._listened.set(
      nsp,
      watchListeners(socket, () => this._tell(nsp)),
    );
  }

  /** A session has begun: the host gets all names. */
  tellAll(): void {
    for (const nsp of this._listened.keys()) this._tell(nsp);
  }

  isConnected(nsp: string): boolean {
    return !!this._sockets.get(nsp)?.connected;
  }

  disconnect(): void {
    for (const socket of this._sockets.values()) socket.disconnect();
  }

  private _tell(nsp: string): void {
    const names = this._listened.get(nsp)?.() ?? null;
    for (const transport of this._transports)
      if (transport.isOpen) transport.post(["listen", nsp, names]);
  }
}
