import { call, type TautlineError } from "../errors.js";
import type { Cancel } from "../platform/platform.js";
import { type Answer, askForAuth, type Asker, type AuthReason } from "./auth.js";
import type { ChannelOptions, ChannelOwner } from "./channel-options.js";
import { unauthorized } from "./refusals.js";

/** How often an `auth` function is called before its refusal is final. */
const MAX_ASKED = 3;

/** What becomes of a refusal: asked again, or the end with an error. */
export interface Verdict {
  readonly error: TautlineError;
  readonly isAgain: boolean;
  /** All that `auth` can give has been refused. */
  readonly isExhausted: boolean;
}

type Failed = Asker["failed"];

/** What a namespace is entered with: asks the app's `auth`, and knows what was refused. */
export class Admission {
  // both: since the channel was last connected, or told to connect
  /** How often the server has refused, and was asked again. */
  private _refusals = 0;
  /** How often the app's function has thrown or rejected. The server has said nothing then: there is no limit. */
  private _failures = 0;
  /** How many delays there were of the kind that is due; undefined: nothing is waited for. */
  private _delays: number | undefined;
  /** What the server was given last. */
  private _answer: Answer | undefined;
  /** What the server has refused. */
  private _refused: Answer | undefined;

  constructor(
    private readonly _owner: ChannelOwner,
    private readonly _options: ChannelOptions,
  ) {}

  /** The next refusal is the first. */
  reset(): void {
    this._refusals = this._failures = 0;
  }

  /** Milliseconds until `auth` is asked again. */
  nextDelay(delayAfter: (attempts: number) => number): number {
    return this._delays === undefined ? 0 : delayAfter(this._delays);
  }

  /** Asks for the data of a CONNECT. */
  ask(isFirst: boolean, done: (data: object | undefined) => void, failed: Failed): Cancel {
    return this._question(
      this._refusals ? "refused" : isFirst ? "connect" : "reconnect",
      this._refusals ? this._refused : undefined,
      (answer) => {
        this._answer = answer;
        done(answer.data);
      },
      failed,
    );
  }

  /** Asks for fresh data for a connection that is open. */
  refresh(done: (data: object | undefined) => void, failed: Failed): Cancel {
    return this._question("reauth", undefined, ({ data }) => done(data), failed);
  }

  /** The server has refused, or the app's function has failed. */
  verdict(error: TautlineError): Verdict {
    const { code } = error;
    if (code === "auth-failed") {
      this._delays = this._failures++;
      return { error, isAgain: true, isExhausted: false };
    }
    // the app's function says so
    if (code === "unauthorized") return { error, isAgain: false, isExhausted: true };
    const { _answer, _refusals: refusals } = this;
    const { retryConnectError } = this._options;
    const attempt = refusals + 1;
    const isAuth = !!_answer?.isReturned && code === "refused";
    let isAgain = (error.data as { retryable?: unknown } | undefined)?.retryable === true;
    this._refused = _answer;
    // the refused data may only have been stale: the function is called again at once
    const isExpired = isAuth && !isAgain && !retryConnectError && !refusals;
    this._delays = isExpired ? undefined : refusals;
    isAgain ||= isAuth && attempt < MAX_ASKED;
    if (retryConnectError) call(() => (isAgain = retryConnectError(error, attempt)), undefined, []);
    if (isAgain) this._refusals = attempt;
    const isExhausted = isAuth && !isAgain;
    return { error: isExhausted ? unauthorized(error) : error, isAgain, isExhausted };
  }

  private _question(
    reason: AuthReason,
    refused: Answer | undefined,
    done: Asker["done"],
    failed: Failed,
  ): Cancel {
    const attempt = this._refusals + this._failures + 1;
    const { _owner: self } = this;
    return askForAuth(self.auth, { self, reason, attempt, refused, done, failed });
  }
}
