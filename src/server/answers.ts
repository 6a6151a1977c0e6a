import { Fifo } from "./fifo.js";
import { snapshot } from "./snapshot.js";

export type Ack = (...args: unknown[]) => void;

/** What an answer counts for beside its content, in bytes. */
const OVERHEAD = 256;
/** The part of the common limit that one stream may use. */
const SHARE = 64;

/** A stream, as far as its answers go. */
export interface AnswerOwner {
  readonly id: string;
  /** Made when the first is asked for. */
  answers: Fifo<number, Answer> | undefined;
  answerBytes: number;
}

/** The answer to the ack of one packet: asked for, then given. */
export interface Answer {
  readonly owner: AnswerOwner;
  readonly sequence: number;
  args: unknown[] | undefined;
  /** Of the latest repetition that came before the answer. */
  late: Ack | undefined;
  bytes: number;
}

/** The answers of all streams, bounded for each stream and in all; the oldest are forgotten. */
export class Answers {
  private readonly _all = new Fifo<Answer, Answer>();
  private _bytes = 0;
  private readonly _maxBytes: number;

  constructor(maxBytes: number) {
    this._maxBytes = maxBytes;
  }

  /** A packet that wants an answer is about to be handled. */
  expect(owner: AnswerOwner, sequence: number): Answer {
    const answers = (owner.answers ??= new Fifo<number, Answer>());
    this.forget(answers.get(sequence));
    const answer = { owner, sequence, args: undefined, late: undefined, bytes: 0 };
    answers.set(sequence, answer);
    this._all.set(answer, answer);
    this._weigh(answer, OVERHEAD);
    return answer;
  }

  /** Keeps a copy, because the app may change the objects of its answer later. */
  give(answer: Answer, args: unknown[]): void {
    answer.late = undefined;
    const copy = snapshot(args);
    if (!copy) return this.forget(answer);
    answer.args = copy.args;
    this._weigh(answer, OVERHEAD + copy.bytes);
  }

  forget(answer: Answer | undefined): void {
    if (!answer || !this._all.delete(answer)) return;
    this._add(answer, -answer.bytes);
    answer.owner.answers?.delete(answer.sequence);
  }

  private _weigh(answer: Answer, bytes: number): void {
    if (!this._all.has(answer)) return;
    this._add(answer, bytes - answer.bytes);
    const { owner } = answer;
    while (owner.answerBytes > this._maxBytes / SHARE) this.forget(owner.answers?.oldest);
    while (this._bytes > this._maxBytes) this.forget(this._all.oldest);
  }

  private _add(answer: Answer, bytes: number): void {
    answer.bytes += bytes;
    answer.owner.answerBytes += bytes;
    this._bytes += bytes;
  }
}
