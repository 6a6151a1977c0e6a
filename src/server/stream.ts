import type { Answer, AnswerOwner } from "./answers.js";
import { Window } from "./window.js";

/** As many packets as a client sends without hearing of them, by default. */
const MAX_WAITING = 100_000;

/** A packet that waits to be handed on, or dropped. */
interface Turn {
  /** Whether it is to be handed on: undefined until the store has said so. */
  isNew: boolean | undefined;
  readonly act: (isNew: boolean) => void;
  next: Turn | undefined;
}

/** The packets of one client socket, over all its connections to this process. */
export class Stream implements AnswerOwner {
  readonly id: string;
  readonly window = new Window();
  /** Connections that use it now. */
  users = 0;
  answers: Map<number, Answer> | undefined = undefined;
  answerBytes = 0;
  private _first: Turn | undefined = undefined;
  private _last: Turn | undefined = undefined;
  private _waiting = 0;

  constructor(id: string) {
    this.id = id;
  }

  /**
   * Calls `act` with the decision, after everything that was received before. At once where nothing waits; an error of
   * `act` is thrown then, as without `dedupe()`.
   *
   * @param decision - a promise of it must not reject
   */
  take(decision: boolean | Promise<boolean>, act: (isNew: boolean) => void): void {
    const isDecided = typeof decision === "boolean";
    if (isDecided && !this._first) return act(decision);
    const turn: Turn = { isNew: isDecided ? decision : undefined, act, next: undefined };
    if (this._last) this._last.next = turn;
    else this._first = turn;
    this._last = turn;
    if (!isDecided) void decision.then((isNew) => this._decide(turn, isNew));
    // the store is far behind: this process decides by itself, so that what waits is bounded and nothing is lost
    if (++this._waiting > MAX_WAITING) this._decide(this._first as Turn, true);
  }

  private _decide(decided: Turn, isNew: boolean): void {
    decided.isNew ??= isNew;
    let turn: Turn | undefined;
    while ((turn = this._first) && turn.isNew !== undefined) {
      this._first = turn.next;
      if (!turn.next) this._last = undefined;
      this._waiting--;
      try {
        turn.act(turn.isNew);
      } catch (error) {
        // the app's own: it goes where it would have gone without dedupe(), and holds up nobody
        process.nextTick(() => {
          throw error;
        });
      }
    }
  }
}
