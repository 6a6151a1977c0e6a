/**
 * The sockets of a manager that need no connection, by namespace: those that never had one strongly, closed ones only for
 * as long as the app has them. Where the host has no weak references (older React Native), all are kept.
 */
export class IdleSockets<S extends object> {
  #sockets: Map<string, S | WeakRef<S>> | undefined;
  #gone: FinalizationRegistry<string> | undefined;

  get(nsp: string): S | undefined {
    const entry = this.#sockets?.get(nsp);
    return isWeak(entry) ? entry.deref() : entry;
  }

  /** The socket is new: it lives even when the app has only its listeners. */
  keep(nsp: string, socket: S | WeakRef<S>): void {
    (this.#sockets ??= new Map<string, S | WeakRef<S>>()).set(nsp, socket);
  }

  /** The socket is closed: it is forgotten with the app's last reference. */
  loosen(nsp: string, socket: S): void {
    if (typeof FinalizationRegistry !== "function") return this.keep(nsp, socket);
    const entry = this.#sockets?.get(nsp);
    if (isWeak(entry) && entry.deref() === socket) return;
    this.keep(nsp, new WeakRef(socket));
    this.#gone ??= new FinalizationRegistry((name) => {
      if (!this.get(name)) this.#sockets?.delete(name);
    });
    this.#gone.register(socket, nsp, socket);
  }

  /** The socket needs the connection: it is somebody else's to keep. */
  release(nsp: string, socket: S): void {
    this.#sockets?.delete(nsp);
    this.#gone?.unregister(socket);
  }
}

function isWeak<S extends object>(entry: S | WeakRef<S> | undefined): entry is WeakRef<S> {
  return typeof WeakRef === "function" && entry instanceof WeakRef;
}
