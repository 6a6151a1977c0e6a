/** What docs/delivery.md promises, checked while it happens. */

/** Their ids: the page has a text for each. */
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
      this.#break("once", "again", { n });
    } else if (n < this.#highest) this.#break("order", "after", { n, other: this.#highest });
    this.#highest = Math.max(this.#highest, n);
    const last = this.#last.get(by) ?? -1;
    if (n < last) this.#break("lineOrder", "after", { n, other: last });
    this.#last.set(by, n);
    if (message?.why.endsWith("not-sent")) this.#break("honest", "handled", { n });
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
      if (error.delivery === "not-sent" && times) this.#break("honest", "handled", { n });
    } else {
      message.state = "resolved";
      this.counts.resolved++;
      if (!times) this.#break("answered", "unhandled", { n });
    }
  }

  /** Nothing comes any more: what is still open is broken. */
  end() {
    this.#isOver = true;
    for (const { n, state, times } of this.messages.values()) {
      if (state === "pending") this.#break("settles", "pending", { n });
      if (state === "pending" && !times) this.#break("arrives", "lost", { n });
      if (n === this.#newest && !times) this.#break("newest", "lost", { n });
    }
  }

  /** Something of the library's or the page's own failed. */
  failed(error) {
    this.#break("failed", "thrown", { error: String(error) });
  }

  /**
   * `broken`: how it was broken first, by an id, and the values for its text.
   *
   * @returns {{ id: string, state: "holds" | "open" | "broken", broken?: { how: string, n?: number, other?: number, error?: string } }[]}
   */
  list() {
    const isQuiet = this.#isOver || this.counts.pending === 0;
    const ids = this.#broken.has("failed") ? [...this.#ids, "failed"] : this.#ids;
    return ids.map((id) => {
      const broken = this.#broken.get(id);
      const isOpen = AT_THE_END.has(id) && !isQuiet;
      return { id, state: broken ? "broken" : isOpen ? "open" : "holds", broken };
    });
  }

  #break(id, how, values) {
    if (!this.#broken.has(id)) this.#broken.set(id, { how, ...values });
  }
}
