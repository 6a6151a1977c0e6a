import { reply } from "./untrusted.mjs";

/**
 * The chat room, as anybody would write it for a stock `socket.io` server.
 *
 * from the client   `chat message` ({ key, text }, ack)   `rename` (name, ack)
 * to the client     `welcome` ({ name, recent })   `chat message` (message)   `people` (names)
 *                   `system` ({ what: "joined" | "back" | "left" | "renamed", name, before, at })
 *
 * A message is `{ id, key, name, text, at }`. The sender makes up `key`, so that a message that is sent again after a
 * lost connection is put into the room once.
 */
const MAX_TEXT = 500;
const MAX_NAME = 24;
const MAX_KEY = 64;
const RECENT = 50;
const REMEMBERED_KEYS = 1000;

/** What was said, which another server may go on with: `open(io)` after a restart. */
export function createChatRoom() {
  const recent = [];
  const byKey = new Map();
  let lastId = 0;

  /** @param {{ io: import("socket.io").Server, isCluster?: boolean }} server */
  const open = ({ io, isCluster }) => {
    // What was said at another node.
    if (isCluster) io.on("said elsewhere", remember);
    // #region
    io.on("connection", (socket) => {
      const wanted = cleanName(socket.handshake.auth.name);
      socket.data.name = wanted ?? socket.data.name ?? `Guest ${socket.id.slice(0, 4)}`;
      // A recovered connection is sent what it missed by the server itself.
      if (!socket.recovered) socket.emit("welcome", { name: socket.data.name, recent });
      announce(socket, socket.recovered ? "back" : "joined");
      tellPeople();

      socket.on("chat message", (payload, ack) => {
        const draft = cleanMessage(payload);
        if (!draft) return reply(ack, refusal("text", "A message is text of 1 to 500 characters."));
        const known = byKey.get(draft.key);
        if (known) return reply(ack, { ok: true, id: known.id, at: known.at });
        const message = { id: ++lastId, name: socket.data.name, at: Date.now(), ...draft };
        remember(message);
        if (isCluster) io.serverSideEmit("said elsewhere", message);
        socket.broadcast.emit("chat message", message);
        reply(ack, { ok: true, id: message.id, at: message.at });
      });

      socket.on("rename", (value, ack) => {
        const name = cleanName(value);
        if (!name) return reply(ack, refusal("name", "A name has 1 to 24 characters."));
        const before = socket.data.name;
        socket.data.name = name;
        reply(ack, { ok: true, name });
        if (name === before) return;
        io.emit("system", { what: "renamed", before, name, at: Date.now() });
        tellPeople();
      });

      socket.on("disconnect", () => {
        announce(socket, "left");
        tellPeople();
      });
    });
    // #endregion

    function announce(socket, what) {
      socket.broadcast.emit("system", { what, name: socket.data.name, at: Date.now() });
    }

    /** Those at other nodes too, which have to be asked. */
    async function tellPeople() {
      const sockets = await io.fetchSockets().catch(() => undefined);
      if (sockets)
        io.emit(
          "people",
          sockets.map(({ data }) => data.name),
        );
    }
  };
  return { open };

  function remember(message) {
    recent.push(message);
    if (recent.length > RECENT) recent.shift();
    byKey.set(message.key, message);
    if (byKey.size > REMEMBERED_KEYS) byKey.delete(byKey.keys().next().value);
  }
}

function refusal(code, error) {
  return { ok: false, code, error };
}

function cleanMessage(payload) {
  if (typeof payload !== "object" || payload === null) return undefined;
  const { key, text } = payload;
  if (typeof key !== "string" || key === "" || key.length > MAX_KEY) return undefined;
  const trimmed = typeof text === "string" ? text.trim() : "";
  return trimmed === "" || trimmed.length > MAX_TEXT ? undefined : { key, text: trimmed };
}

function cleanName(value) {
  const name = typeof value === "string" ? value.trim() : "";
  return name === "" || name.length > MAX_NAME ? undefined : name;
}
