/**
 * What is simulated: one client that sends numbers, and one server that answers them. Node runs the same module with
 * `explore()` of `tautline/test`, and gets the same transcript for the same seed.
 */
import { Claims } from "./claims.js";

const ADDRESS = "https://chat.example";
/** Milliseconds of virtual time: faults come and numbers are sent until then; a healthy network has the rest. */
export const DURATION = 20_000;
export const LENGTH = 80_000;
/** Between two numbers. */
const PAUSE = 500;
/** Each way. */
export const LATENCY = 150;
export const FAULTS = { duration: DURATION, maxFaults: 6 };

/** What a policy is made of. `key`: of what waits, only the newest number is kept. */
const POLICIES = {
  "at-most-once": {},
  "at-least-once": { delivery: "atLeastOnce" },
  "exactly-once": { delivery: "exactlyOnce" },
  latest: { delivery: "atLeastOnce", key: "value" },
};
export const policies = Object.keys(POLICIES);

/** The client and the server of a run, and what is known of its messages. */
export class Run {
  /** Numbers that were sent, and are not told of any more once they are settled and far behind. */
  sent = 0;
  #key;

  /**
   * @param net the network of `tautline/test`
   * @param kit `atLeastOnce`, `exactlyOnce` and `dedupe`
   * @param {keyof typeof POLICIES} policy
   */
  constructor(net, kit, policy) {
    const { delivery, key } = POLICIES[policy];
    this.net = net;
    this.#key = key;
    this.claims = new Claims(policy, () => net.now);
    net.latency(LATENCY);
    this.server = net.server(ADDRESS, { pingInterval: 5000, pingTimeout: 4000 });
    if (policy === "exactly-once") kit.dedupe(this.server);
    this.server.on("connection", (far) =>
      far.on("n", (n, answer) => {
        this.claims.handled(n, far);
        answer(n);
      }),
    );
    this.socket = net.io(ADDRESS, {
      reconnectionDelayMax: 3000,
      ...(delivery && { delivery: kit[delivery]() }),
    });
  }

  /** Sends the next number. */
  send() {
    const n = this.sent++;
    const message = this.claims.sent(n);
    const view = this.#key ? this.socket.key(this.#key) : this.socket;
    view.emitWithAck("n", n).then(
      () => this.claims.settled(message),
      (error) => this.claims.settled(message, error),
    );
  }

  /** Sends one each half second: until `end`, or for ever. */
  keepSending(end = Infinity) {
    const next = () => {
      if (this.net.now > end) return;
      this.send();
      this.net.later(PAUSE, next);
    };
    this.net.later(0, next);
  }

  /** As the network is healed, its latency is what it was. */
  healAt(ms) {
    this.net.later(ms, () => this.net.latency(LATENCY));
  }
}

/** A whole run, as `explore()` wants it; its faults and their end are explore's. */
export async function scenario(net, kit, policy) {
  const run = begin(net, kit, policy);
  await net.advance(LENGTH);
  run.claims.end();
  const broken = run.claims.list().filter(({ state }) => state === "broken");
  if (broken.length) throw new Error(`Broken claims: ${JSON.stringify(broken)}`);
}

/** The beginning of it. */
export function begin(net, kit, policy) {
  const run = new Run(net, kit, policy);
  run.keepSending(DURATION);
  run.healAt(DURATION);
  return run;
}
