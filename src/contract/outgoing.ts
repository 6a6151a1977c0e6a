import { call } from "../errors.js";
import type { Outgoing } from "./contract.js";
import { errorIn } from "./event-error.js";

/**
 * The option `outgoing` of `contract()`: what is emitted, and the answers to what the server asks, are looked at too. They are
 * sent as they were given: what a schema makes of them is the other side's.
 *
 * @example contract(io(url), events, { outgoing });
 */
export const outgoing: Outgoing = (pipeline, check, rules, isForeign) => {
  const emit = pipeline.emit.bind(pipeline);
  pipeline.emit = (args, how, isErrorFirst) => {
    const [event, value] = args;
    const rule = rules.get(event);
    const last = args[args.length - 1];
    const go = (): void => emit(args, how, isErrorFirst);
    if (isForeign(rule, event)) return go();
    const canFail =
      typeof last === "function" &&
      (isErrorFirst ||
        (how.timeout ?? pipeline.ackTimeout) !== undefined ||
        (!how.volatile && pipeline.policy?.acksAll));
    check(event, "req", rule, value === last && canFail ? undefined : value, (error) => {
      if (!error) go();
      else if (canFail) call(last as never, undefined, [error]);
    });
  };
  return (event, rule, ack) => (answer) => {
    if (errorIn(answer)) ack(answer);
    else
      check(event, "res", rule, answer, (error) =>
        ack(error ? { $error: { code: "RESPONSE_VALIDATION_ERROR" } } : answer),
      );
  };
};
