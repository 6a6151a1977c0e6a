import { host } from "../platform/browser.js";
import type { Cancel, TabPort } from "../platform/platform.js";

/** One tab at a time has its turn. Where there are no Web Locks, each tab has it always. */
export class Turns {
  private readonly _name: string;
  /** Until the lock of the last turn is free again. */
  private _last: Promise<unknown> = Promise.resolve();

  constructor(name: string) {
    this._name = name;
  }

  /**
   * @param granted - it is this tab's turn. Called once, at once or later, or never. It must not throw
   * @param taken - it is another tab's turn. Called before `granted`, once or not at all
   * @returns what gives the turn back, or takes the wish back
   */
  take(granted: () => void, taken: () => void): Cancel {
    const locks = host.navigator?.locks;
    if (!locks) {
      granted();
      return () => {};
    }
    const { _name: name } = this;
    const wish = new AbortController();
    const { signal } = wish;
    let release: Cancel | undefined;
    const hold = (lock: Lock | null): unknown => {
      if (signal.aborted) return undefined;
      if (lock) {
        granted();
        return new Promise<void>((resolve) => (release = resolve));
      }
      taken();
      return locks.request(name, { signal }, hold);
    };
    this._last = this._last
      .then(() => !signal.aborted && locks.request(name, { ifAvailable: true }, hold))
      // a frame that may not use locks
      .catch(() => signal.aborted || granted());
    return () => {
      wish.abort();
      release?.();
    };
  }
}

/** What tabs tell each other. Does nothing where there is no BroadcastChannel. */
export class Voice {
  private readonly _name: string;
  private _channel: TabPort | undefined;

  constructor(name: string) {
    this._name = name;
  }

  /** Hears the others from now on. Returns what ends that: a page that is put away must not be woken by them. */
  listen(heard: (message: unknown) => void): Cancel {
    const channel = (this._channel = this._open());
    if (channel) channel.onmessage = ({ data }) => heard(data);
    return () => {
      this._channel = undefined;
      channel?.close();
    };
  }

  say(message: unknown): void {
    const channel = this._channel ?? this._open();
    try {
      channel?.postMessage(message);
    } catch {
      // what an app's parser makes of arguments may be more than tabs can tell each other
    }
    if (channel !== this._channel) channel?.close();
  }

  private _open(): TabPort | undefined {
    if (!host.BroadcastChannel) return undefined;
    const channel = new host.BroadcastChannel(this._name);
    // in Node it would keep the process alive
    (channel as { unref?(): void }).unref?.();
    return channel;
  }
}
