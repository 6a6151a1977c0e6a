import { describe, expect, it, onTestFinished } from "vitest";
import { client, connected, modes, next, serve, settled, until } from "../support/harness.js";
import { flush } from "../support/client-api.js";
import { lossesOf } from "../support/field.js";

const ROUNDS = 200;

/** A main namespace that stays, and a room that is left and entered again on the same connection. */
async function setUp(mode: (typeof modes)[number]) {
  const server = await serve(mode.server);
  let connections = 0;
  server.io.engine.on("connection", () => connections++);
  const received: unknown[] = [];
  server.io.of("/room").on("connection", (far) => {
    far.on("n", (n: unknown) => received.push(n));
    far.on("ask", (n: unknown, answer: (n: unknown) => void) => answer(n));
    far.emit("from", far.id);
  });
  const main = await settled(client(server.url, mode.options), mode);
  const losses = lossesOf(main);
  const room = main.io.socket("/room");
  await connected(room);
  const roomsAtServer = () => server.io.of("/room").sockets;
  return { server, main, room, losses, received, roomsAtServer, connections: () => connections };
}

describe.each(modes)("Leaving a namespace over $name, while another one stays", (mode) => {
  it("and coming back in one tick never ends the connection (NSP-11)", async () => {
    const { room, losses, received, roomsAtServer, connections } = await setUp(mode);
    for (let round = 0; round < ROUNDS && !losses.length; round++) {
      room.disconnect();
      room.connect();
      room.emit("n", round);
      await connected(room);
      await room.emitWithAck("ask", round);
    }
    expect({ losses, connections: connections() }).toEqual({ losses: [], connections: 1 });
    expect(received).toEqual(Array.from({ length: ROUNDS }, (_, n) => n));
    expect([...roomsAtServer().keys()]).toEqual([room.id]);
  });

  it("in the middle of connecting, as StrictMode does, never ends the connection (NSP-15)", async () => {
    const { main, room, losses, roomsAtServer, connections } = await setUp(mode);
    room.disconnect();
    for (let round = 0; round < ROUNDS && !losses.length; round++) {
      room.connect();
      room.disconnect();
      room.connect();
      await connected(room);
      expect(await room.emitWithAck("ask", round)).toBe(round);
      room.disconnect();
    }
    await until(() => roomsAtServer().size === 0);
    expect({ losses, connections: connections() }).toEqual({ losses: [], connections: 1 });
    expect(main.connected).toBe(true);
  });

  it("back and forth within a tick ends where the last call says (NSP-12)", async () => {
    const { room, losses, roomsAtServer } = await setUp(mode);
    for (let round = 0; round < 20; round++) {
      room.disconnect().connect().disconnect().connect();
      await connected(room);
      expect(await room.emitWithAck("ask", round)).toBe(round);
      room.disconnect().connect().disconnect();
      expect(room.active).toBe(false);
      await until(() => roomsAtServer().size === 0);
      room.connect();
      await connected(room);
    }
    expect(losses).toEqual([]);
  });

  it("at an answer of the server, and coming back there, never ends the connection", async () => {
    const { room, losses, connections } = await setUp(mode);
    for (let round = 0; round < 50 && !losses.length; round++) {
      await new Promise<void>((resolve) => {
        room.emit("ask", round, () => {
          room.disconnect().connect();
          resolve();
        });
      });
      await connected(room);
    }
    expect({ losses, connections: connections() }).toEqual({ losses: [], connections: 1 });
  });

  it("keeps a flush of the new stay", async () => {
    const { room, losses, received } = await setUp(mode);
    for (let round = 0; round < 20 && !losses.length; round++) {
      room.emit("n", round);
      room.disconnect().connect();
      await flush(room);
      await new Promise<void>((resolve, reject) => {
        room.auth = (give) => {
          room.auth = {};
          give({});
          // the CONNECT is not answered yet
          room.disconnect().connect();
          flush(room).then(resolve, reject);
        };
        room.disconnect().connect();
      });
      expect(received.length).toBe(round + 1);
    }
    expect(losses).toEqual([]);
  });

  it("lets no event of the old stay reach the new one (NSP-13)", async () => {
    const { server, room, losses } = await setUp(mode);
    const pulse = setInterval(() => {
      for (const far of server.io.of("/room").sockets.values()) far.emit("from", far.id);
    }, 1);
    onTestFinished(() => clearInterval(pulse));
    const strangers: unknown[] = [];
    room.on("from", (id: string) => {
      if (id !== room.id) strangers.push([id, room.id]);
    });
    for (let round = 0; round < 50 && !losses.length; round++) {
      room.disconnect().connect();
      await next(room, "from");
    }
    expect({ losses, strangers }).toEqual({ losses: [], strangers: [] });
  });
});
