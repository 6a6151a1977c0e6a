import { atEndOfTick } from "../platform/browser.js";
import { RESERVED } from "./packets.js";
import type { VirtualTime } from "./virtual-time.js";

/** The part of a socket that a broadcast needs. */
export interface Member {
  readonly id: string;
  join(rooms: string | string[]): void;
  leave(room: string): void;
  disconnect(close?: boolean): unknown;
  /** Sends an event with an ack. */
  ask(args: unknown[], answered: (answer: unknown) => void): unknown;
}

/** The sockets that can be reached: a namespace. */
export interface Audience<S> {
  readonly world: VirtualTime;
  select(rooms: ReadonlySet<string>, except: ReadonlySet<string>): S[];
  broadcast(
    args: unknown[],
    rooms: ReadonlySet<string>,
    except: ReadonlySet<string>,
    flags: { volatile?: boolean },
  ): void;
}

/** Flags of an emit. */
export interface BroadcastFlags {
  timeout?: number;
  volatile?: boolean;
}

/** Milliseconds. */
const SHORTEST = 1;

type Ack = (error: Error | null, answers: unknown[]) => void;

/** The target of an emit: `io.to("room").except("other").emit(..)`. Each method returns a new one. */
export class BroadcastOperator<S extends Member = Member> {
  constructor(
    private readonly _namespace: Audience<S>,
    private readonly _rooms: ReadonlySet<string> = new Set(),
    private readonly _except: ReadonlySet<string> = new Set(),
    private readonly _flags: BroadcastFlags = {},
  ) {}

  to(room: string | string[]): BroadcastOperator<S> {
    return new BroadcastOperator(
      this._namespace,
      new Set([...this._rooms, ...[room].flat()]),
      this._except,
      this._flags,
    );
  }

  in(room: string | string[]): BroadcastOperator<S> {
    return this.to(room);
  }

  except(room: string | string[]): BroadcastOperator<S> {
    return new BroadcastOperator(
      this._namespace,
      this._rooms,
      new Set([...this._except, ...[room].flat()]),
      this._flags,
    );
  }

  timeout(ms: number): BroadcastOperator<S> {
    return this._with({ timeout: ms });
  }

  get volatile(): BroadcastOperator<S> {
    return this._with({ volatile: true });
  }

  /** No effect: there is one process only. */
  get local(): BroadcastOperator<S> {
    return this;
  }

  /** No effect: frames are not compressed. */
  compress(_on?: boolean): BroadcastOperator<S> {
    return this;
  }

  /**
   * @returns true, as socket.io does
   * @throws Error for names that no app emits
   */
  emit(event: string, ...args: unknown[]): true {
    if (RESERVED.includes(event)) throw new Error(`"${event}" is a reserved event name`);
    const ack = typeof args[args.length - 1] === "function" ? (args.pop() as Ack) : undefined;
    if (ack) this._collect([event, ...args], ack);
    else this._namespace.broadcast([event, ...args], this._rooms, this._except, this._flags);
    return true;
  }

  emitWithAck(event: string, ...args: unknown[]): Promise<unknown[]> {
    return new Promise((resolve, reject) => {
      this.emit(event, ...args, (error: Error | null, answers: unknown[]) =>
        error ? reject(Object.assign(error, { responses: answers })) : resolve(answers),
      );
    });
  }

  allSockets(): Promise<Set<string>> {
    return Promise.resolve(new Set(this._sockets().map(({ id }) => id)));
  }

  fetchSockets(): Promise<S[]> {
    return Promise.resolve(this._sockets());
  }

  socketsJoin(rooms: string | string[]): void {
    for (const socket of this._sockets()) socket.join(rooms);
  }

  socketsLeave(rooms: string | string[]): void {
    for (const socket of this._sockets()) for (const room of [rooms].flat()) socket.leave(room);
  }

  disconnectSockets(close = false): void {
    for (const socket of this._sockets()) socket.disconnect(close);
  }

  private _with(flags: object): BroadcastOperator<S> {
    return new BroadcastOperator(this._namespace, this._rooms, this._except, {
      ...this._flags,
      ...flags,
    });
  }

  private _sockets(): S[] {
    return this._namespace.select(this._rooms, this._except);
  }

  /**
   * Collects the answers of all clients; at the timeout, those that have arrived. Without a timeout it is the shortest
   * timer, as in socket.io.
   */
  private _collect(args: unknown[], done: Ack): void {
    const { timeout = SHORTEST } = this._flags;
    const { world } = this._namespace;
    const sockets = this._sockets();
    const answers: unknown[] = [];
    let isOver = false;
    const end = (error: Error | null): void => {
      if (isOver) return;
      isOver = true;
      stop();
      done(error, answers);
    };
    const stop = world.after(timeout, () => end(new Error("operation has timed out")));
    for (const socket of sockets)
      socket.ask(args, (answer: unknown) => {
        if (isOver) return;
        answers.push(answer);
        if (answers.length === sockets.length) end(null);
      });
    if (!sockets.length) atEndOfTick(() => end(null));
  }
}
