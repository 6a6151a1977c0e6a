import { io } from "tautline";
import { stream } from "tautline/stream";
import { button, connection, element, form, row, setText } from "../parts/ui.js";
import { openExample } from "./frame.js";

const { url, show, text, cut, announce } = await openExample();
const socket = io(`${url}/answers`);
const answer = element("p", { class: "answer" });
const count = element("p", { class: "hint" });
let abort = new AbortController();

// #region
async function ask(question) {
  abort.abort();
  abort = new AbortController();
  const { signal } = abort;
  answer.replaceChildren();
  let words = 0;
  try {
    // The loop goes on after a lost connection behind the last word that it had.
    for await (const word of stream(socket, "answer", question, { signal })) {
      answer.append(word, " ");
      setText(count, text("words", { words: ++words }));
    }
    setText(count, text("complete", { words }));
    announce(text("complete", { words }));
  } catch (error) {
    if (!signal.aborted) setText(count, `${error.code}: ${error.message}`);
  }
}
// #endregion

show(
  connection(socket),
  form({ label: text("question"), action: text("ask"), value: text("example"), onsubmit: ask }),
  row(
    button(text("cut"), () => cut(2)),
    button(text("stop"), () => abort.abort()),
  ),
  answer,
  count,
);
