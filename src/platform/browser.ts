import { reportError } from "../errors.js";
import { MAX_DELAY } from "../spread.js";
import { isLoopback, type PageLocation } from "../url.js";
import type { Cancel, TabLocks, TabPort, Timers, WebSocketClass } from "./platform.js";

/** Every global that is used, as it may or may not be there. Read when used, never kept. */
interface Host {
  location?: PageLocation;
  navigator?: {
    onLine?: boolean;
    product?: string;
    connection?: { type?: string };
    /** Only on secure origins. */
    locks?: LockManager & TabLocks;
  };
  BroadcastChannel?: new (name: string) => TabPort;
  /** Looking at it may throw (sandboxed frames). */
  indexedDB?: IDBFactory;
  IDBKeyRange?: typeof IDBKeyRange;
  document?: { visibilityState?: string };
  window?: unknown;
  /** In a browser's workers. Hosts of servers that call themselves workers have neither. */
  DedicatedWorkerGlobalScope?: unknown;
  SharedWorkerGlobalScope?: unknown;
  requestAnimationFrame?(task: () => void): number;
  cancelAnimationFrame?(id: number): void;
  WebSocket?: WebSocketClass;
  /** React Native has these two in its newer versions. */
  EventTarget?: typeof EventTarget;
  Event?: typeof Event;
  DOMException?: typeof DOMException;
  WebTransport?: unknown;
  XMLHttpRequest?: typeof XMLHttpRequest;
  fetch?: typeof fetch;
  /** Looking at it may throw (sandboxed frames, blocked cookies). */
  localStorage?: Storage;
  MessageChannel?: typeof MessageChannel;
  performance?: { now(): number };
  Buffer?: { from(data: ArrayBuffer): Uint8Array };
  /** Set by the network of `tautline/test` while it is open: it ends what was made on it, whichever build that is of. */
  tautlineNetwork?: (made: { disconnect(): unknown }) => void;
  crypto?: { getRandomValues(array: Uint32Array<ArrayBuffer>): Uint32Array };
}

export const host = globalThis as Host;

type Clockwork = Pick<typeof globalThis, "setTimeout" | "clearTimeout"> & Pick<Host, "performance">;

/**
 * The only thing captured at import: `useNativeTimers` means the timers and the clock as they were before other code
 * replaced them.
 */
const native = /* @__PURE__ */ present();

function present(): Clockwork {
  const { performance } = host;
  return {
    setTimeout,
    clearTimeout,
    performance: performance && { now: performance.now.bind(performance) },
  };
}

/**
 * @param useNative - the timers and the clock that were there when the module was loaded, past fake ones
 * @param unref - Node: these timers don't keep the process alive
 */
export function hostTimers(useNative = false, unref = false): Timers {
  return timersOf(() => (useNative ? native : globalThis), unref);
}

/** No host's clock is behind its timers by so many milliseconds. */
const COARSE = 1000;

/** @param owner - who has the functions; asked at each use */
export function timersOf(owner: () => Clockwork, unref?: boolean): Timers {
  // when a timer fires, its time has passed: where only the timers are fake, the host's clock doesn't know
  let passed = -Infinity;
  let ahead = 0;
  const own = (): number => monotonicNow(owner());
  const now = (): number => Math.max(own() + ahead, passed);
  return {
    now,
    after(ms, task) {
      const { setTimeout: set, clearTimeout: clear } = owner();
      // hosts take a longer delay for 0 and cut fractions off: the timer would fire too early
      const wait = Math.min(Math.ceil(ms), MAX_DELAY);
      const from = own();
      const due = now() + wait;
      const fire = (): void => {
        const missing = due - now();
        const seen = own() - from;
        if (missing > 0) {
          // a coarse clock reaches the time by itself, and so does a replaced clock
          if (seen >= 0 && seen < wait - COARSE) ahead += missing;
          passed = due;
        }
        task();
      };
      const id: unknown = set.call(globalThis, fire, wait);
      if (unref) (id as { unref?(): void }).unref?.();
      return () => clear.call(globalThis, id as number);
    },
  };
}

/**
 * Milliseconds on a monotonic clock: for deadlines and durations, never to be compared with `Date.now()`. Where a host
 * has none, it is derived from the wall clock, and goes on when that is set back. Code with timers uses
 * `Timers.now`.
 */
export function monotonicNow({ performance }: Pick<Host, "performance"> = host): number {
  const own = performance?.now();
  if (own !== undefined) return own;
  const wall = Date.now() + offset;
  if (wall < latest) offset += latest - wall;
  return (latest = Math.max(wall, latest));
}
let offset = 0;
let latest = 0;

/** Runs `task` as a microtask. Not by queueMicrotask(): fake timers take that too, and run it when a test moves its clock. */
export function atEndOfTick(task: () => void): void {
  void Promise.resolve().then(task).catch(reportError);
}

/** The time at the beginning of the tick: reading the clock at each emit costs too much. */
export function tickNow(timers: Timers): number {
  if (asked !== timers) {
    asked = timers;
    tick = timers.now();
    // nothing can fail in it: one promise is enough, where atEndOfTick() makes three
    void Promise.resolve().then(forgetTick);
  }
  return tick;
}
let tick = 0;
let asked: Timers | undefined;
function forgetTick(): void {
  asked = undefined;
}

/** Node's Buffer over the same bytes, where there is one: parsers made for Node read nothing else. */
export function nodeBuffer(data: unknown): unknown {
  return data instanceof ArrayBuffer && host.Buffer ? host.Buffer.from(data) : data;
}

/** A random id; hard to guess where the host has crypto. */
export function randomId(): string {
  const numbers = host.crypto?.getRandomValues(new Uint32Array(4)) ?? [];
  let text = "";
  for (let i = 0; i < 4; i++)
    text += (numbers[i] ?? Math.random() * 2 ** 32).toString(36).slice(0, 7);
  return text;
}

/** Runs `task` after the host had a chance to do its own work; not throttled in hidden tabs where possible. */
export function afterYield(timers: Timers, task: () => void): Cancel {
  if (!host.MessageChannel || !host.document) return timers.after(0, task);
  const { port1, port2 } = new host.MessageChannel();
  const close = (): void => port1.close();
  port1.onmessage = () => {
    close();
    task();
  };
  port2.postMessage(0);
  return close;
}

export function pageLocation(): PageLocation | undefined {
  return host.location;
}

/**
 * Whether that host can be reached, as far as the device knows. False only where it surely cannot; a device that doesn't
 * tell (React Native) counts as online. Without a name: any host but this machine.
 */
export function isOnline(hostname?: string): boolean {
  return host.navigator?.onLine !== false || (hostname !== undefined && isLoopback(hostname));
}

/** Browsers have no way to set headers on a WebSocket; React Native and `ws` take a third argument. */
export function canSetSocketHeaders(): boolean {
  return !host.document || host.navigator?.product === "ReactNative";
}

/** Listens to an event of `target`; does nothing where that takes no listeners (React Native's global). */
export function listenTo(target: unknown, type: string, listener: (event: Event) => void): Cancel {
  const source = target as Partial<EventTarget> | undefined;
  source?.addEventListener?.(type, listener);
  return () => source?.removeEventListener?.(type, listener);
}

/** Whether it is for others that is rendered here. React Native has a `window`, and a browser's workers are on the user's side. */
export function isServer(): boolean {
  return (
    host.window === undefined && !host.DedicatedWorkerGlobalScope && !host.SharedWorkerGlobalScope
  );
}

/** Runs `task` before the next frame is painted. A hidden page paints none, and where there are no frames, time counts. */
export function beforeFrame(task: () => void): void {
  const run = (): void => {
    stopTimer();
    if (id) host.cancelAnimationFrame?.(id);
    task();
  };
  const id = host.requestAnimationFrame?.(run);
  const stopTimer = hostTimers().after(id ? HIDDEN : FRAME, run);
}
/** Milliseconds. */
const FRAME = 16;
const HIDDEN = 500;
