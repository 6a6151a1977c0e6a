import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { listen, type RunningServer } from "./servers.js";

const HANDSHAKE = {
  sid: "threeThreeThree",
  upgrades: ["websocket"],
  pingInterval: 25000,
  pingTimeout: 5000,
};

/** Engine.IO 3 puts each packet's length before it. */
function payload(...packets: string[]): string {
  return packets.map((packet) => `${packet.length}:${packet}`).join("");
}

/** Answers as a Socket.IO 2 server does: the handshake, and at once the CONNECT of the main namespace. */
export async function startEngine3(): Promise<RunningServer> {
  const open = `0${JSON.stringify(HANDSHAKE)}`;
  const http = createServer((request, response) => {
    const query = new URL(request.url ?? "/", "http://host").searchParams;
    response.setHeader("Access-Control-Allow-Origin", "*");
    if (request.method === "POST") response.end("ok");
    else if (!query.has("sid")) {
      response.setHeader("Content-Type", "text/plain; charset=UTF-8");
      response.end(payload(open, "40"));
    }
    // A GET with a sid waits for news that never come.
  });
  const sockets = new WebSocketServer({ server: http });
  sockets.on("connection", (socket) => {
    socket.send(open);
    socket.send("40");
  });
  const running = await listen(http);
  return {
    ...running,
    close: async () => {
      for (const socket of sockets.clients) socket.terminate();
      await running.close();
    },
  };
}
