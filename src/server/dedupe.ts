import { MemoryStore, type MemoryStoreOptions } from "./memory-store.js";
import type { DedupeStore } from "./store.js";

/** The last argument of a packet that is to arrive once. The client's side of it is in socket/stream.ts. */
const TAG = "$tautline";

type Ack = (...args: unknown[]) => void;

/** The part of a socket.io server's socket that is used. */
export interface ServerSocketLike {
  use(middleware: (event: unknown[], next: (error?: Error) => void) => void): unknown;
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
 * @param server - a socket.io server (its main namespace), or a namespace
 * @example dedupe(io); dedupe(io.of("/orders"), { store });
 */
export function dedupe(server: ServerLike, options: DedupeOptions = {}): void {
  const store = options.store ?? new MemoryStore(options);
  const late = new LateAcks();
  // not io.use(): a recovered session skips the middlewares of the namespace
  server.on("connection", (socket: ServerSocketLike) => {
    let turn: Promise<unknown> | undefined;
    socket.use((event, next) => {
      const last = event.length - 1;
      const ack = typeof event[last] === "function" ? (event[last] as Ack) : undefined;
      if (event[0] === TAG) return ack?.(true);
      const at = ack ? last - 1 : last;
      const tag = readTag(event[at]);
      if (!tag) return next();
      event.splice(at, 1);
      const [stream, sequence] = tag;
      const decide = (isNew: boolean): unknown => {
        if (isNew) {
          if (ack) event[at] = late.remember(store, stream, sequence, ack);
          return next();
        }
        return ack && answerAgain(store, late, stream, sequence, ack);
      };
      const advance = (): unknown => {
        const isNew = store.advance(stream, sequence);
        return typeof isNew === "boolean" ? decide(isNew) : isNew.then(decide);
      };
      // a store that takes time must not let packets overtake each other
      if (turn) turn = turn.then(advance).catch(fail(next));
      else {
        const result = advance();
        if (result instanceof Promise) turn = result.catch(fail(next));
      }
    });
  });
}

/** Acks whose handler has not answered yet, by packet: a repetition waits for the same answer. */
class LateAcks {
  readonly #waiting = new Map<string, Ack[]>();

  remember(store: DedupeStore, stream: string, sequence: number, ack: Ack): Ack {
    const key = `${stream} ${sequence}`;
    const acks = [ack];
    this.#waiting.set(key, acks);
    return (...args) => {
      this.#waiting.delete(key);
      void store.saveReply?.(stream, sequence, args);
      for (const waiting of acks) waiting(...args);
    };
  }

  /** False when nobody is about to answer. */
  join(stream: string, sequence: number, ack: Ack): boolean {
    const acks = this.#waiting.get(`${stream} ${sequence}`);
    acks?.push(ack);
    return acks !== undefined;
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
  const reply = await store.reply?.(stream, sequence);
  if (reply) ack(...reply);
}

function fail(next: (error?: Error) => void) {
  return (cause: unknown): void =>
    next(cause instanceof Error ? cause : new Error("the dedupe store failed", { cause }));
}

function readTag(value: unknown): [stream: string, sequence: number] | undefined {
  const tag = (value as { [TAG]?: unknown } | null | undefined)?.[TAG];
  if (!Array.isArray(tag)) return undefined;
  const [stream, sequence] = tag as unknown[];
  return typeof stream === "string" && stream.length < 100 && Number.isSafeInteger(sequence)
    ? [stream, sequence as number]
    : undefined;
}
