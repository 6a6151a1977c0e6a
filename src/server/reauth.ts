import { TautlineError } from "../errors.js";
import type { ServerLike } from "./dedupe.js";

/** Emitted by `socket.reauth()` of the client. */
const REAUTH = "$tautline:reauth";

/** What is needed of a client's socket. */
export interface ReauthSocketLike {
  readonly handshake: { auth: Record<string, unknown> };
  on(event: string, listener: (...args: unknown[]) => void): unknown;
}

type Handler<S> = (socket: S, auth: Record<string, unknown>) => unknown;
interface Refusal {
  message: string;
  data?: unknown;
}
type Ack = (refusal?: Refusal) => void;

/** Milliseconds that the handler has. The client has given up long before. */
const HANDLER_TIMEOUT = 30_000;
/** For a handler that has thrown what has no message. */
const REFUSED = "refused";
/** How many requests of one client may wait. */
const MAX_WAITING = 100;

/** The fresh data of one client. One is checked at a time, and of those that wait only the newest: its outcome is that of all. */
class Desk<S extends ReauthSocketLike> {
  private _isBusy = false;
  private _next: Record<string, unknown> | undefined;
  private _acks: Ack[] = [];

  constructor(
    private readonly _socket: S,
    private readonly _handler: Handler<S>,
  ) {}

  receive(auth: unknown, done: unknown): void {
    if (typeof done !== "function") return;
    const ack = done as Ack;
    if (typeof auth !== "object" || auth === null || Array.isArray(auth))
      return answer(ack, { message: "auth must be an object" });
    if (this._acks.push(ack) > MAX_WAITING)
      answer(this._acks.shift() as Ack, { message: "too many" });
    this._next = auth as Record<string, unknown>;
    if (!this._isBusy) void this._work();
  }

  private async _work(): Promise<void> {
    this._isBusy = true;
    for (let auth = this._next; auth; auth = this._next) {
      const acks = this._acks.splice(0);
      this._next = undefined;
      const refusal = await this._check(auth);
      for (const ack of acks) answer(ack, refusal);
    }
    this._isBusy = false;
  }

  private async _check(auth: Record<string, unknown>): Promise<Refusal | undefined> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    // one that never settles must not keep newer data from being checked
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error("timed out")), HANDLER_TIMEOUT).unref();
    });
    try {
      await Promise.race([this._handler(this._socket, auth), late]);
      this._socket.handshake.auth = auth;
      return undefined;
    } catch (error) {
      return toRefusal(error);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A handler may throw any value, also one whose properties throw. */
function toRefusal(error: unknown): Refusal {
  let text = REFUSED;
  try {
    const thrown = Object(error) as { message?: unknown; data?: unknown };
    const { message } = thrown;
    if (typeof message === "string") text = message;
    return { message: text, data: thrown.data };
  } catch {
    return { message: text };
  }
}

/** What the handler has attached may be what cannot be sent; and a client that has gone may be what cannot be answered. */
function answer(ack: Ack, refusal?: Refusal): void {
  try {
    if (refusal) ack(refusal);
    else ack();
  } catch {
    try {
      if (refusal) ack({ message: refusal.message });
    } catch {
      // the client finds out by its timeout
    }
  }
}

/**
 * Takes fresh credentials of clients that are connected: what `socket.reauth()` of the client sends. When `handler`
 * returns or resolves, they become `socket.handshake.auth`. When it throws or rejects, the client's `reauth()` rejects with
 * `refused`, and the error's message and `data`, as from a middleware. The connection stays in both cases: call
 * `socket.disconnect()` when it should not.
 *
 * Register it once for each namespace. Works with socket.io 3 and 4.
 *
 * @param server - a socket.io server (its main namespace), or a namespace
 * @param handler - gets the socket, and an object that the client has made: check it as in a middleware
 * @throws TautlineError `invalid-option`
 * @example onReauth(io, async (socket, { token }) => { socket.data.user = await verify(token); });
 */
export function onReauth<S extends ReauthSocketLike>(
  server: ServerLike,
  handler: Handler<S>,
): void {
  if (
    typeof (server as Partial<ServerLike> | null)?.on !== "function" ||
    typeof handler !== "function"
  )
    throw new TautlineError(
      "invalid-option",
      "onReauth() takes a server or namespace, and a function",
    );
  server.on("connection", (socket: S) => {
    const desk = new Desk(socket, handler);
    socket.on(REAUTH, (auth, ack) => desk.receive(auth, ack));
  });
}
