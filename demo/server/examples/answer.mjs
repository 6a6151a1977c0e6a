import { stream } from "tautline/server";
import { textOf } from "../untrusted.mjs";

/** An answer as a language model would give it: word by word. */
const PACE = 90;
const WORDS = 80;

export function create() {
  return { open };
}

function open({ io }) {
  // #region
  stream(io.of("/answers"), "answer", async function* (question, { signal }) {
    for (const word of wordsFor(textOf(question, 200))) {
      if (signal.aborted) return;
      yield word;
      await new Promise((resolve) => setTimeout(resolve, PACE));
    }
  });
  // #endregion
}

/** The question, and numbers: so that anybody sees whether one is missing. */
function wordsFor(question) {
  return [`“${question}”`, ...Array.from({ length: WORDS }, (_word, index) => String(index + 1))];
}
