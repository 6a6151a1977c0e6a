import { io } from "tautline";
import { isolated } from "../parts/texts.js";
import { check, connection, element, form, log, row } from "../parts/ui.js";
import { openExample } from "./frame.js";

const { url, show, text } = await openExample();
const ROOMS = ["red", "blue"];

// #region
/** One person with a connection of her own: the client needs no API for rooms, the server does it all. */
function person(name, heard) {
  const socket = io(`${url}/rooms`, { forceNew: true, auth: { name } });
  const rooms = new Set();
  socket.on("said", heard);
  socket.on("whispered", (message) => heard({ room: text("private"), ...message }));
  socket.on("connect", () => {
    // A recovered session is still in its rooms. A new one has to be put into them again.
    if (!socket.recovered) for (const room of rooms) socket.emit("join", room);
  });
  return {
    socket,
    enter(room, isIn) {
      if (isIn) rooms.add(room);
      else rooms.delete(room);
      socket.emit(isIn ? "join" : "leave", room);
    },
    say: (room, words) => socket.emit("say", room, words),
    whisper: (to, words) => socket.emitWithAck("whisper", to, words),
  };
}
// #endregion

const names = ["Ann", "Ben", "Cleo"];
show(element("div", { class: "people" }, ...names.map(card)));

function card(name) {
  const lines = log(text("log", { name }));
  const { socket, enter, say, whisper } = person(name, (message) =>
    lines.write(isolated("examples.rooms.heard", message)),
  );
  const target = element(
    "select",
    { "aria-label": text("to") },
    ...ROOMS.map((room) => element("option", { value: room }, text(room))),
    ...names
      .filter((other) => other !== name)
      .map((other) => element("option", { value: other }, other)),
  );
  const submit = async (words) => {
    if (ROOMS.includes(target.value)) return say(target.value, words);
    const to = target.value;
    try {
      const arrived = await whisper(to, words);
      lines.write(text(arrived ? "whispered" : "nobody", { to }));
    } catch {
      // The line was lost before the answer came.
      lines.write(text("unanswered", { to }), "bad");
    }
  };
  return element(
    "section",
    { class: "card", "aria-label": name },
    element("h2", {}, name),
    connection(socket),
    row(...ROOMS.map((room) => check(text(room), (isIn) => enter(room, isIn)))),
    lines.node,
    target,
    form({ label: text("words"), action: text("send"), onsubmit: submit }),
  );
}
