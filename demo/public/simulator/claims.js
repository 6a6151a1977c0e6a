/** What docs/delivery.md promises, checked while it happens. */

/** Their names, and what they say. */
const CLAIMS = {
  once: ["No repetition", "No number is handled twice."],
  order: ["Order", "Numbers are first handled in the order in which they were sent."],
  lineOrder: ["Order on a line", "On each connection, numbers come in the order of sending."],
  arrives: ["Nothing is lost", "Each number is handled, or its promise is rejected."],
  newest: ["The newest arrives", "Whatever is skipped, the newest number is handled."],
  settles: ["Promises settle", "Each promise is resolved or rejected."],
  honest: ["Rejections are true", "What was rejected as not sent was not handled."],
  answered: ["Answers are true", "What was resolved was handled."],
  failed: ["No errors", "Nothing throws."],
};

const OF_POLICY = {
  "at-most-once": ["once", "lineOrder", "settles", "honest", "answered"],
  "at-least-once": ["arrives", "order", "settles", "honest", "answered"],
  "exactly-once": ["once", "arrives", "order", "settles", "honest", "answered"],
  latest: ["newest", "order", "settles", "honest", "answered"],
};

/** These hold only when nothing is under way any more. */
const AT_THE_END = new Set(["arrives", "newest", "settles"]);
/** So many settled numbers are remembered. */
const REMEMBERED = 2000;

export class Claims {
  /** By its number. */
  messages = new Map();
  counts = { sent: 0, pending: 0, resolved: 0, rejected: 0, handled: 0, repeated: 0 };
  /** Why promises were rejected, and how often. */
  reasons = new Map();
  #ids;
  #now;
  #broken = new Map();
  #isOver = false;
  #highest = -1;
  #newest = -1;
  #last = new WeakMap();

  constructor(policy, now) {
    this.#ids = OF_POLICY[policy];
    this.#now = now;
  }

  sent(n) {
    const message = { n, at: this.#now(), state: "pending", times: 0, why: "" };
    this.messages.set(n, message);
    this.counts.sent++;
    this.counts.pending++;
    this.#newest = n;
    for (const [old, { state }] of this.messages) {
      if (old > n - REMEMBERED || state === "pending") break;
      this.messages.delete(old);
    }
    return message;
  }

  handled(n, by) {
    const message = this.messages.get(n);
    this.counts.handled++;
    const isFirst = message && message.times++ === 0;
    if (!isFirst) {
      this.counts.repeated++;
      this.#break("once", n, "was handled again");
    } else if (n < this.#highest) this.#break("order", n, `came after ${this.#highest}`);
    this.#highest = Math.max(this.#highest, n);
    const last = this.#last.get(by) ?? -1;
    if (n < last) this.#break("lineOrder", n, `came after ${last}`);
    this.#last.set(by, n);
    if (message?.why.endsWith("not-sent")) this.#break("honest", n, "was handled");
  }

  settled(message, error) {
    const { n, times } = message;
    this.counts.pending--;
    message.after = this.#now() - message.at;
    if (error) {
      message.state = "rejected";
      message.why = [error.code ?? error.message, error.delivery].filter(Boolean).join(", ");
      this.counts.rejected++;
      this.reasons.set(message.why, (this.reasons.get(message.why) ?? 0) + 1);
      if (error.delivery === "not-sent" && times) this.#break("honest", n, "was handled");
    } else {
      message.state = "resolved";
      this.counts.resolved++;
      if (!times) this.#break("answered", n, "was not handled");
    }
  }

  /** Nothing comes any more: what is still open is broken. */
  end() {
    this.#isOver = true;
    for (const { n, state, times } of this.messages.values()) {
      if (state === "pending") this.#break("settles", n, "is pending");
      if (state === "pending" && !times) this.#break("arrives", n, "was lost");
      if (n === this.#newest && !times) this.#break("newest", n, "was lost");
    }
  }

  /** Something of the library's or the page's own failed. */
  failed(error) {
    this.#break("failed", undefined, String(error));
  }

  /** @returns {{ id: string, name: string, text: string, state: "holds" | "open" | "broken", what: string }[]} */
  list() {
    const isQuiet = this.#isOver || this.counts.pending === 0;
    const ids = this.#broken.has("failed") ? [...this.#ids, "failed"] : this.#ids;
    return ids.map((id) => {
      const [name, text] = CLAIMS[id];
      const what = this.#broken.get(id) ?? "";
      const isOpen = AT_THE_END.has(id) && !isQuiet;
      return { id, name, text, state: what ? "broken" : isOpen ? "open" : "holds", what };
    });
  }

  #break(id, n, what) {
    if (!this.#broken.has(id)) this.#broken.set(id, n === undefined ? what : `${n} ${what}`);
  }
}
