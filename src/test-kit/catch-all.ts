import { CatchAll } from "../socket/catch-all.js";
import { EventEmitter } from "./app-emitter.js";

type Listener = (...args: unknown[]) => void;

/** An emitter with listeners for every event, in each direction. Who extends it calls them. */
export class CatchAllEmitter extends EventEmitter {
  private readonly _incoming = new CatchAll();
  private readonly _outgoing = new CatchAll();

  onAny(listener: Listener): this {
    this._incoming.add(listener);
    return this;
  }

  prependAny(listener: Listener): this {
    this._incoming.prepend(listener);
    return this;
  }

  offAny(listener?: Listener): this {
    this._incoming.remove(listener);
    return this;
  }

  listenersAny(): Listener[] {
    return [...this._incoming.listeners] as Listener[];
  }

  onAnyOutgoing(listener: Listener): this {
    this._outgoing.add(listener);
    return this;
  }

  prependAnyOutgoing(listener: Listener): this {
    this._outgoing.prepend(listener);
    return this;
  }

  offAnyOutgoing(listener?: Listener): this {
    this._outgoing.remove(listener);
    return this;
  }

  listenersAnyOutgoing(): Listener[] {
    return [...this._outgoing.listeners] as Listener[];
  }
}
