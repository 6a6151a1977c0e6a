import type { Server } from "socket.io";

/** A room for everybody. */
export function serveChat(io: Server): void {
  const people = new Map<string, string>();
  io.on("connection", (socket) => {
    socket.on("enter", (name: string, done: (people: string[]) => void) => {
      people.set(socket.id, name);
      done([...people.values()]);
      socket.broadcast.emit("entered", name, [...people.values()]);
    });
    socket.on("say", (text: string) => {
      socket.broadcast.emit("said", people.get(socket.id), text);
    });
    socket.on("typing", (isTyping: boolean) => {
      socket.broadcast.emit("typing", people.get(socket.id), isTyping);
    });
    socket.on("disconnect", () => {
      const name = people.get(socket.id);
      if (people.delete(socket.id)) socket.broadcast.emit("left", name, [...people.values()]);
    });
  });
}
