import { MemoryStore, type MemoryStoreOptions } from "./memory-store.js";
import type { DedupeStore } from "./store.js";

/** The last argument of a packet that is to arrive once. The client's side of it is in socket/stream.ts. */
const TAG = "$tautline";

/** How many acks may wait for their handlers' answers; the oldest are forgotten. */
const MAX_LATE = 10_000;

type Ack = (...args: unknown[]) => void;
type Middleware = (event: unknown[], next: (error?: Error) => void) => void;

/** The part of a socket.io server's socket that is used. */
export interface ServerSocketLike {
  readonly connected: boolean;
  rawListeners(event: string): ((...args: never[]) => unknown)[];
  use(middleware: Middleware): unknown;
}

/** A socket.io `Server` or namespace. */
export interface ServerLike {
  on(event: "connection", listener: (socket: never) => void): unknown;
}

export interface DedupeOptions extends MemoryStoreOptions {
  /** @default the memory of this process */
  store?: DedupeStore;
}

/**
 * Drops packets that clients with `delivery: "exactly-once"` send again and that were seen before; their acks get the
 * answer of the first time. Packets of other clients pass untouched.
 *
 * A packet counts as seen when it is handed on, so it is handed to its handlers even when its client is gone by then,
 * which socket.io by itself would not do. `socket.use()` middlewares that a "connection" listener adds at once run before.
 *
 * @param server - a socket.io server (its main namespace), or a namespace
 * @example dedupe(io); dedupe(io.of("/orders"), { store });
 */
export function dedupe(server: ServerLike, options: DedupeOptions = {}): void {
  const store = options.store ?? new MemoryStore(options);
  const late = new LateAcks();
  const turns = new Turns();
  // not io.use(): a recovered session skips the middlewares of the namespace
  server.on("connection", (socket: ServerSocketLike) => {
    /** Of this client. */
    let current = "";
    const filter: Middleware = (event, next) => {
      const last = event.length - 1;
      const ack = typeof event[last] === "function" ? (event[last] as Ack) : undefined;
      const fail = (cause: unknown): void =>
        next(cause instanceof Error ? cause : new Error("the dedupe store failed", { cause }));
      if (event[0] === TAG) {
        current = String(event[1]);
        // whoever comes back waits until it is decided what has been received before
        return turns.take(current, undefined, () => ack?.(true), fail);
      }
      const at = ack ? last - 1 : last;
      const tag = readTag(event[at]);
      if (!tag) return turns.take(current, undefined, () => next(), fail);
      event.splice(at, 1);
      const [stream, sequence] = tag;
      const decide = (isNew: boolean): void => {
        if (!isNew) return ack && void answerAgain(store, late, stream, sequence, ack);
        if (ack) event[at] = late.remember(store, stream, sequence, ack);
        handOn(socket, event, next);
      };
      turns.take(stream, store.advance(stream, sequence), decide, fail);
    };
    // behind the middlewares of the app's own listeners
    process.nextTick(() => socket.use(filter));
  });
}

/** socket.io forgets what it has received and not handled when its client leaves; here it counts as seen. */
function handOn(socket: ServerSocketLike, event: unknown[], next: () => void): void {
  // its turn is the one before socket.io's own, which looks whether the client is there
  process.nextTick(() => {
    const [name, ...args] = event;
    if (!socket.connected)
      for (const listener of socket.rawListeners(name as string))
        Reflect.apply(listener, socket, args);
  });
  next();
}

/** A store that takes time must not let packets of a stream overtake each other, not even after a reconnect. */
class Turns {
  private readonly _last = new Map<string, Promise<void>>();

  /** Calls `act` with what was decided once everything before it in the stream has been acted upon. */
  take<T>(
    stream: string,
    decision: T | Promise<T>,
    act: (decided: T) => void,
    fail: (cause: unknown) => void,
  ): void {
    const before = this._last.get(stream);
    if (!before && !isPromise(decision)) return act(decision);
    const turn = Promise.allSettled([decision, before])
      .then(() => decision)
      .then(act)
      .catch(fail)
      .then(() => {
        if (this._last.get(stream) === turn) this._last.delete(stream);
      });
    this._last.set(stream, turn);
  }
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as Partial<Promise<T>> | undefined)?.then === "function";
}

/** Acks whose handler has not answered yet, by packet: a repetition waits for the same answer. */
class LateAcks {
  private readonly _waiting = new Map<string, Ack[]>();

  remember(store: DedupeStore, stream: string, sequence: number, ack: Ack): Ack {
    const key = `${stream} ${sequence}`;
    const acks = [ack];
    this._waiting.set(key, acks);
    for (const oldest of this._waiting.keys()) {
      if (this._waiting.size <= MAX_LATE) break;
      this._waiting.delete(oldest);
    }
    return (...args) => {
      this._waiting.delete(key);
      void keep(store, stream, sequence, args);
      for (const waiting of acks) waiting(...args);
    };
  }

  /** False when nobody is about to answer. */
  join(stream: string, sequence: number, ack: Ack): boolean {
    const acks = this._waiting.get(`${stream} ${sequence}`);
    acks?.push(ack);
    return acks !== undefined;
  }
}

/** A reply that can't be kept is missed only by a client that asks again. */
async function keep(
  store: DedupeStore,
  stream: string,
  sequence: number,
  args: unknown[],
): Promise<void> {
  try {
    await store.saveReply?.(stream, sequence, args);
  } catch {
    // the first answer has been given
  }
}

async function answerAgain(
  store: DedupeStore,
  late: LateAcks,
  stream: string,
  sequence: number,
  ack: Ack,
): Promise<void> {
  if (late.join(stream, sequence, ack)) return;
  try {
    const reply = await store.reply?.(stream, sequence);
    if (reply) ack(...reply);
  } catch {
    // no answer: the client's own timeout tells it
  }
}

function readTag(value: unknown): [stream: string, sequence: number] | undefined {
  const tag = (value as { [TAG]?: unknown } | null | undefined)?.[TAG];
  if (!Array.isArray(tag)) return undefined;
  const [stream, sequence] = tag as unknown[];
  return typeof stream === "string" && stream.length < 100 && Number.isSafeInteger(sequence)
    ? [stream, sequence as number]
    : undefined;
}
