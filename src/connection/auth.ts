import { TautlineError } from "../errors.js";
import type { Cancel } from "../platform/platform.js";
import { authFailure } from "./refusals.js";

/**
 * Why `auth` is called: the socket connects; it connects again, for any reason (the network, a wake, the page cache,
 * another address, the app's own `connect()`); the server has refused the last data; the app has called
 * `socket.reauth()`.
 */
export type AuthReason = "connect" | "reconnect" | "refused" | "reauth";

/** The context of a call of an `auth` function. */
export interface AuthContext {
  readonly reason: AuthReason;
  /** From 1; one more for each refusal, and each failure of the function, since the socket was last connected, or told to connect. */
  readonly attempt: number;
  /** Aborted when the answer is not needed any more. */
  readonly signal: AbortSignal;
}

/** The argument of an `auth` function: a callback, as in socket.io-client, that carries the context. */
export type AuthCallback = ((data: object) => void) & AuthContext;

/**
 * Data for the server's middleware, sent with CONNECT; or a function that returns it or a promise of it, or hands it to
 * its callback. When the server refuses what a function has returned, it is asked again: three times in all. When the
 * function throws or rejects, it is asked again after a delay, until it answers.
 *
 * @example auth: async ({ reason, signal }) => ({ token: await token({ isStale: reason === "refused", signal }) })
 */
export type Auth = AuthData | ((ask: AuthCallback) => AuthReturn);

/** An object, and no function. */
export type AuthData = (object & { apply?: never }) | Record<string, unknown>;

/** What an `auth` function may return: data, a promise of it, or what functions with a callback happen to. No text. */
export type AuthReturn =
  | (object & { then?: never })
  | PromiseLike<object | null | undefined | void>
  | number
  | boolean
  | null
  | undefined
  | void;

/** What `auth` gave. */
export interface Answer {
  readonly data: object | undefined;
  /** Returned by a function, which can be asked again. A callback is asked once for each connect, as in socket.io-client. */
  readonly isReturned: boolean;
  /** Who gave it. */
  readonly source: object;
  /** The number of the call that brought it: calls of a function are numbered as they begin. */
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
  /** @param error - `auth-failed`; `invalid-option` for what a server could not read; `unauthorized` when the app said so */
  failed(error: TautlineError): void;
}

type Source = (ask: AuthCallback) => unknown;

const calls = new WeakMap<Source, Calls>();

/**
 * The calls of one function, while it lives. At most one is pending: two calls that refresh the same token would
 * invalidate each other's result. An asker that may not share the pending call waits for the next one.
 */
class Calls {
  /** Of the call that began last. */
  serial = 0;
  /** The newest that was returned by a call for fresh data. */
  fresh: Answer | undefined;
  /** Has returned a promise that has not settled. */
  pending: Call | undefined;
  /** Has not begun. */
  private _next: Call | undefined;

  constructor(readonly source: Source) {}

  ask(asker: Asker): Cancel {
    const { fresh, pending, source } = this;
    // what another function gave says nothing about this one
    const refused = asker.refused?.source === source ? asker.refused : undefined;
    if (refused && fresh && fresh.serial > refused.serial) {
      asker.done(fresh);
      return () => {};
    }
    // credentials may have changed since the pending call began; and what it brings may be what was refused
    if (asker.reason === "reauth" || (refused && pending && !pending.isForFresh)) {
      const cancel = (this._next ??= new Call(this, true)).join(asker);
      this.begin();
      return cancel;
    }
    if (pending) return pending.join(asker);
    const call = new Call(this, asker.reason === "refused");
    const cancel = call.join(asker);
    call.run();
    return cancel;
  }

  /** Begins the next call, unless one is pending. In a microtask, so that askers of the same tick share it. */
  begin(): void {
    void Promise.resolve().then(() => {
      const { _next: next, pending } = this;
      if (!next || pending) return;
      this._next = undefined;
      next.run();
    });
  }
}

/** One call of an app's function, and who waits for its answer. */
class Call {
  private readonly _askers = new Set<Asker>();
  private readonly _abort = new AbortController();
  /** 0 until it begins. */
  private _serial = 0;
  private _isSettled = false;

  /** @param isForFresh - the function is told that what it gave before does not do */
  constructor(
    private readonly _calls: Calls,
    readonly isForFresh: boolean,
  ) {}

  join(asker: Asker): Cancel {
    this._askers.add(asker);
    return () => {
      if (!this._askers.delete(asker) || this._askers.size) return;
      this._release();
      // one that has not begun may get other askers
      if (this._serial) this._abort.abort();
    };
  }

  run(): void {
    const { _calls: calls } = this;
    const { source } = calls;
    const [first] = this._askers;
    // all who waited for it to begin have left
    if (!first) return;
    const { self, reason, attempt } = first;
    this._serial = ++calls.serial;
    // a function without a parameter, or that has read why it is asked, does not call back when it has returned something
    let isReturning = !source.length;
    const give = (data: unknown): void => this._settle(data, false);
    const context: AuthContext = { reason, attempt, signal: this._abort.signal };
    for (const key of Object.keys(context) as (keyof AuthContext)[])
      Object.defineProperty(give, key, {
        enumerable: true,
        get() {
          isReturning = true;
          return context[key];
        },
      });
    try {
      const returned = source.call(self, give as AuthCallback);
      if (typeof (returned as Promise<unknown> | undefined)?.then === "function") {
        if (this._askers.size) calls.pending = this;
        Promise.resolve(returned).then(
          (data) => {
            if (data !== undefined || isReturning) this._settle(data, true);
            else this._release();
          },
          (cause) => this._fail(authFailure(cause)),
        );
      } else if (isData(returned, isReturning)) this._settle(returned, true);
    } catch (error) {
      this._fail(authFailure(error));
    }
  }

  private _settle(given: unknown, isReturned: boolean): void {
    if (this._isSettled) return;
    const { _calls: calls, _serial: serial } = this;
    const { source, fresh } = calls;
    let data;
    try {
      data = checkAuth(given);
    } catch (error) {
      return this._fail(error as TautlineError);
    }
    const answer = { data, isReturned, source, serial };
    // also of a call whose answer is not needed any more: it may have invalidated earlier results
    if (isReturned && this.isForFresh && !(fresh && fresh.serial > serial)) calls.fresh = answer;
    for (const asker of this._end()) asker.done(answer);
  }

  private _fail(error: TautlineError): void {
    for (const asker of this._end()) asker.failed(error);
  }

  private _end(): Asker[] {
    const askers = [...this._askers];
    this._isSettled = true;
    this._askers.clear();
    this._release();
    return askers;
  }

  /** Others need not wait for it. */
  private _release(): void {
    const { _calls: calls } = this;
    if (calls.pending !== this) return;
    calls.pending = undefined;
    calls.begin();
  }
}

/**
 * Asks for the data of a CONNECT, or for fresh data. Askers of the same function share a call where what it brings is fresh
 * enough for them: any that is pending for a CONNECT; after a refusal one that was told to bring fresh data, and began after
 * the call whose answer was refused; for `reauth()` one that begins afterwards.
 *
 * @returns what takes the question back; then the asker hears nothing
 */
export function askForAuth(auth: Auth, asker: Asker): Cancel {
  if (typeof auth === "function") {
    const source = auth as Source;
    let known = calls.get(source);
    if (!known) calls.set(source, (known = new Calls(source)));
    return known.ask(asker);
  }
  let data;
  try {
    data = checkAuth(auth);
  } catch (error) {
    asker.failed(error as TautlineError);
    return () => {};
  }
  asker.done({ data, isReturned: false, source: auth, serial: 0 });
  return () => {};
}

/**
 * Whether a function has returned its data, and no promise. Nothing at all: it will call back. One with a callback often
 * returns a timer's id, a boolean or an emitter: of what it returns, texts, null and plain objects count, of whatever realm.
 */
function isData(returned: unknown, isReturning: boolean): boolean {
  if (returned === undefined || isReturning) return returned !== undefined;
  if (returned === null || typeof returned === "string") return true;
  const base: unknown = returned === Object(returned) && Object.getPrototypeOf(returned);
  return base === null || (!!base && Object.getPrototypeOf(base) === null);
}

/** @throws TautlineError `invalid-option` for what a server could not read as auth data */
export function checkAuth(data: unknown): object | undefined {
  if (data == null) return undefined;
  if (typeof data === "object" && !Array.isArray(data)) return data;
  const kind = Array.isArray(data) ? "an array" : `a ${typeof data}`;
  throw new TautlineError("invalid-option", `auth must be an object, not ${kind}`);
}
