import { host } from "../platform/browser.js";
import type { Cancel, TabPort, Timers } from "../platform/platform.js";

/** A tab's request for its turn, and the turn itself. */
export interface Turn {
  /** Ends the turn, or cancels the request. */
  end(): void;
  /** Takes the turn from a tab that does not answer. */
  steal(): void;
}

/** One tab at a time has its turn. Where there are no Web Locks, each tab always has it. */
export class Turns {
  private readonly _name: string;
  /** Until the lock of the last turn is free again. */
  private _last: Promise<unknown> = Promise.resolve();

  constructor(name: string) {
    this._name = name;
  }

  /**
   * Requests this tab's turn, until the returned object is ended.
   *
   * @param granted - it is this tab's turn: at once or later, or never. It must not throw
   * @param taken - it is another tab's turn. Called before `granted`, once or not at all
   * @param robbed - another tab has taken the turn. `granted` may be called again
   */
  take(granted: () => void, taken: () => void, robbed: () => void): Turn {
    const locks = host.navigator?.locks;
    if (!locks) {
      granted();
      return { end: () => {}, steal: () => {} };
    }
    const { _name: name } = this;
    let waiting = new AbortController();
    let isOver = false;
    let isHeld = false;
    let release: Cancel | undefined;
    const hold = (lock: Lock | null): unknown => {
      if (isOver) return undefined;
      if (!lock) {
        taken();
        return wait();
      }
      isHeld = true;
      granted();
      return new Promise<void>((resolve) => (release = resolve));
    };
    const request = async (options: LockOptions): Promise<void> => {
      try {
        await locks.request(name, options, hold);
      } catch {
        if (isOver || options.signal?.aborted) return;
        if (isHeld) {
          isHeld = false;
          robbed();
          await wait();
        } else if (options.steal) await wait();
        // a frame that may not use locks
        else granted();
      }
    };
    const wait = (): Promise<void> => request({ signal: waiting.signal });
    this._last = this._last.then(() => (isOver ? undefined : request({ ifAvailable: true })));
    return {
      end: () => {
        isOver = true;
        waiting.abort();
        release?.();
      },
      steal: () => {
        if (isOver || isHeld) return;
        waiting.abort();
        waiting = new AbortController();
        const stealing = request({ steal: true });
        this._last = this._last.then(() => stealing);
      },
    };
  }
}

/** Milliseconds that a channel without a listener is kept for the next message. */
const KEPT = 1000;

/** Messages between tabs. Does nothing where there is no BroadcastChannel. */
export class Voice {
  private _channel: TabPort | undefined;

  constructor(
    private readonly _name: string,
    private readonly _timers: Timers,
  ) {}

  /** Whether messages of other tabs can arrive at all. */
  get isHeard(): boolean {
    return !!host.BroadcastChannel;
  }

  /**
   * Listens to the other tabs from now on. Returns a function that ends that, because messages must not wake a page in
   * the page cache.
   */
  listen(heard: (message: unknown) => void): Cancel {
    const channel = this._open();
    if (channel) channel.onmessage = ({ data }) => heard(data);
    return () => this._close(channel);
  }

  say(message: unknown): void {
    const kept = this._channel;
    const channel = kept ?? this._open();
    if (channel && !kept) this._timers.after(KEPT, () => this._close(channel));
    try {
      channel?.postMessage(message);
    } catch {
      // an app's parser may produce arguments that cannot be cloned
    }
  }

  private _open(): TabPort | undefined {
    this._close(this._channel);
    if (!host.BroadcastChannel) return undefined;
    const channel = new host.BroadcastChannel(this._name);
    // in Node it would keep the process alive
    (channel as { unref?(): void }).unref?.();
    return (this._channel = channel);
  }

  private _close(channel: TabPort | undefined): void {
    channel?.close();
    if (this._channel === channel) this._channel = undefined;
  }
}
