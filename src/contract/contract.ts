import { call, TautlineError } from "../errors.js";
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
  /** What is wrong, and where: at most 10. The words are the schema's library's. */
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

/**
 * Asks a schema and hands on what it says, in the order of the values. What violates the contract is reported before that.
 *
 * @param origin - the cause that is told where there is no schema to ask
 */
export type Judge = (
  event: unknown,
  part: Violation["part"],
  holder: Holder | undefined,
  value: unknown,
  done: (verdict: Verdict, error?: ContractError) => void,
  origin?: unknown,
) => void;

/** Looks at what is emitted. Returns what looks at an answer. */
export type Outgoing = (
  pipeline: Pipeline,
  judge: Judge,
  rules: ReadonlyMap<unknown, Holder>,
  isForeign: (rule: unknown, event: unknown) => boolean,
) => (event: unknown, rule: Holder | undefined, ack: Ack) => Ack;

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
  const { contract: present } = socket as unknown as Partial<Calls<ContractShape>>;
  checkOption("listener", onViolation);
  checkOption("timeout(ms)", timeout);
  if (present === events) return socket as never;
  if (present) throw new TautlineError("invalid-option", "contract(): a second one");

  const { pipeline } = socket.channel;
  const tell = socket.tell.bind(socket);
  const incomingRules = mapOf(events.serverToClient, "req");
  const outgoingRules = mapOf(events.clientToServer, "req");
  const isForeign = (rule: unknown, event: unknown): boolean =>
    !rule && (unknown === "pass" || /^\$tautline/.test(event as string));

  const createJudge = (direction: Violation["direction"]): Judge => {
    /** What waits for its verdict, or for what is before it. */
    const line: [settle: Ack, verdict?: Verdict][] = [];
    return (event, part, holder, value, done, origin) => {
      const verdict = validate(holder, part, value, origin);
      const isNow = !line[0] && !(verdict instanceof Promise);
      // the usual case first, without a closure
      if (isNow && !verdict.issues) return done(verdict);
      const settle = (one: Verdict): void => {
        const { issues, cause } = one;
        const error =
          issues &&
          fault(
            `${direction} ${part} violates the contract`,
            { event, direction, part, issues, ...(values && { value }) },
            cause,
          );
        if (error) call(onViolation as Ack, undefined, [error]);
        done(one, error);
      };
      if (isNow) return settle(verdict);
      const mine: (typeof line)[0] = [settle as never];
      const arrive = (one: Verdict): void => {
        stop();
        mine[1] ??= one;
        while (line[0]?.[1]) {
          const [next, its] = line.shift()!;
          call(next, undefined, [its]);
        }
      };
      const stop = pipeline.timers.after(timeout, () =>
        arrive(failed(undefined, "the validator timed out")),
      );
      line.push(mine);
      void Promise.resolve(verdict).then(arrive);
    };
  };
  const judge = createJudge("incoming");
  const answers = outgoing?.(pipeline, createJudge("outgoing"), outgoingRules, isForeign);

  socket.tell = (given, isOwn) => {
    const event = given[0];
    const rule = incomingRules.get(event);
    if (isOwn || isForeign(rule, event)) return tell(given, isOwn);
    const last = given[given.length - 1];
    const ack = typeof last === "function" && (last as Ack);
    judge(event, "req", rule, given[1] === ack ? undefined : given[1], (verdict) => {
      const { issues, value } = verdict;
      if (issues) {
        if (ack)
          call(ack, undefined, [
            { $error: { code: "REQUEST_VALIDATION_ERROR", data: { issues } } },
          ]);
        return;
      }
      const heard = verdict === NOTHING ? [event] : [event, value];
      if (ack) heard.push(answers ? answers(event, rule, ack) : ack);
      tell(heard, false);
    });
  };

  pipeline.beforeAck = (event, ack, canFail) => {
    const rule = outgoingRules.get(event);
    if (!rule) return ack;
    return (...given: unknown[]) => {
      const failure = canFail && given.shift();
      if (failure) return ack(failure);
      const [answer] = given;
      const error = errorIn(answer);
      const code = error?.code;
      judge(
        event,
        error ? "data" : "res",
        error
          ? mapOf({ ...events.errors, ...(rule as EventShape).errors }, "data").get(code)
          : rule,
        error ? error.data : answer,
        ({ value: data }, violation) => {
          const refusal =
            violation ?? (error && fault("a declared error", { event, error: { code, data } }));
          if (canFail) ack(refusal ?? null, data);
          else if (!refusal) ack(data);
          // an ack that takes no error: somebody has to know
          else if (!violation) call(onViolation as Ack, undefined, [refusal]);
        },
        error,
      );
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
