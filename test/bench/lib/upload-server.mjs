import { createServer } from "node:http";
import { Server } from "socket.io";
import { receiveUploads } from "../../../dist/server.js";

// The server of uploads, in a process of its own: `receiveUploads()`, and a handler as an app writes it by hand.

const http = createServer((_request, response) =>
  response
    .writeHead(200, { "Content-Type": "text/html" })
    .end('<!doctype html><input type="file" />'),
);
const io = new Server(http, {
  cors: { origin: true },
  maxHttpBufferSize: 1e8,
  pingInterval: 60_000,
});

receiveUploads(
  io,
  "upload",
  async (_file, chunks) => {
    let bytes = 0;
    for await (const chunk of chunks) bytes += chunk.length;
    return bytes;
  },
  { maxSize: Infinity },
);
io.on("connection", (socket) => {
  socket.on("plain", ({ offset, data, complete }, reply) =>
    reply(complete ? { offset, complete } : { offset: data ? offset + data.length : 0 }),
  );
  let bytes = 0;
  socket.on("chunk", (chunk, reply) => reply((bytes += chunk.length)));
});

http.listen(0, "127.0.0.1", () => process.send({ port: http.address().port }));
