import { TautlineError } from "../errors.js";
import { randomId } from "../platform/browser.js";
import type { Delivery, PolicyHost } from "../pipeline/policy.js";
import { AtLeastOnce } from "./at-least-once.js";

/** The last argument of a packet: which stream of packets it belongs to, and its number there. */
const TAG = "$tautline";

/** Packets have numbers, so that a server with `tautline/server` hands on each only once. */
class ExactlyOnce extends AtLeastOnce {
  private readonly _stream = randomId();
  private _sequence = 0;

  tag(args: unknown[]): unknown[] {
    return [...args, { [TAG]: [this._stream, ++this._sequence] }];
  }

  untag(args: unknown[]): void {
    const last = args[args.length - 1];
    if (typeof last === "object" && last !== null && TAG in last) args.pop();
  }

  /** A server without `tautline/server` answers the probes behind the question, but not the question. */
  question(done: (error?: TautlineError) => void): void {
    const { host } = this;
    let isAnswered = false;
    host.ask([TAG, this._stream], () => {
      isAnswered = true;
      done();
    });
    // socket.io answers a probe at once, but an event a tick later: only the second answer is surely behind it
    const probe = (rounds: number): void =>
      host.probe((error) => {
        if (error || isAnswered) return;
        if (rounds) probe(rounds - 1);
        else done(missing());
      });
    probe(1);
  }
}

function missing(): TautlineError {
  return new TautlineError(
    "dedupe-missing",
    "the server doesn't drop packets that it has seen: exactly-once delivery needs dedupe() of tautline/server there",
  );
}

/**
 * {@link atLeastOnce}, and the server drops what it has seen: it needs `dedupe()` of `tautline/server`.
 *
 * @example io(url, { delivery: exactlyOnce() })
 */
export function exactlyOnce(): Delivery {
  return { createPolicy: (host: PolicyHost) => new ExactlyOnce(host) };
}
