import { describe, expect, it } from "vitest";
import type { Socket } from "../../src/index.js";
import { allModes, client, connected, serve, settled, until } from "../support/harness.js";

/** What a socket was told, in order. */
function log(socket: Socket): unknown[] {
  const heard: unknown[] = [];
  socket.on("said", (text: unknown) => heard.push(text));
  return heard;
}

describe("Broadcast", () => {
  describe.each(allModes)("over $name", (mode) => {
    it("reaches all, others, rooms and single sockets as the server chooses (BRW-9)", async () => {
      const server = await serve(mode.server);
      server.io.on("connection", (far) => {
        far.on("join", async (room: string, reply) => {
          await far.join(room);
          reply();
        });
        far.on("to all", (text) => server.io.emit("said", text));
        far.on("to others", (text) => far.broadcast.emit("said", text));
        far.on("to room", (room: string, text) => server.io.to(room).emit("said", text));
        far.on("to room's others", (room: string, text) => far.to(room).emit("said", text));
        far.on("to one", (id: string, text) => server.io.to(id).emit("said", text));
        far.on("done", () => server.io.emit("said", "done"));
      });
      const all = [1, 2, 3].map(() => client(server.url, mode.options));
      const [ann, bob, cat] = all as [Socket, Socket, Socket];
      await Promise.all(all.map((socket) => settled(socket, mode)));
      const [anns, bobs, cats] = all.map(log);
      await Promise.all([ann, bob].map((socket) => socket.emitWithAck("join", "tea")));

      ann.emit("to all", "all");
      ann.emit("to others", "others");
      ann.emit("to room", "tea", "room");
      ann.emit("to room's others", "tea", "room's others");
      ann.emit("to one", cat.id, "only cat");
      ann.emit("to all", new Uint8Array([1, 2]));
      ann.emit("done");
      await until(() => [anns, bobs, cats].every((heard) => heard?.at(-1) === "done"));

      const texts = (heard: unknown[] = []) => heard.filter((text) => typeof text === "string");
      expect(texts(anns)).toEqual(["all", "room", "done"]);
      expect(texts(bobs)).toEqual(["all", "others", "room", "room's others", "done"]);
      expect(texts(cats)).toEqual(["all", "others", "only cat", "done"]);
      for (const heard of [anns, bobs, cats]) {
        const binary = heard?.find((text) => typeof text !== "string") as ArrayBuffer;
        expect([...new Uint8Array(binary)]).toEqual([1, 2]);
      }
    });

    it("with an ack asks every socket (BRW-9)", async () => {
      const server = await serve(mode.server);
      for (const n of [1, 2]) {
        const socket = await connected(client(server.url, mode.options));
        socket.on("who", (reply: (n: number) => void) => reply(n));
      }
      const answers: number[] = await server.io.timeout(15_000).emitWithAck("who");
      expect(answers.sort()).toEqual([1, 2]);
    });
  });
});
