import { snapshot } from "./snapshot.js";

export type Ack = (...args: unknown[]) => void;

/** What an answer counts for beside its content, in bytes. */
const OVERHEAD = 256;
/** One stream may use so much of what all may use together. */
const SHARE = 64;

/** A stream, as far as its answers go. */
export interface AnswerOwner {
  readonly id: string;
  answers: Map<number, Answer> | undefined;
  answerBytes: number;
}

/** The answer to the ack of one packet: asked for, then given. */
export interface Answer {
  readonly stream: AnswerOwner;
  readonly sequence: number;
  args: unknown[] | undefined;
  /** Of the latest repetition that came before the answer. */
  late: Ack | undefined;
  bytes: number;
}

/** The answers of all streams, bounded for each stream and in all; the oldest are forgotten. */
export class Answers {
  /** Oldest first. */
  private readonly _all = new Set<Answer>();
  private _bytes = 0;
  private readonly _maxCount: number;
  private readonly _maxBytes: number;

  /** @param maxCount - for each stream @param maxBytes - in all */
  constructor(maxCount: number, maxBytes: number) {
    this._maxCount = maxCount;
    this._maxBytes = maxBytes;
  }

  /** A packet that wants an answer is about to be handled. */
  expect(stream: AnswerOwner, sequence: number): Answer {
    const answer = { stream, sequence, args: undefined, late: undefined, bytes: 0 };
    const answers = (stream.answers ??= new Map<number, Answer>());
    const old = answers.get(sequence);
    if (old) this.forget(old);
    answers.set(sequence, answer);
    this._all.add(answer);
    this._weigh(answer, OVERHEAD);
    return answer;
  }

  /** Keeps a copy: the app may go on changing what it answered with. */
  give(answer: Answer, args: unknown[]): void {
    answer.late = undefined;
    if (!this._all.has(answer)) return;
    const copy = snapshot(args);
    if (!copy) return this.forget(answer);
    answer.args = copy.args;
    this._weigh(answer, OVERHEAD + copy.bytes);
  }

  forget(answer: Answer): void {
    if (!this._all.delete(answer)) return;
    answer.stream.answers?.delete(answer.sequence);
    answer.stream.answerBytes -= answer.bytes;
    this._bytes -= answer.bytes;
  }

  private _weigh(answer: Answer, bytes: number): void {
    const { stream } = answer;
    stream.answerBytes += bytes - answer.bytes;
    this._bytes += bytes - answer.bytes;
    answer.bytes = bytes;
    for (const oldest of stream.answers?.values() ?? []) {
      const fits = stream.answerBytes <= this._maxBytes / SHARE;
      if (fits && (stream.answers as Map<number, Answer>).size <= this._maxCount) break;
      this.forget(oldest);
    }
    for (const oldest of this._all) {
      if (this._bytes <= this._maxBytes) break;
      this.forget(oldest);
    }
  }
}
