import type { Answer, AnswerOwner } from "./answers.js";
import { Fifo } from "./fifo.js";
import { Window } from "./window.js";

/** As many packets as a client sends without hearing of them, by default. */
const MAX_WAITING = 100_000;

/** A packet that waits to be handed on, or dropped. */
interface Turn {
  /** Whether it is to be handed on: undefined until the store has said so. */
  isNew: boolean | undefined;
  readonly act: (isNew: boolean) => void;
}

/** The packets of one client socket, or of one of the tabs that share it, over all its connections to this process. */
export class Stream implements AnswerOwner {
  readonly id: string;
  readonly window = new Window();
  /** Connections that use it now. */
  users = 0;
  answers: Fifo<number, Answer> | undefined = undefined;
  answerBytes = 0;
  private _turns: Fifo<Turn, Turn> | undefined = undefined;

  constructor(id: string) {
    this.id = id;
  }

  /** Something waits for a decision. */
  get isBusy(): boolean {
    return !!this._turns?.size;
  }

  /**
   * Calls `act` with the decision, after everything that was received before. At once where nothing waits; an error of
   * `act` is thrown then, as without `dedupe()`.
   *
   * @param decision - a promise of it must not reject
   */
  take(decision: boolean | Promise<boolean>, act: (isNew: boolean) => void): void {
    if (typeof decision === "boolean" && !this.isBusy) return act(decision);
    const turns = (this._turns ??= new Fifo<Turn, Turn>());
    const turn: Turn = { isNew: undefined, act };
    turns.set(turn, turn);
    const decide = (decided: Turn, isNew: boolean): void => {
      decided.isNew ??= isNew;
      let next: Turn | undefined;
      while ((next = turns.oldest) && next.isNew !== undefined) {
        turns.delete(next);
        run(next.act, next.isNew);
      }
    };
    if (typeof decision === "boolean") turn.isNew = decision;
    else void decision.then((isNew) => decide(turn, isNew));
    // the store is too slow: this process decides by itself, so that the queue is bounded and nothing is lost
    if (turns.size > MAX_WAITING) decide(turns.oldest as Turn, true);
  }
}

/** Leaves an error of the app's to the process, where it would have gone without `dedupe()`; it holds up nobody. */
function run(act: (isNew: boolean) => void, isNew: boolean): void {
  try {
    act(isNew);
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}
