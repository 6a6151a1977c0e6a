import type { ContractShape, EventShape } from "../contract/define-events.js";
import type { AnySchema } from "../contract/standard-schema.js";
import { errorIn, type DefaultCode } from "../contract/event-error.js";
import {
  type Holder,
  type Issue,
  mapOf,
  NOTHING,
  schemaOf,
  validate,
  type Verdict,
} from "../contract/validate.js";
import { TautlineError } from "../errors.js";
import type { Ack } from "./answers.js";
import type { ServerLike } from "./dedupe.js";
import { isFitting, type PacketLike, type ServerSocketLike } from "./gate.js";
import { guardOf, handOn, type Invoke, isGated, setGuard } from "./hand-on.js";

/** What was not as the contract says: the `data` of an error with the code `contract`. */
export interface ServerViolation {
  readonly event: string;
  /** Requests of clients; answers and errors of handlers. */
  readonly direction: "incoming" | "outgoing";
  /** The argument, the answer, or the data of an error that is the answer. */
  readonly part: "req" | "res" | "data";
  readonly issues: readonly Issue[];
  /** Only with the option `values`. */
  readonly value?: unknown;
}

export interface ServerContractOptions {
  /** Events that the contract doesn't name: they are reported and refused, or passed on. @default "report" */
  unknown?: "report" | "pass";
  /** Put the value itself into reports: it may be personal. @default false */
  values?: boolean;
  /** Tell clients the messages of errors that the contract doesn't declare. @default false */
  exposeErrors?: boolean;
  /**
   * Told of each violation, an error with the code `contract`, and of what handlers throw and the contract does not declare.
   *
   * @default violations of clients: nobody. All else becomes a warning of the process
   */
  onError?: (error: unknown, socket: unknown) => void;
}

/** Verdicts in the order of their values. */
class Line {
  private _last: Promise<void> | undefined;

  take(verdict: Verdict | Promise<Verdict>, done: (verdict: Verdict) => void): void {
    if (!this._last && !(verdict instanceof Promise)) return done(verdict);
    const mine = Promise.all([verdict, this._last]).then(([one]) => {
      if (this._last === mine) this._last = undefined;
      done(one);
    });
    this._last = mine;
  }
}

/** One client's socket under a contract. */
class Warden {
  private readonly _line = new Line();
  private readonly _rules: ReadonlyMap<unknown, Holder>;

  constructor(
    private readonly _socket: ServerSocketLike,
    private readonly _events: ContractShape,
    private readonly _options: ServerContractOptions,
  ) {
    this._rules = mapOf<Holder>(_events.clientToServer as never);
  }

  /** This version of socket.io can't be helped: none of its requests is handed on. */
  refuse(): void {
    this._socket.onevent = () => {};
    this._tell(new TautlineError("unsupported-version", "contract(): not socket.io 4"));
  }

  /** An event, with its ack in the last place. */
  receive(event: unknown[], isReceived: boolean): void {
    const { _options, _socket } = this;
    const [name, value] = event;
    const rule = this._rules.get(name);
    if (!rule && String(name).startsWith("$tautline")) return handOn(_socket, event, isReceived);
    const last = event[event.length - 1];
    const ack = typeof last === "function" ? (last as Ack) : undefined;
    const isPassed = !rule && _options.unknown === "pass";
    const verdict = isPassed ? {} : validate(rule, "req", value === ack ? undefined : value);
    this._line.take(verdict, (judged) => {
      const { issues, cause } = judged;
      if (issues) {
        this._report(name, "incoming", "req", issues, value, cause);
        this._say(ack, { $error: { code: "REQUEST_VALIDATION_ERROR", data: { issues } } });
      } else if (!rule) this._contained(() => handOn(_socket, event, isReceived));
      else {
        const args = judged === NOTHING ? [] : [judged.value];
        this._handle(name, rule, args, ack, isReceived);
      }
    });
  }

  private _handle(
    name: unknown,
    rule: Holder,
    args: readonly unknown[],
    ack: Ack | undefined,
    isReceived: boolean,
  ): void {
    let isAnswered = false;
    const answer = (said?: unknown): void => {
      if (isAnswered || !ack) return;
      isAnswered = true;
      this._answer(name, rule, said, ack);
    };
    const fail = (error: unknown): void => {
      if (!errorIn(error)) this._tell(error);
      answer(errorIn(error) ? error : { $error: this._unknown(error) });
    };
    const hasAnswer = !!schemaOf(rule, "res");
    const event = ack ? [name, ...args, answer] : [name, ...args];
    const invoke: Invoke = (listener, given) => {
      const settle = (said: unknown): void => {
        const { length } = (listener as { listener?: typeof listener }).listener ?? listener;
        // one that takes the ack may answer later; one that only looks has no answer
        if (said !== undefined || (!hasAnswer && length <= args.length)) answer(said);
      };
      try {
        const result: unknown = Reflect.apply(listener, this._socket, given);
        if (isThenable(result)) result.then(settle, fail);
        else settle(result);
      } catch (error) {
        fail(error);
      }
    };
    this._contained(() => handOn(this._socket, event, isReceived, invoke));
  }

  /** An answer is sent as it was given: what a schema makes of it is the client's. */
  private _answer(name: unknown, rule: Holder, said: unknown, ack: Ack | undefined): void {
    const error = errorIn(said);
    const isDefault = error && DEFAULTS.includes(error.code);
    if (isDefault) return this._say(ack, { $error: error });
    const holder = error
      ? mapOf({ ...this._events.errors, ...(rule as EventShape).errors }).get(error.code)
      : rule;
    const part = error ? "data" : "res";
    const verdict = validate(holder as Holder | undefined, part, error ? error.data : said);
    const done = ({ issues, cause }: Verdict): void => {
      if (!issues) {
        if (error) this._say(ack, { $error: { code: error.code, data: error.data } });
        else this._say(ack, said);
        return;
      }
      this._report(name, "outgoing", part, issues, error ?? said, cause);
      const code: DefaultCode = error ? "UNKNOWN_ERROR" : "RESPONSE_VALIDATION_ERROR";
      this._say(ack, { $error: { code } });
    };
    if (verdict instanceof Promise) void verdict.then(done);
    else done(verdict);
  }

  private _unknown(error: unknown): { code: DefaultCode; data?: unknown } {
    const code = "UNKNOWN_ERROR";
    if (!this._options.exposeErrors) return { code };
    const { message } = Object(error) as { message?: unknown };
    return { code, data: { message: String(message ?? error) } };
  }

  private _say(ack: Ack | undefined, said: unknown): void {
    this._contained(() => (said === undefined ? ack?.() : ack?.(said)));
  }

  private _contained(task: () => void): void {
    try {
      task();
    } catch (error) {
      this._tell(error);
    }
  }

  private _report(
    event: unknown,
    direction: ServerViolation["direction"],
    part: ServerViolation["part"],
    issues: readonly Issue[],
    value: unknown,
    cause: unknown,
  ): void {
    const { values, onError } = this._options;
    // what clients send is not this process's fault
    if (direction === "incoming" && !onError) return;
    const data = { event: String(event), direction, part, issues, ...(values && { value }) };
    const message = `${direction} ${part} violates the contract: ${issues[0]?.message}`;
    this._tell(new TautlineError("contract", message, { data, cause }));
  }

  private _tell(error: unknown): void {
    const { onError } = this._options;
    try {
      if (onError) onError(error, this._socket);
      else process.emitWarning(error instanceof Error ? error : `contract(): ${String(error)}`);
    } catch {
      // there is nobody left to tell
    }
  }
}

const DEFAULTS: readonly string[] = [
  "REQUEST_VALIDATION_ERROR",
  "RESPONSE_VALIDATION_ERROR",
  "UNKNOWN_ERROR",
] satisfies DefaultCode[];

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === "function";

/** @throws TautlineError `invalid-option`, which names what is no schema */
function checkEvents(events: ContractShape): void {
  const fail = (where: string): never => {
    throw new TautlineError("invalid-option", `contract(): ${where} is no Standard Schema`);
  };
  const checkHolder = (holder: unknown, keys: string[], where: string): void => {
    // arktype's schemas are functions
    if (Object(holder) !== holder) fail(where);
    for (const key of keys) {
      const schema: unknown = schemaOf(holder as Holder, key);
      const { validate: known } = (Object(schema) as Partial<AnySchema>)["~standard"] ?? {};
      if (schema !== undefined && typeof known !== "function") fail(`${where}.${key}`);
    }
  };
  const checkErrors = (errors: object = {}, where: string): void => {
    for (const [code, error] of Object.entries(errors))
      checkHolder(error, ["data"], `${where}.${code}`);
  };
  checkErrors(events.errors, "errors");
  for (const side of ["clientToServer", "serverToClient"] as const)
    for (const [name, rule] of Object.entries(events[side] ?? {})) {
      const where = `${side}.${name}`;
      checkHolder(rule, ["req", "res"], where);
      if (!("~standard" in rule)) checkErrors(rule.errors, where);
    }
}

/**
 * Puts the sockets of a server under a contract, the same that the client has: a request is looked at before any `onAny`
 * listener, middleware or handler hears of it, and they get what the schemas made of it. The ack of one that violates the
 * contract gets an error at once. What a handler returns, or resolves with, answers the ack. What it throws becomes an error of
 * the client's `call()` when it is an `EventError` whose code the contract declares, and a nameless one otherwise.
 *
 * Call it before `io.on("connection")`. Works with socket.io 4, and together with `dedupe()` in any order.
 *
 * @param server - a socket.io server (its main namespace), or a namespace
 * @throws TautlineError `invalid-option`
 * @example contract(io, events); io.on("connection", (socket) => socket.on("join", async ({ room }) => count(room)));
 */
export function contract(
  server: ServerLike,
  events: ContractShape,
  options: ServerContractOptions = {},
): void {
  if (typeof (server as Partial<ServerLike> | null)?.on !== "function")
    throw new TautlineError("invalid-option", "contract() takes a server or namespace, and events");
  checkEvents(events);
  server.on("connection", (socket: ServerSocketLike) => {
    if (guardOf(socket)) return;
    const warden = new Warden(socket, events, options);
    // handing requests on unseen would be worse than none
    if (!isFitting(socket)) return warden.refuse();
    setGuard(socket, (event, isReceived) => warden.receive(event, isReceived));
    if (isGated(socket)) return;
    socket.onevent = ({ data, id }: PacketLike) => {
      if (!Array.isArray(data)) return;
      const event = data as unknown[];
      warden.receive(id == null ? event : [...event, socket.ack(id as number)], false);
    };
  });
}
