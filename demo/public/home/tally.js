/** Milliseconds after which a message that a later one has overtaken counts as lost. It may still come. */
const OVERTAKEN = 2000;

/**
 * What became of each message of one client.
 *
 * @typedef {"waiting" | "arrived" | "lost" | "doubled"} Fate
 */
export function createTally(now = () => performance.now()) {
  /** @type {{ text: string, fate: Fate, overtakenAt?: number }[]} */
  let messages = [];
  let awaySince;
  let away = 0;

  return {
    messages: () => messages,
    /** @returns {number} its number */
    send(text) {
      return messages.push({ text, fate: "waiting" }) - 1;
    },
    /** @param {number[]} counts how often each number has arrived at the server */
    count(counts) {
      const last = counts.findLastIndex((times) => times > 0);
      messages.forEach((message, number) => {
        const times = counts[number] ?? 0;
        if (times === 0 && number < last) message.overtakenAt ??= now();
        if (times > 0) message.fate = times > 1 ? "doubled" : "arrived";
        else if (now() - message.overtakenAt > OVERTAKEN) message.fate = "lost";
      });
    },
    connected(is) {
      if (is && awaySince !== undefined) away += now() - awaySince;
      awaySince = is ? undefined : (awaySince ?? now());
    },
    reset() {
      messages = [];
      away = 0;
      if (awaySince !== undefined) awaySince = now();
    },
    totals() {
      const of = (fate) => messages.filter((message) => message.fate === fate).length;
      return {
        away: away + (awaySince === undefined ? 0 : now() - awaySince),
        sent: messages.length,
        arrived: of("arrived") + of("doubled"),
        lost: of("lost"),
        doubled: of("doubled"),
      };
    },
  };
}
