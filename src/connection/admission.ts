import { call, type TautlineError } from "../errors.js";
import type { Cancel } from "../platform/platform.js";
import { type Answer, askForAuth, type Asker, type AuthReason } from "./auth.js";
import type { ChannelOptions, ChannelOwner } from "./channel-options.js";
import { authFailure, unauthorized } from "./refusals.js";

/** So often is an `auth` function asked until the server lets it in. */
const MAX_ASKED = 3;

/** What becomes of a refusal: asked again, or the end with an error. */
export interface Verdict {
  readonly error: TautlineError;
  readonly isAgain: boolean;
  /** All that `auth` can give has been refused. */
  readonly isExhausted: boolean;
}

/** What a namespace is entered with: asks the app's `auth`, and knows what was refused. */
export class Admission {
  /** How often the server has refused, and was asked again, since the channel was last connected, or told to connect. */
  private _refusals = 0;
  /** How often the function has failed since it last gave something, because the network has. */
  private _outages = 0;
  /** What the server was given last. */
  private _answer: Answer | undefined;
  /** What the server has refused. */
  private _refused: Answer | undefined;
  /** What was refused may have been stale only: nothing is waited for before the function is asked again. */
  private _isExpired = false;
  /** Nobody has said no. */
  private _isOutage = false;

  constructor(
    private readonly _owner: ChannelOwner,
    private readonly _options: ChannelOptions,
  ) {}

  /** The next refusal is the first. */
  reset(): void {
    this._refusals = this._outages = 0;
  }

  /** Milliseconds until `auth` is asked again after a refusal. */
  nextDelay(delayAfter: (attempts: number) => number): number {
    if (this._isOutage) return delayAfter(this._outages++);
    const attempts = this._refusals++;
    return this._isExpired ? 0 : delayAfter(attempts);
  }

  /**
   * Asks for the data of a CONNECT.
   *
   * @param canAsk - other data can be had of the app's function
   */
  ask(
    isFirst: boolean,
    done: (data: unknown) => void,
    failed: (error: TautlineError, canAsk: boolean) => void,
  ): Cancel {
    return this._question(
      this._refusals ? "refused" : isFirst ? "connect" : "reconnect",
      this._refusals ? this._refused : undefined,
      (answer) => {
        this._answer = answer;
        this._outages = 0;
        done(answer.data);
      },
      (cause, isReturned) => {
        this._answer = undefined;
        failed(authFailure(cause), isReturned);
      },
    );
  }

  /** Asks for fresh data for a connection that is open. */
  refresh(done: (data: unknown) => void, failed: (error: TautlineError) => void): Cancel {
    return this._question(
      "reauth",
      undefined,
      ({ data }) => done(data),
      (cause) => failed(authFailure(cause)),
    );
  }

  /** The server has refused, or the app's function has failed. */
  verdict(error: TautlineError, canAsk = this._answer?.isReturned): Verdict {
    const { _answer, _refusals: refusals } = this;
    const { retryConnectError } = this._options;
    const attempt = refusals + 1;
    const isAuth = !!canAsk && error.code === "refused";
    this._isOutage = !!canAsk && error.code === "unreachable";
    let isAgain = (error.data as { retryable?: unknown } | undefined)?.retryable === true;
    this._refused = _answer;
    this._isExpired = isAuth && !isAgain && !retryConnectError && !!_answer && !refusals;
    isAgain ||= this._isOutage || (isAuth && attempt < MAX_ASKED);
    if (retryConnectError) call(() => (isAgain = retryConnectError(error, attempt)), undefined, []);
    const isExhausted = isAuth && !isAgain;
    return { error: isExhausted ? unauthorized(error) : error, isAgain, isExhausted };
  }

  private _question(
    reason: AuthReason,
    refused: Answer | undefined,
    done: Asker["done"],
    failed: Asker["failed"],
  ): Cancel {
    const attempt = this._refusals + 1;
    const { _owner: self } = this;
    return askForAuth(self.auth, { self, reason, attempt, refused, done, failed });
  }
}
