import { TautlineError } from "../errors.js";
import type { Cancel } from "../platform/platform.js";

/**
 * Why `auth` is asked: the socket connects; it connects again, whatever path led there (the network, a wake, the page
 * cache, another address, the app's own `disconnect()`); the server has refused what it was given last; the app has called `socket.reauth()`.
 */
export type AuthReason = "connect" | "reconnect" | "refused" | "reauth";

/** What an `auth` function is told. */
export interface AuthContext {
  readonly reason: AuthReason;
  /** From 1; one more for each refusal since the socket was last connected, or told to connect. */
  readonly attempt: number;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** The argument of an `auth` function: a callback, as in socket.io-client, that carries the context. */
export type AuthCallback = ((data: object) => void) & AuthContext;

/**
 * Data for the server's middleware, sent with CONNECT; or a function that returns it or a promise of it, or hands it to
 * its callback. When the server refuses what a function has returned, it is asked again: three times in all.
 *
 * @example auth: async ({ reason, signal }) => ({ token: await token({ isStale: reason === "refused", signal }) })
 */
export type Auth = object | ((ask: AuthCallback) => unknown);

/** What `auth` gave. */
export interface Answer {
  readonly data: unknown;
  /** Whose answer it is. */
  readonly auth: Auth;
  /** Returned by a function, which can be asked again. A callback is asked once for each connect, as in socket.io-client. */
  readonly isReturned: boolean;
  /** Its number among the answers of its function. */
  readonly serial: number;
}

export interface Asker {
  /** Whose `auth` it is: `this` in the function, as in socket.io-client. */
  readonly self: unknown;
  readonly reason: AuthReason;
  readonly attempt: number;
  /** The answer that the server has refused. */
  readonly refused: Answer | undefined;
  done(answer: Answer): void;
  /** @param isReturned - a promise rejected: it may help to ask again */
  failed(cause: unknown, isReturned: boolean): void;
}

type Source = (ask: AuthCallback) => unknown;

/** What is known of a function, while it lives. */
interface Knowledge {
  /** Of the last call that asked for fresh data: any other may have brought what was refused. */
  last: Answer | undefined;
  serial: number;
  /** The promise that it has returned and not settled. */
  pending: Call | undefined;
}

const known = new WeakMap<Source, Knowledge>();

/** One call of an app's function, and who waits for its answer. */
class Call {
  private readonly _askers = new Set<Asker>();
  /** Those that need another call, once this one has ended. */
  private readonly _followers = new Set<() => void>();
  private readonly _abort = new AbortController();
  /** It has given something, or failed: what comes then counts for nothing. */
  private _isOver = false;

  constructor(
    private readonly _source: Source,
    private readonly _knowledge: Knowledge,
    /** It was told that fresh data is needed. */
    readonly isFresh: boolean,
  ) {}

  follow(then: () => void): Cancel {
    this._followers.add(then);
    return () => this._followers.delete(then);
  }

  join(asker: Asker): Cancel {
    this._askers.add(asker);
    return () => {
      if (!this._askers.delete(asker) || this._askers.size) return;
      this._abort.abort();
      this._end(() => {});
    };
  }

  run({ self, reason, attempt }: Asker): void {
    const { _source: source, _knowledge: knowledge } = this;
    const { signal } = this._abort;
    const give = (data: unknown): void => this._settle(data, false);
    try {
      const returned = source.call(self, Object.assign(give, { reason, attempt, signal }));
      if (typeof (returned as Promise<unknown> | undefined)?.then === "function") {
        if (this._askers.size) knowledge.pending = this;
        Promise.resolve(returned).then(
          (data) => isPromised(data, !source.length) && this._settle(data, true),
          (cause) => this._fail(cause, true),
        );
      } else if (isData(returned, !source.length)) this._settle(returned, true);
    } catch (error) {
      this._fail(error, false);
    }
  }

  private _settle(data: unknown, isReturned: boolean): void {
    if (this._isOver) return;
    this._isOver = true;
    const { _knowledge: knowledge, _source: auth } = this;
    const answer = { data, auth, isReturned, serial: ++knowledge.serial };
    // also when nobody waits for it any more: who was refused will ask again
    if (isReturned && this.isFresh) knowledge.last = answer;
    this._end((asker) => asker.done(answer));
  }

  private _fail(cause: unknown, isReturned: boolean): void {
    this._isOver = true;
    this._end((asker) => asker.failed(cause, isReturned));
  }

  private _end(tell: (asker: Asker) => void): void {
    const [askers, followers] = [[...this._askers], [...this._followers]];
    this._askers.clear();
    if (this._knowledge.pending === this) this._knowledge.pending = undefined;
    for (const asker of askers) tell(asker);
    for (const follow of followers) if (this._followers.delete(follow)) follow();
  }
}

/**
 * Asks for the data of a CONNECT. Askers of the same function share the promise that it has returned, and what an asker
 * was refused is not asked for again when another one has got fresh data meanwhile. Who needs fresh data does not join a call
 * that was not told so: it waits for its end, and asks then.
 *
 * @returns what takes the question back; then the asker hears nothing
 */
export function askForAuth(auth: Auth, asker: Asker): Cancel {
  if (typeof auth !== "function") {
    asker.done({ data: auth, auth, isReturned: false, serial: 0 });
    return () => {};
  }
  const source = auth as Source;
  let knowledge = known.get(source);
  if (!knowledge)
    known.set(source, (knowledge = { last: undefined, serial: 0, pending: undefined }));
  const { last, pending } = knowledge;
  const { reason, refused } = asker;
  if (last && refused?.auth === auth && last.serial > refused.serial) {
    asker.done(last);
    return () => {};
  }
  const isFresh = reason === "refused" || reason === "reauth";
  if (pending && isFresh && !pending.isFresh) {
    let leave = pending.follow(() => (leave = askForAuth(auth, asker)));
    return () => leave();
  }
  const call = pending ?? new Call(source, knowledge, isFresh);
  const cancel = call.join(asker);
  if (!pending) call.run(asker);
  return cancel;
}

/** A promise brings data, unless it may be what a function with a callback leaves behind: nothing, or a timer's id. */
function isPromised(data: unknown, isBare: boolean): boolean {
  return isBare || data === null || /^(obj|str|func)/.test(typeof data);
}

/**
 * Whether a function has returned its data. Nothing at all: it will call back. One with a callback often returns a timer's id
 * or an emitter: of those, only plain objects count, of whatever realm. A text is an error, and is told as one.
 */
function isData(returned: unknown, isBare: boolean): boolean {
  if (returned === undefined || isBare) return returned !== undefined;
  if (returned === null || typeof returned === "string") return true;
  const base: unknown = returned === Object(returned) && Object.getPrototypeOf(returned);
  return base === null || (!!base && Object.getPrototypeOf(base) === null);
}

/** @throws TautlineError `invalid-option` for what a server could not read as auth data */
export function checkAuth(data: unknown): object | undefined {
  if (data == null) return undefined;
  if (typeof data === "object" && !Array.isArray(data)) return data;
  throw new TautlineError("invalid-option", `auth must be an object, not ${typeof data}`);
}
