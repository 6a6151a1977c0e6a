import { call } from "../errors.js";
import { checkEventName } from "../protocol/socket-packet.js";
import type { ContractError, Outgoing, Violation } from "./contract.js";
import { type Holder, validate } from "./validate.js";

/**
 * The option `outgoing` of `contract()`: what is emitted, and the answers to what the server asks, are looked at too. They are
 * sent as they were given: what a schema makes of them is the other side's. What an async schema is to look at is sent before it
 * has: `emit()` does not wait.
 *
 * @example contract(io(url), events, { outgoing });
 */
export const outgoing: Outgoing = (pipeline, report, rules, isForeign, read) => {
  const look = (
    event: unknown,
    part: Violation["part"],
    holder: Holder | undefined,
    value: unknown,
    origin?: unknown,
  ): ContractError | undefined => {
    const verdict = validate(holder, part, value, origin);
    if (!(verdict instanceof Promise)) return report(verdict, "outgoing", event, part, value);
    void verdict.then((one) => report(one, "outgoing", event, part, value));
    return undefined;
  };
  const emit = pipeline.emit.bind(pipeline);
  pipeline.emit = (args, how, isErrorFirst) => {
    const [event, first] = args;
    checkEventName(event);
    const rule = rules.get(event);
    const last = args[args.length - 1];
    const ack = typeof last === "function" && (last as (error: unknown) => void);
    const value = ack && first === ack ? undefined : first;
    const error = isForeign(rule, event) ? undefined : look(event, "req", rule, value);
    if (!error) return emit(args, how, isErrorFirst);
    const canFail =
      isErrorFirst ||
      (how.timeout ?? pipeline.ackTimeout) !== undefined ||
      (!how.volatile && pipeline.policy?.acksAll);
    if (ack && canFail) call(ack, undefined, [error]);
  };
  return (event, rule, ack) => (said) => {
    const [part, holder, value, error] = read(rule, said);
    const violation = look(event, part, holder, value, error);
    const code = error ? "UNKNOWN_ERROR" : "RESPONSE_VALIDATION_ERROR";
    ack(violation ? { $error: { code } } : said);
  };
};
