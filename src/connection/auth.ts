import { TautlineError } from "../errors.js";
import type { Cancel } from "../platform/platform.js";

/**
 * Why `auth` is asked: the socket connects; it connects again, whatever path led there (the network, a wake, the page
 * cache, another address); the server has refused what it was given last; the app has called `socket.reauth()`.
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
  last: Answer | undefined;
  serial: number;
  /** The promise that it has returned and not settled. */
  pending: Call | undefined;
}

const known = new WeakMap<Source, Knowledge>();

/** One call of an app's function, and who waits for its answer. */
class Call {
  private readonly _askers = new Set<Asker>();
  private readonly _abort = new AbortController();

  constructor(
    private readonly _source: Source,
    private readonly _knowledge: Knowledge,
  ) {}

  join(asker: Asker): Cancel {
    this._askers.add(asker);
    return () => {
      if (!this._askers.delete(asker) || this._askers.size) return;
      this._end();
      this._abort.abort();
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
          (data) => (Object(data) === data || !source.length) && this._settle(data, true),
          (cause) => this._fail(cause, true),
        );
      } else if (isData(returned, !source.length)) this._settle(returned, true);
    } catch (error) {
      this._fail(error, false);
    }
  }

  private _settle(data: unknown, isReturned: boolean): void {
    const { _knowledge: knowledge } = this;
    const answer = { data, isReturned, serial: ++knowledge.serial };
    if (isReturned) knowledge.last = answer;
    for (const asker of this._end()) asker.done(answer);
  }

  private _fail(cause: unknown, isReturned: boolean): void {
    for (const asker of this._end()) asker.failed(cause, isReturned);
  }

  private _end(): Asker[] {
    const askers = [...this._askers];
    this._askers.clear();
    if (this._knowledge.pending === this) this._knowledge.pending = undefined;
    return askers;
  }
}

/**
 * Asks for the data of a CONNECT. Askers of the same function share the promise that it has returned, and what an asker
 * was refused is not asked for again when another one has got a newer answer meanwhile.
 *
 * @returns what takes the question back; then the asker hears nothing
 */
export function askForAuth(auth: Auth, asker: Asker): Cancel {
  if (typeof auth !== "function") {
    asker.done({ data: auth, isReturned: false, serial: 0 });
    return () => {};
  }
  const source = auth as Source;
  let knowledge = known.get(source);
  if (!knowledge)
    known.set(source, (knowledge = { last: undefined, serial: 0, pending: undefined }));
  const { last, pending } = knowledge;
  if (last && asker.refused && last.serial > asker.refused.serial) {
    asker.done(last);
    return () => {};
  }
  const call = pending ?? new Call(source, knowledge);
  const cancel = call.join(asker);
  if (!pending) call.run(asker);
  return cancel;
}

/**
 * Whether a function has returned its data. Nothing at all: it will call back. One with a callback often returns a timer's id
 * or an emitter: of those, only plain objects count, of whatever realm.
 */
function isData(returned: unknown, isBare: boolean): boolean {
  if (returned === undefined || isBare) return returned !== undefined;
  const base: unknown = returned === Object(returned) && Object.getPrototypeOf(returned);
  return base === null || (!!base && Object.getPrototypeOf(base) === null);
}

/** @throws TautlineError `invalid-option` for what a server could not read as auth data */
export function checkAuth(data: unknown): object | undefined {
  if (data == null) return undefined;
  if (typeof data === "object" && !Array.isArray(data)) return data;
  throw new TautlineError("invalid-option", `auth must be an object, not ${typeof data}`);
}
