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
  // A server that was restarted, or another node, does not know the stream: it makes the same words, from `offset` on.
  const words = async function* (question, { offset, signal }) {
    for (const word of wordsFor(textOf(question, 200)).slice(offset)) {
      if (signal.aborted) return;
      yield word;
      await new Promise((resolve) => setTimeout(resolve, PACE));
    }
  };
  stream(io.of("/answers"), "answer", words, { fromOffset: true });
  // #endregion
}

/** The question, and numbers: so that anybody sees whether one is missing. */
function wordsFor(question) {
  return [`“${question}”`, ...Array.from({ length: WORDS }, (_word, index) => String(index + 1))];
}
