import { HostTarget } from "./host-events.js";
import type { VirtualTime } from "./virtual-time.js";

/** The MessageChannel class of a host, in virtual time: libraries use it to yield. */
export function messageChannelClass(time: VirtualTime): typeof MessageChannel {
  return class MessageChannel {
    readonly port1 = new HostPort(time);
    readonly port2 = new HostPort(time);

    constructor() {
      this.port1.other = this.port2;
      this.port2.other = this.port1;
    }
  } as never;
}

class HostPort extends HostTarget {
  other: HostPort | undefined;

  constructor(private readonly _time: VirtualTime) {
    super(["message", "messageerror"]);
  }

  postMessage(message: unknown): void {
    // jsdom has none
    const data: unknown =
      typeof structuredClone === "function" ? structuredClone(message) : message;
    this._time.pageAfter(0, () => this.other?.fire("message", { data }));
  }

  start(): void {}

  /** Closes both ports. */
  close(): void {
    if (this.other) this.other.other = undefined;
    this.other = undefined;
  }
}
