/**
 * The sockets of a manager that need no connection, by namespace: those that never had one strongly, closed ones only for
 * as long as the app has them. Where the host has no weak references (older React Native), all are kept.
 */
export class IdleSockets<S extends object> {
  private _sockets: Map<string, S | WeakRef<S>> | undefined;
  private _gone: FinalizationRegistry<string> | undefined;

  get(nsp: string): S | undefined {
    const entry = this._sockets?.get(nsp);
    return isWeak(entry) ? entry.deref() : entry;
  }

  /** The socket is new: it lives even when the app has only its listeners. */
  keep(nsp: string, socket: S | WeakRef<S>): void {
    (this._sockets ??= new Map<string, S | WeakRef<S>>()).set(nsp, socket);
  }

  /** The socket is closed: it is forgotten with the app's last reference. */
  loosen(nsp: string, socket: S): void {
    if (typeof FinalizationRegistry !== "function") return this.keep(nsp, socket);
    const entry = this._sockets?.get(nsp);
    if (isWeak(entry) && entry.deref() === socket) return;
    this.keep(nsp, new WeakRef(socket));
    this._gone ??= new FinalizationRegistry((name) => {
      if (!this.get(name)) this._sockets?.delete(name);
    });
    this._gone.register(socket, nsp, socket);
  }

  /** The socket needs the connection: it is somebody else's to keep. */
  release(nsp: string, socket: S): void {
    this._sockets?.delete(nsp);
    this._gone?.unregister(socket);
  }
}

function isWeak<S extends object>(entry: S | WeakRef<S> | undefined): entry is WeakRef<S> {
  return typeof WeakRef === "function" && entry instanceof WeakRef;
}
