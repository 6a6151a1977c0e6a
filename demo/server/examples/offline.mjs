import { dedupe } from "tautline/server";
import { reply, textOf } from "../untrusted.mjs";

/** Notes that may come days late. What is acked is removed from the visitor's outbox. */
export function create() {
  return { open };
}

function open({ io }) {
  // #region
  const notes = io.of("/notes");
  dedupe(notes); // a note that is sent again is handed on once
  notes.on("connection", (socket) => {
    socket.on("note", (words, ack) => {
      socket.broadcast.emit("noted", textOf(words, 500));
      reply(ack, "ok"); // after it was saved
    });
  });
  // #endregion
}
