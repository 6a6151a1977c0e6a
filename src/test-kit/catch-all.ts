import { EventEmitter } from "./app-emitter.js";

type Listener = (...args: unknown[]) => void;

/** An emitter with listeners for every event, in each direction. Who extends it calls them. */
export class CatchAllEmitter extends EventEmitter {
  private readonly _any: Listener[] = [];
  private readonly _anyOutgoing: Listener[] = [];

  onAny(listener: Listener): this {
    this._any.push(listener);
    return this;
  }

  prependAny(listener: Listener): this {
    this._any.unshift(listener);
    return this;
  }

  offAny(listener?: Listener): this {
    remove(this._any, listener);
    return this;
  }

  listenersAny(): Listener[] {
    return [...this._any];
  }

  onAnyOutgoing(listener: Listener): this {
    this._anyOutgoing.push(listener);
    return this;
  }

  prependAnyOutgoing(listener: Listener): this {
    this._anyOutgoing.unshift(listener);
    return this;
  }

  offAnyOutgoing(listener?: Listener): this {
    remove(this._anyOutgoing, listener);
    return this;
  }

  listenersAnyOutgoing(): Listener[] {
    return [...this._anyOutgoing];
  }
}

function remove(list: Listener[], listener: Listener | undefined): void {
  if (!listener) list.length = 0;
  const at = list.indexOf(listener as Listener);
  if (at >= 0) list.splice(at, 1);
}
