/**
 * The sockets of a manager by namespace: those that need the connection strongly, closed ones only for as long as the
 * app has them. Where the host has no weak references (older React Native), all are kept.
 */
export class Sockets<S extends object> {
  readonly #sockets = new Map<string, S | WeakRef<S>>();
  #gone: FinalizationRegistry<string> | undefined;

  get(nsp: string): S | undefined {
    const entry = this.#sockets.get(nsp);
    return isWeak(entry) ? entry.deref() : entry;
  }

  set(nsp: string, socket: S): void {
    this.#sockets.set(nsp, socket);
  }

  /** The socket needs the connection: it lives even when the app has only its listeners. */
  hold(nsp: string): void {
    const socket = this.get(nsp);
    if (!socket) return;
    this.#sockets.set(nsp, socket);
    this.#gone?.unregister(socket);
  }

  /** The socket is closed: it is forgotten with the app's last reference. */
  loosen(nsp: string): void {
    const entry = this.#sockets.get(nsp);
    if (!entry || isWeak(entry) || typeof FinalizationRegistry !== "function") return;
    this.#sockets.set(nsp, new WeakRef(entry));
    this.#gone ??= new FinalizationRegistry((name) => {
      if (!this.get(name)) this.#sockets.delete(name);
    });
    this.#gone.register(entry, nsp, entry);
  }
}

function isWeak<S extends object>(entry: S | WeakRef<S> | undefined): entry is WeakRef<S> {
  return typeof WeakRef === "function" && entry instanceof WeakRef;
}
