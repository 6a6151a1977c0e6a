import type { Ack, Answer, AnswerOwner } from "./answers.js";
import { guardOf, handOn, type HandOnSocket, markGated } from "./hand-on.js";
import type { GuardedStore } from "./guarded-store.js";
import { Stream } from "./stream.js";
import { type ConnectionLike, MAX_PER_CONNECTION, type Streams } from "./streams.js";

/** The name of the client's question, and the key of a packet's tag. The client's side is in delivery/exactly-once.ts. */
const TAG = "$tautline";
const MAX_ID = 64;

/** An EVENT or BINARY_EVENT, decoded. */
export interface PacketLike {
  data?: unknown;
  id?: unknown;
}

/** The part of a socket.io server's socket that is used: `onevent` is called with each event, before all else. */
export interface ServerSocketLike extends HandOnSocket {
  readonly conn: ConnectionLike;
  onevent(packet: PacketLike): void;
  ack(id: number): Ack;
}

/** False when this socket lacks what is used here without being documented: socket.io 3, or some later version. */
export function isFitting(socket: ServerSocketLike): boolean {
  return [socket.onevent, socket.ack, socket.run].every((one) => typeof one === "function");
}

/** What all gates of a `dedupe()` share. */
export interface GateParts {
  readonly streams: Streams;
  readonly store: GuardedStore;
  readonly report: (error: unknown) => void;
}

/**
 * Filters the events of one socket. They reach `onAny` listeners, middlewares and handlers without tags, those of its
 * stream once. What the client sends is validated here, and nowhere else.
 */
export class Gate {
  private readonly _socket: ServerSocketLike;
  private readonly _parts: GateParts;
  private readonly _pass: (packet: PacketLike) => void;
  /** By id, the one that was used last comes last. Empty before the client's first question. */
  private readonly _streams = new Map<string, Stream>();
  private _stream: Stream | undefined = undefined;
  /** Keeps the order among several of them. */
  private readonly _turns = new Stream("");

  constructor(socket: ServerSocketLike, parts: GateParts) {
    this._socket = socket;
    this._parts = parts;
    const pass = socket.onevent.bind(socket);
    this._pass = (packet) => {
      const { data, id } = packet;
      const guard = guardOf(socket);
      if (!guard) return pass(packet);
      const ack = typeof id === "number" ? [socket.ack(id)] : [];
      guard([...(data as unknown[]), ...ack], false);
    };
    markGated(socket);
    socket.onevent = (packet) => this._receive(packet);
  }

  private _receive(packet: PacketLike): void {
    const { data, id } = packet;
    const stream = this._stream;
    // no event: socket.io's own parser lets none through, but behind others it would throw
    if (!Array.isArray(data) || typeof (data[0] ?? packet) === "object") return;
    const args = data as unknown[];
    if (args[0] === TAG) return this._answer(args[1], id);
    if (!stream) return this._pass(packet);
    const last = args[args.length - 1] as { [TAG]?: unknown } | null | undefined;
    const tag = last?.[TAG];
    if (tag === undefined) return this._inTurn(stream, true, () => this._pass(packet));
    const [owner, sequence] = Array.isArray(tag) ? (tag as unknown[]) : [];
    // not a packet of this client library
    if (!isId(owner) || !Number.isSafeInteger(sequence) || (sequence as number) < 1) return;
    args.pop();
    const ack = typeof id === "number" ? this._socket.ack(id) : undefined;
    this._claim(this._enter(owner), sequence as number, args, ack);
  }

  /** The stream of this id. One that was idle for so long that it was forgotten begins anew. */
  private _enter(id: string): Stream {
    const { _streams: streams, _stream: latest } = this;
    if (latest?.id === id) return latest;
    // packets that wait in other streams come before the following ones
    if (!streams.has(id))
      for (const one of streams.values()) this._inTurn(one, true, () => {}, true);
    const stream = this._parts.streams.enter(this._socket.conn, id);
    streams.delete(id);
    streams.set(id, stream);
    const [oldest] = streams.keys();
    if (streams.size > MAX_PER_CONNECTION) streams.delete(oldest as string);
    return (this._stream = stream);
  }

  /** Says that packets are dropped which were received before. At once: the client waits for it. */
  private _answer(id: unknown, ackId: unknown): void {
    const { _socket: socket } = this;
    if (!isId(id) || typeof ackId !== "number" || !socket.connected) return;
    this._enter(id);
    socket.ack(ackId)(true);
  }

  /** Calls `act` after what was received before, of its stream and on this socket. */
  private _inTurn(
    stream: Stream,
    decision: boolean | Promise<boolean>,
    act: (isNew: boolean) => void,
    isShared = this._streams.size > 1,
  ): void {
    if (!isShared) return stream.take(decision, act);
    let now: boolean | undefined;
    let settle: ((isNew: boolean) => void) | undefined;
    stream.take(decision, (isNew) => (settle ? settle(isNew) : (now = isNew)));
    this._turns.take(now ?? new Promise((resolve) => (settle = resolve)), act);
  }

  private _claim(stream: Stream, sequence: number, args: unknown[], ack: Ack | undefined): void {
    const { streams, store } = this._parts;
    if (!stream.window.claim(sequence)) return this._repeat(stream, sequence, ack);
    const answer = ack && streams.answers.expect(stream, sequence);
    this._inTurn(stream, store.claim(stream.id, sequence), (isNew) => {
      if (isNew) return this._handOn(answer ? [...args, this._first(ack, answer)] : args);
      // another node has it: its answer is the first one
      streams.answers.forget(answer);
      this._repeat(stream, sequence, ack);
      this._repeat(stream, sequence, answer?.late);
    });
  }

  /** The ack that the handler is given. */
  private _first(ack: Ack, answer: Answer): Ack {
    let isAnswered = false;
    return (...args) => {
      if (isAnswered) return;
      // throws for what can't be encoded, as without dedupe(); then it was no answer
      ack(...args);
      isAnswered = true;
      const { late, owner, sequence } = answer;
      this._parts.streams.answers.give(answer, args);
      this._parts.store.saveReply(owner.id, sequence, args);
      if (late) this._say(late, args);
    };
  }

  /** Answers a packet that was received before with what was answered then, now or when it is known. */
  private _repeat(owner: AnswerOwner, sequence: number, ack: Ack | undefined): void {
    if (!ack) return;
    const answer = owner.answers?.get(sequence);
    if (answer?.args) this._say(ack, answer.args);
    else if (answer) answer.late = ack;
    else
      void this._parts.store
        .reply(owner.id, sequence)
        .then((args) => Array.isArray(args) && this._say(ack, args));
  }

  private _say(ack: Ack, args: unknown[]): void {
    try {
      ack(...args);
    } catch (error) {
      this._parts.report(error);
    }
  }

  private _handOn(event: unknown[]): void {
    const guard = guardOf(this._socket);
    if (guard) guard(event, true);
    else handOn(this._socket, event, true);
  }
}

function isId(id: unknown): id is string {
  return typeof id === "string" && !!id && id.length <= MAX_ID;
}
