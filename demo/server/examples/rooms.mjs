import { reply, textOf } from "../untrusted.mjs";

/** Rooms and private messages: `join`, `to` and `leave` of a stock Socket.IO server. */
const ROOMS = ["red", "blue"];

export function create() {
  return { open };
}

function open({ io }) {
  const rooms = io.of("/rooms");
  // #region
  rooms.on("connection", (socket) => {
    const name = textOf(socket.handshake.auth.name, 24);
    // A room of one's own, by the name: whoever writes to it reaches all of this person's connections.
    socket.join(`person:${name}`);

    socket.on("join", (room) => ROOMS.includes(room) && socket.join(room));
    socket.on("leave", (room) => ROOMS.includes(room) && socket.leave(room));
    socket.on("say", (room, words) => {
      // Only who is in a room may speak there; everybody in it hears it, the speaker too.
      if (socket.rooms.has(room))
        rooms.to(room).emit("said", { room, from: name, words: textOf(words, 500) });
    });
    socket.on("whisper", async (to, words, ack) => {
      const room = `person:${textOf(to, 24)}`;
      rooms.to(room).emit("whispered", { from: name, words: textOf(words, 500) });
      reply(ack, (await rooms.in(room).fetchSockets()).length > 0);
    });
  });
  // #endregion
}
