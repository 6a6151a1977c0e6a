import type { ContractShape, EventShape } from "../contract/define-events.js";
import { type DefaultCode, errorIn, EventError } from "../contract/event-error.js";
import {
  type Holder,
  type Issue,
  mapOf,
  NOTHING,
  validate,
  type Verdict,
} from "../contract/validate.js";
import { quote, TautlineError } from "../errors.js";
import type { Ack } from "./answers.js";
import { type AskingSocket, watchAnswers } from "./client-answers.js";
import type { ServerSocketLike } from "./gate.js";
import { handOn, type Invoke } from "./hand-on.js";
import { VerdictLine } from "./verdict-line.js";

/** What was not as the contract says: the `data` of an error with the code `contract`. */
export interface ServerViolation {
  readonly event: string;
  /** Requests and answers of clients; answers and errors of handlers. */
  readonly direction: "incoming" | "outgoing";
  /** The argument, the answer, or the data of an error that is the answer. */
  readonly part: "req" | "res" | "data";
  readonly issues: readonly Issue[];
  /** Only with the option `values`. */
  readonly value?: unknown;
}

/** What all sockets of a namespace share. */
export interface WardenParts {
  readonly events: ContractShape;
  readonly incoming: ReadonlyMap<unknown, Holder>;
  readonly outgoing: ReadonlyMap<unknown, Holder>;
  readonly unknown: "report" | "pass" | undefined;
  readonly values: boolean | undefined;
  readonly exposeErrors: boolean | undefined;
  readonly timeout: number;
  readonly onError: ((error: unknown, socket: unknown) => void) | undefined;
}

const DEFAULTS: readonly string[] = [
  "REQUEST_VALIDATION_ERROR",
  "RESPONSE_VALIDATION_ERROR",
  "UNKNOWN_ERROR",
] satisfies DefaultCode[];

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === "function";

/** What an answer is judged by. */
interface Answer {
  readonly holder: Holder | undefined;
  readonly part: "res" | "data";
  readonly value: unknown;
  readonly error: ReturnType<typeof errorIn>;
}

/** One client's socket under a contract. */
export class Warden {
  private readonly _line: VerdictLine;

  constructor(
    private readonly _socket: ServerSocketLike,
    private readonly _parts: WardenParts,
  ) {
    this._line = new VerdictLine(_parts.timeout);
  }

  /** This version of socket.io is not supported: none of its requests is delivered. */
  refuse(): void {
    this._socket.onevent = () => {};
    this.tell(new TautlineError("unsupported-version", "contract(): not socket.io 4"));
  }

  /** An event, with its ack in the last place. */
  receive(event: unknown[], isReceived: boolean): void {
    const { _parts: parts, _socket: socket } = this;
    const [name, value] = event;
    // no event: what is made for the wire alone, which old parsers let through
    if (typeof name !== "string" && typeof name !== "number") return;
    const rule = parts.incoming.get(name);
    if (!rule && `${name}`.startsWith("$tautline")) return handOn(socket, event, isReceived);
    const last = event[event.length - 1];
    const ack = typeof last === "function" ? (last as Ack) : undefined;
    const isPassed = !rule && parts.unknown === "pass";
    const verdict = isPassed ? NOTHING : validate(rule, "req", value === ack ? undefined : value);
    this._line.take(verdict, (judged) => {
      const { issues, cause } = judged;
      // it has left while a validator was at work
      if (!isReceived && !socket.connected) return;
      if (issues) {
        this._report(name, "incoming", "req", issues, value, cause);
        this._say(ack, { $error: { code: "REQUEST_VALIDATION_ERROR", data: { issues } } });
      } else if (!rule) this._contained(() => handOn(socket, event, isReceived));
      else {
        const args = judged === NOTHING ? [] : [judged.value];
        this._handle(name, rule, args, ack, isReceived);
      }
    });
  }

  /** The client's answers to what the server asks. */
  watchAnswers(): void {
    const socket = this._socket as unknown as AskingSocket;
    watchAnswers(socket, this._parts.outgoing, (event, rule, said, done) => {
      const answer = this._read(rule, said);
      const { part, value, error } = answer;
      this._line.take(this._judge(answer), ({ issues, cause, value: judged }) => {
        if (!issues)
          return this._contained(() => done(error ? new EventError(error.code, judged) : judged));
        this._report(event, "incoming", part, issues, value, cause);
        const code =
          error?.code === "REQUEST_VALIDATION_ERROR" ? error.code : "RESPONSE_VALIDATION_ERROR";
        this._contained(() => done(new EventError(code)));
      });
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
      const declared = errorIn(error);
      // where nobody waits for it, one that is not declared is a fault like any other
      if (!declared || (!ack && !this._read(rule, error).holder)) this.tell(error);
      answer(declared ? error : { $error: this._unknown(error) });
    };
    const event = ack ? [name, ...args, answer] : [name, ...args];
    /** Handlers that were called and have not ended, or may call the ack later. */
    let pending = 0;
    const invoke: Invoke = (listener, given) => {
      const { length } = (listener as { listener?: typeof listener }).listener ?? listener;
      const takesAck = length > args.length;
      pending++;
      const settle = (said: unknown, isPromised: boolean): void => {
        // the value that an arrow function with an ack returns is often accidental: a timer, the length of a list
        if (said !== undefined && (isPromised || !takesAck || errorIn(said))) answer(said);
        // one with fewer parameters than arguments may have them all in a rest parameter, the ack too
        else if (!takesAck && (isPromised || length === args.length) && !--pending) answer();
      };
      try {
        const result: unknown = Reflect.apply(listener, this._socket, given);
        if (isThenable(result)) result.then((said) => settle(said, true), fail);
        // when all were called
        else if (result === undefined) process.nextTick(() => settle(result, false));
        else settle(result, false);
      } catch (error) {
        fail(error);
      }
    };
    this._contained(() => handOn(this._socket, event, isReceived, invoke));
  }

  /** An answer is sent as it was given: what a schema makes of it is the client's. */
  private _answer(name: unknown, rule: Holder, said: unknown, ack: Ack): void {
    const answer = this._read(rule, said);
    const { part, value, error } = answer;
    if (error && DEFAULTS.includes(error.code)) return this._say(ack, { $error: error });
    this._line.judge(this._judge(answer), (verdict) => {
      const { issues, cause } = verdict;
      if (!issues) {
        // what the contract does not name is not told
        const told = verdict === NOTHING ? undefined : value;
        return this._say(ack, error ? { $error: { code: error.code, data: told } } : told);
      }
      this._report(name, "outgoing", part, issues, value, cause);
      const code: DefaultCode = error ? "UNKNOWN_ERROR" : "RESPONSE_VALIDATION_ERROR";
      this._say(ack, { $error: { code } });
    });
  }

  private _read(rule: Holder, said: unknown): Answer {
    const error = errorIn(said);
    if (!error) return { holder: rule, part: "res", value: said, error };
    const errors = { ...this._parts.events.errors, ...(rule as EventShape).errors };
    return {
      holder: mapOf(errors, "data").get(error.code),
      part: "data",
      value: error.data,
      error,
    };
  }

  private _judge({ holder, part, value, error }: Answer): Verdict | Promise<Verdict> {
    return validate(holder, part, value, error);
  }

  private _unknown(error: unknown): { code: DefaultCode; data?: unknown } {
    const code = "UNKNOWN_ERROR";
    if (!this._parts.exposeErrors) return { code };
    const { message } = Object(error) as { message?: unknown };
    return { code, data: { message: String(message ?? error) } };
  }

  private _say(ack: Ack | undefined, said: unknown): void {
    try {
      if (said === undefined) ack?.();
      else ack?.(said);
    } catch (error) {
      this.tell(error);
      // an answer that satisfies the contract but can't be sent: the client must not wait forever
      this._contained(() => ack?.({ $error: { code: "UNKNOWN_ERROR" satisfies DefaultCode } }));
    }
  }

  private _contained(task: () => void): void {
    try {
      task();
    } catch (error) {
      this.tell(error);
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
    const { values, onError } = this._parts;
    // invalid input of clients is not an error of this process
    if (direction === "incoming" && !onError) return;
    const data = { event: String(event), direction, part, issues, ...(values && { value }) };
    const message = `${direction} ${part} of ${quote(event)} violates the contract: ${issues[0]?.message}`;
    this.tell(new TautlineError("contract", message, { data, cause }));
  }

  tell(error: unknown): void {
    const { onError } = this._parts;
    try {
      if (onError) onError(error, this._socket);
      else process.emitWarning(error instanceof Error ? error : `contract(): ${String(error)}`);
    } catch {
      // an error of `onError` itself is ignored
    }
  }
}
