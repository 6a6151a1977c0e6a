import { call, quote, TautlineError } from "../errors.js";
import type { Socket } from "../manager/managed-socket.js";
import { checkOption, checkOptions } from "../options/check-options.js";
import type { ContractShape, EventShape } from "./define-events.js";
import { type DeclaredError, errorIn } from "./event-error.js";
import type { Pipeline } from "../pipeline/pipeline.js";
import type { CallOptions, Calls, ClientEmits, ClientListens } from "./event-maps.js";
import {
  type Holder,
  type Issue,
  failed,
  mapOf,
  NOTHING,
  validate,
  type Verdict,
} from "./validate.js";

/** What was not as the contract says. */
export interface Violation {
  readonly event: string;
  readonly direction: "incoming" | "outgoing";
  /** The argument, the answer, or the data of an error that is the answer. */
  readonly part: "req" | "res" | "data";
  /** What is wrong, and where: at most 10. The messages come from the schema library. */
  readonly issues: readonly Issue[];
  /** Only with the option `values`. */
  readonly value?: unknown;
  /** Rejections of `emitWithAck`: the declared error that was the answer. Then nothing was violated. */
  readonly error?: DeclaredError;
}

/** A violation: what `onViolation` is told, and what acks fail with. */
export interface ContractError extends TautlineError {
  readonly code: "contract";
  readonly data: Violation;
}

export interface ContractOptions {
  /** `outgoing` of `tautline/contract`: looks at what is emitted and answered too, which is sent as it was given. @default none */
  outgoing?: Outgoing;
  /** Incoming events that the contract doesn't name: they are reported and dropped, or passed on. @default "report" */
  unknown?: "report" | "pass";
  /** Milliseconds that an async validator has; after that, its value counts as violated. What is behind waits so long. @default 10000 */
  timeout?: number;
  /** Put the value itself into reports: it may be personal. @default false */
  values?: boolean;
  /** Told of each violation. @default a warning on the console */
  onViolation?: (error: ContractError) => void;
}

/** A socket whose events are those of a contract. */
export type ContractSocket<C extends ContractShape> = Socket<ClientListens<C>, ClientEmits<C>> &
  Calls<C>;

type Ack = (...args: unknown[]) => void;

/** Where the schema of an answer is: its part of the event, the holder, the value, and the error that the answer is. */
export type Answer = [
  part: "res" | "data",
  holder: Holder | undefined,
  value: unknown,
  error?: DeclaredError,
];

/** Looks at what is emitted. Returns what looks at an answer. */
export type Outgoing = (
  pipeline: Pipeline,
  report: (
    verdict: Verdict,
    direction: Violation["direction"],
    event: unknown,
    part: Violation["part"],
    value: unknown,
  ) => ContractError | undefined,
  rules: ReadonlyMap<unknown, Holder>,
  isForeign: (rule: unknown, event: unknown) => boolean,
  read: (rule: Holder, answer: unknown) => Answer,
) => (event: unknown, rule: Holder, ack: Ack) => Ack;

const fault = (message: string, data: object, cause?: unknown): ContractError =>
  new TautlineError("contract", message, { data, cause }) as never;

/**
 * Puts a socket under a contract: what comes in is looked at before any listener hears of it, `onAny` too. Listeners get what
 * the schemas made of it. What violates the contract is reported, and never reaches a listener. Call it before events come:
 * in the same tick as `io()`.
 *
 * @returns the same socket, typed by the contract, with `call()`. Again with the same contract, nothing changes: the options
 * of the first call count
 * @throws TautlineError `invalid-option`; also when the socket is under another contract
 * @example const socket = contract(io(url), events);
 */
export function contract<const C extends ContractShape>(
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- only `any` lets every socket in
  socket: Socket<any, any, any>,
  events: C,
  options: ContractOptions = {},
): ContractSocket<C> {
  // eslint-disable-next-line no-console -- where violations are told when nobody asks for them
  const { outgoing, unknown, values, timeout = 10_000, onViolation = console.warn } = options;
  checkOption("listener", onViolation);
  checkOption("timeout(ms)", timeout);
  const { contract: present, channel } = (socket ?? {}) as unknown as Partial<Socket & Calls<C>>;
  if (present && present === events) return socket as never;
  if (present || !channel || !events)
    throw new TautlineError(
      "invalid-option",
      "contract(): takes a socket without one, and a contract",
    );

  const { pipeline } = channel;
  const tell = socket.tell.bind(socket);
  const incomingRules = mapOf(events.serverToClient, "req");
  const outgoingRules = mapOf(events.clientToServer, "req");
  const isForeign = (rule: unknown, event: unknown): boolean =>
    !rule && (unknown === "pass" || /^\$tautline/.test(event as string));

  const report: Parameters<Outgoing>[1] = ({ issues, cause }, direction, event, part, value) => {
    if (!issues) return undefined;
    const error = fault(
      `${direction} ${part} of ${quote(event)} violates the contract: ${issues[0]?.message}`,
      { event, direction, part, issues, ...(values && { value }) },
      cause,
    );
    call(onViolation as Ack, undefined, [error]);
    return error;
  };

  const read: Parameters<Outgoing>[4] = (rule, answer) => {
    const error = errorIn(answer);
    if (!error) return ["res", rule, answer];
    const errors = { ...events.errors, ...(rule as EventShape).errors };
    return ["data", mapOf(errors, "data").get(error.code), error.data, error];
  };

  /** What waits for its verdict, or for what is before it. */
  const line: [settle: Ack, verdict?: Verdict][] = [];
  const isFree = (verdict: Verdict | Promise<Verdict>): verdict is Verdict =>
    !line[0] && !(verdict instanceof Promise);
  /** Hands on verdicts in the order of their values. */
  const judge = (
    verdict: Verdict | Promise<Verdict>,
    event: unknown,
    part: Violation["part"],
    value: unknown,
    done: (verdict: Verdict, error?: ContractError) => void,
  ): void => {
    const settle = (one: Verdict): void => done(one, report(one, "incoming", event, part, value));
    if (isFree(verdict)) return settle(verdict);
    const mine: (typeof line)[0] = [settle as never];
    const arrive = (one: Verdict): void => {
      stop();
      mine[1] ??= one;
      while (line[0]?.[1]) {
        const [next, its] = line.shift()!;
        call(next, undefined, [its]);
      }
    };
    const late = (): void => arrive(failed(undefined, "the validator timed out"));
    const stop = pipeline.timers.after(timeout, late);
    line.push(mine);
    void Promise.resolve(verdict).then(arrive);
  };
  const answers = outgoing?.(pipeline, report, outgoingRules, isForeign, read);

  const hear = (
    verdict: Verdict,
    given: unknown[],
    rule: Holder | undefined,
    ack: Ack | undefined,
  ): void => {
    const { issues, value } = verdict;
    if (issues) {
      const data = { issues };
      if (ack) call(ack, undefined, [{ $error: { code: "REQUEST_VALIDATION_ERROR", data } }]);
    } else if (rule) {
      const heard = verdict === NOTHING ? [given[0]] : [given[0], value];
      if (ack) heard.push(answers ? answers(given[0], rule, ack) : ack);
      tell(heard, false);
    } else tell(given, false);
  };

  const doubt = (
    verdict: Verdict | Promise<Verdict>,
    given: unknown[],
    rule: Holder | undefined,
    ack: Ack | undefined,
    value: unknown,
  ): void => judge(verdict, given[0], "req", value, (one) => hear(one, given, rule, ack));

  socket.tell = (given, isOwn) => {
    if (isOwn) return tell(given, isOwn);
    const event = given[0];
    const rule = incomingRules.get(event);
    const last = given[given.length - 1];
    const ack = typeof last === "function" ? (last as Ack) : undefined;
    const value = given[1] === ack ? undefined : given[1];
    const verdict = isForeign(rule, event) ? NOTHING : validate(rule, "req", value);
    // the usual case without a closure, which costs
    if (isFree(verdict) && !verdict.issues) hear(verdict, given, rule, ack);
    else doubt(verdict, given, rule, ack, value);
  };

  pipeline.beforeAck = (event, ack, canFail) => {
    const rule = outgoingRules.get(event);
    if (!rule) return ack;
    return (...given: unknown[]) => {
      const failure = canFail && given.shift();
      if (failure) return ack(failure);
      const [part, holder, value, error] = read(rule, given[0]);
      const done = ({ value: data }: Verdict, violation?: ContractError): void => {
        const code = error?.code;
        const refusal =
          violation ??
          (error && fault(`the answer is the error ${code}`, { event, error: { code, data } }));
        if (canFail) ack(refusal ?? null, data);
        else if (!refusal) ack(data);
        // the ack takes no error, so the violation is reported
        else if (!violation) call(onViolation as Ack, undefined, [refusal]);
      };
      judge(validate(holder, part, value, error), event, part, value, done);
    };
  };

  return Object.assign(socket, {
    contract: events,
    call: async (event: string, req: unknown, how: CallOptions = {}) =>
      socket.requestWith(checkOptions(how), req === undefined ? [event] : [event, req]).then(
        (data) => ({ ok: true, data }),
        (failure: TautlineError) => {
          const { error } = (failure.data ?? {}) as Partial<Violation>;
          if (!error) throw failure;
          return { ok: false, error };
        },
      ),
  }) as never;
}
