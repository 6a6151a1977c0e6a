import { call, TautlineError } from "../errors.js";
import type { Socket } from "../manager/managed-socket.js";
import { checkOption } from "../options/check-options.js";
import type { ContractShape, EventShape } from "./define-events.js";
import { type DeclaredError, errorIn } from "./event-error.js";
import type { Pipeline } from "../pipeline/pipeline.js";
import type { CallOptions, Calls, ClientEmits, ClientListens } from "./event-maps.js";
import { type Holder, type Issue, mapOf, NOTHING, validate, type Verdict } from "./validate.js";

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
  /** Put the value itself into reports: it may be personal. @default false */
  values?: boolean;
  /** Told of each violation. @default a warning on the console */
  onViolation?: (error: ContractError) => void;
}

/** A socket whose events are those of a contract. */
export type ContractSocket<C extends ContractShape> = Socket<ClientListens<C>, ClientEmits<C>> &
  Calls<C>;

type Ack = (...args: unknown[]) => void;

/** Hands on what a schema makes of a value, in order, or an error that is reported already. */
export type Check = (
  event: unknown,
  part: Violation["part"],
  holder: Holder | undefined,
  value: unknown,
  done: (error: ContractError | undefined, verdict: Verdict) => void,
  origin?: unknown,
) => void;

/** Looks at what is emitted. Returns what looks at an answer. */
export type Outgoing = (
  pipeline: Pipeline,
  check: Check,
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
 * @returns the same socket, typed by the contract, with `call()`. A second time does nothing: the first contract counts
 * @throws TautlineError `invalid-option`
 * @example const socket = contract(io(url), events);
 */
export function contract<const C extends ContractShape>(
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- only `any` lets every socket in
  socket: Socket<any, any, any>,
  events: C,
  options: ContractOptions = {},
): ContractSocket<C> {
  // eslint-disable-next-line no-console -- where violations are told when nobody asks for them
  const { outgoing, unknown, values, onViolation = console.warn } = options;
  const { contract: present } = socket as unknown as Partial<Calls<ContractShape>>;
  checkOption("listener", onViolation);
  if (present) return socket as never;

  const { pipeline } = socket.channel;
  const tell = socket.tell.bind(socket);
  const incomingRules = mapOf<Holder>(events.serverToClient as never);
  const outgoingRules = mapOf<Holder>(events.clientToServer as never);

  const isForeign = (rule: unknown, event: unknown): boolean =>
    !rule && (unknown === "pass" || /^\$tautline/.test(event as string));

  const checker = (direction: Violation["direction"]): Check => {
    /** What is waited for. */
    let last: Promise<void> | undefined;
    return (event, part, holder, value, done, origin) => {
      const verdict = validate(holder, part, value, origin);
      const isNow = !last && !(verdict instanceof Promise);
      // the usual case first, without a closure
      if (isNow && !verdict.issues) return done(undefined, verdict);
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
        done(error, one);
      };
      if (isNow) return settle(verdict);
      const mine = Promise.all([verdict, last]).then(([one]) => {
        if (last === mine) last = undefined;
        settle(one);
      });
      last = mine;
    };
  };
  const check = checker("incoming");
  const answers = outgoing?.(pipeline, checker("outgoing"), outgoingRules, isForeign);

  socket.tell = (given, isOwn) => {
    const [event, value] = given;
    const rule = incomingRules.get(event);
    if (isOwn || isForeign(rule, event)) return tell(given, isOwn);
    const last = given[given.length - 1];
    const ack = typeof last === "function" && (last as Ack);
    check(event, "req", rule, value === ack ? undefined : value, (error, verdict) => {
      if (!error) {
        const heard = verdict === NOTHING ? [event] : [event, verdict.value];
        if (ack) heard.push(answers ? answers(event, rule, ack) : ack);
        tell(heard, false);
      } else if (ack) {
        const { issues } = error.data;
        ack({ $error: { code: "REQUEST_VALIDATION_ERROR", data: { issues } } });
      }
    });
  };

  pipeline.beforeAck = (event, ack, canFail) => {
    const rule = outgoingRules.get(event);
    if (!rule) return ack;
    const done = (error: unknown, data?: unknown): void => {
      if (canFail) ack(error ?? null, data);
      else if (!error) ack(data);
    };
    return (...given: unknown[]) => {
      const failed = canFail && given.shift();
      if (failed) return ack(failed);
      const [answer] = given;
      const error = errorIn(answer);
      const code = error?.code;
      check(
        event,
        error ? "data" : "res",
        error
          ? mapOf<Holder>({ ...events.errors, ...(rule as EventShape).errors }).get(code)
          : rule,
        error ? error.data : answer,
        (violation, { value }) =>
          done(
            violation ??
              (error && fault("a declared error", { event, error: { code, data: value } })),
            value,
          ),
        error,
      );
    };
  };

  return Object.assign(socket, {
    contract: events,
    call: (event: string, req?: unknown, how: CallOptions = {}) =>
      socket.requestWith(how, req === undefined ? [event] : [event, req]).then(
        (data) => ({ ok: true, data }),
        (failure: TautlineError) => {
          const { error } = (failure.data ?? {}) as Partial<Violation>;
          if (!error) throw failure;
          return { ok: false, error };
        },
      ),
  }) as never;
}
