import { call, reportError } from "../errors.js";
import type { Outgoing } from "./contract.js";
import { errorIn } from "./event-error.js";

/**
 * The option `outgoing` of `contract()`: what is emitted, and the answers to what the server asks, are looked at too. They are
 * sent as they were given: what a schema makes of them is the other side's.
 *
 * @example contract(io(url), events, { outgoing });
 */
export const outgoing: Outgoing = (pipeline, judge, rules, isForeign) => {
  const emit = pipeline.emit.bind(pipeline);
  pipeline.emit = (args, how, isErrorFirst) => {
    const [event, first] = args;
    const rule = rules.get(event);
    if (isForeign(rule, event)) return emit(args, how, isErrorFirst);
    const last = args[args.length - 1];
    const ack = typeof last === "function" && (last as (error: unknown) => void);
    const canFail =
      ack &&
      (isErrorFirst ||
        (how.timeout ?? pipeline.ackTimeout) !== undefined ||
        (!how.volatile && pipeline.policy?.acksAll));
    const value = ack && first === ack ? undefined : first;
    let isLater = false;
    judge(event, "req", rule, value, (_, error) => {
      let failure: unknown = error;
      try {
        if (!error) emit(args, how, isErrorFirst);
      } catch (thrown) {
        if (!isLater) throw thrown;
        failure = thrown;
        // the caller has gone on: an ack that takes no error can't be told
        if (!canFail) reportError(thrown);
      }
      if (failure && canFail) call(ack, undefined, [failure]);
    });
    isLater = true;
  };
  return (event, rule, ack) => (answer) => {
    if (errorIn(answer)) ack(answer);
    else
      judge(event, "res", rule, answer, (_, error) =>
        ack(error ? { $error: { code: "RESPONSE_VALIDATION_ERROR" } } : answer),
      );
  };
};
