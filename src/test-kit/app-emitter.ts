import { EventEmitter as Emitter } from "eventemitter3";

type Listener = Emitter.ListenerFn;
/** `once` listeners are wrapped, as in Node: the wrapper removes itself. */
type Wrapped = Listener & { listener?: Listener };

/**
 * The emitter of objects that are Node's in a real server: apps may emit events themselves, and an error of a listener
 * is thrown to them. Helpers for servers read `rawListeners`.
 */
export class EventEmitter extends Emitter {
  override once(event: string | symbol, listener: Listener): this {
    const wrapper: Wrapped = (...args) => {
      this.off(event, wrapper);
      listener.apply(this, args);
    };
    wrapper.listener = listener;
    return this.on(event, wrapper);
  }

  /** Before the others. */
  prependListener(event: string | symbol, listener: Listener): this {
    const others = this.rawListeners(event);
    super.removeAllListeners(event).on(event, listener);
    for (const other of others) this.on(event, other);
    return this;
  }

  /** There is no warning about many listeners. */
  setMaxListeners(): this {
    return this;
  }

  getMaxListeners(): number {
    return Infinity;
  }

  override off(event: string | symbol, listener?: Listener): this {
    if (!listener) return super.off(event);
    // the last that was added, and no other
    const all = this.rawListeners(event);
    const isIt = (one: Wrapped): boolean => one === listener || one.listener === listener;
    const at = all.length - 1 - all.slice().reverse().findIndex(isIt);
    if (at >= all.length) return this;
    super.removeAllListeners(event);
    for (const [index, one] of all.entries()) if (index !== at) this.on(event, one);
    return this;
  }

  override removeListener(event: string | symbol, listener?: Listener): this {
    return this.off(event, listener);
  }

  override listeners(event: string | symbol): Listener[] {
    return this.rawListeners(event).map((one) => one.listener ?? one);
  }

  rawListeners(event: string | symbol): Wrapped[] {
    return super.listeners(event);
  }
}
