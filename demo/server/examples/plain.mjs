import { WebSocketServer } from "ws";

/** A room without Socket.IO: the package `ws` alone, at an address of its own. */
export function create() {
  return { open };
}

function open({ http }) {
  // #region
  const room = new WebSocketServer({ noServer: true, maxPayload: 10_000 });
  http.on("upgrade", (request, socket, head) => {
    if (request.url !== "/plain") return;
    room.handleUpgrade(request, socket, head, (client) => room.emit("connection", client));
  });
  room.on("connection", (client) => {
    client.on("error", () => {}); // a message that is too large closes with 1009
    client.on("message", (data) => {
      const words = String(data);
      if (words === "ping") return client.send("pong");
      if (words === "bye") return client.close(1000, "bye");
      if (words === "crash") return client.close(1011, "the server failed");
      client.send(`[Echo] You sent -> ${words}`);
      for (const other of room.clients) if (other !== client) other.send(`[user] ${words}`);
    });
  });
  // A restart: 1001, "going away".
  http.on("close", () => room.close());
  // #endregion
  const close = http.close.bind(http);
  http.close = (done) => {
    for (const client of room.clients) client.close(1001, "restarting");
    return close(done);
  };
}
