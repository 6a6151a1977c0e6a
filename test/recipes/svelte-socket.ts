import { createSubscriber } from "svelte/reactivity";
import { io, type Socket } from "../../src/index.js";

/** A socket for Svelte: templates and effects that read a property run again when it changes. */
export class SvelteSocket {
  readonly socket: Socket;
  private readonly _subscribe: () => void;

  constructor(url: string) {
    const socket = io(url, { autoConnect: false });
    this.socket = socket;
    // runs while an effect reads: the first reader connects, the last one disconnects. On a server there are no effects
    this._subscribe = createSubscriber((update) => {
      socket.on("connect", update).on("disconnect", update);
      socket.io.on("state", update);
      socket.connect();
      return () => {
        socket.off("connect", update).off("disconnect", update);
        socket.io.off("state", update);
        socket.disconnect();
      };
    });
  }

  get isConnected() {
    this._subscribe();
    return this.socket.connected;
  }

  get state() {
    this._subscribe();
    return this.socket.io.state;
  }

  /** Calls `handler` for each event while the effect that calls this is alive: `$effect(() => chat.on("line", add))`. */
  on(event: string, handler: (...args: any[]) => void) {
    this._subscribe();
    this.socket.on(event, handler);
    return () => this.socket.off(event, handler);
  }
}
