import { createServer } from "node:http";
import { Server } from "socket.io";

// The server of the rows with a network, in a process of its own: a stock socket.io server.
// It counts POST requests and what it received, and tells the harness over IPC when asked.

const http = createServer();
const io = new Server(http, {
  cors: { origin: true, credentials: true },
  maxHttpBufferSize: 1e8,
  pingInterval: 60_000,
});
let posts = 0;
let latencies = [];

http.on("request", (request) => {
  if (request.method === "POST") posts++;
});

io.on("connection", (socket) => {
  socket.on("move", () => {});
  socket.on("echo", (value, reply) => reply(value));
  socket.on("timed", (sentAt) =>
    latencies.push(performance.timeOrigin + performance.now() - sentAt),
  );
  socket.on("burst", (count) => {
    for (let index = 0; index < count; index++) socket.emit("message of a burst", index);
  });
});

process.on("message", (question) => {
  if (question === "counters") {
    process.send({ posts, latencies });
    posts = 0;
    latencies = [];
  }
});

http.listen(0, "127.0.0.1", () => process.send({ port: http.address().port }));
