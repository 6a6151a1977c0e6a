/** Milliseconds after which a message that a later one has overtaken counts as lost. It may still come. */
const OVERTAKEN = 2000;
/** Milliseconds that a message may be under way: longer waits are time without a connection, whatever the client says. */
const LATE = 1500;

/**
 * What became of each message of one client.
 *
 * @typedef {"waiting" | "arrived" | "lost" | "doubled"} Fate
 */
export function createTally(now = () => performance.now()) {
  /** @type {{ text: string, fate: Fate, sentAt: number, overtakenAt?: number }[]} */
  let messages = [];
  let last = -1;
  let away = 0;
  /** How long the oldest message waits that is newer than all that arrived. */
  const wait = () => {
    const oldest = messages[last + 1];
    const waited = oldest === undefined ? 0 : now() - oldest.sentAt;
    return waited > LATE ? waited : 0;
  };

  return {
    messages: () => messages,
    /** @returns {number} its number */
    send(text) {
      return messages.push({ text, fate: "waiting", sentAt: now() }) - 1;
    },
    /** @param {number[]} counts how often each number has arrived at the server */
    count(counts) {
      const newest = counts.findLastIndex((times) => times > 0);
      if (newest > last) {
        away += wait();
        last = newest;
      }
      messages.forEach((message, number) => {
        const times = counts[number] ?? 0;
        // a server that has forgotten what it counted takes nothing back
        if (times === 0 && ["arrived", "doubled"].includes(message.fate)) return;
        if (times === 0 && number < last) message.overtakenAt ??= now();
        if (times > 0) message.fate = times > 1 ? "doubled" : "arrived";
        else if (now() - message.overtakenAt > OVERTAKEN) message.fate = "lost";
      });
    },
    reset() {
      messages = [];
      last = -1;
      away = 0;
    },
    /** The number that the next message will have. */
    next: () => messages.length,
    /** Whether one has arrived that is not older than this number, and it is known what became of all before it. */
    isPast: (number) =>
      last >= number && messages.slice(0, last).every(({ fate }) => fate !== "waiting"),
    totals() {
      const of = (fate) => messages.filter((message) => message.fate === fate).length;
      return {
        away: away + wait(),
        sent: messages.length,
        arrived: of("arrived") + of("doubled"),
        lost: of("lost"),
        doubled: of("doubled"),
      };
    },
  };
}
