import { describe, expect, it } from "vitest";
import { allModes, client, connected, serve, settled, until } from "../support/harness.js";

describe("Acks", () => {
  describe.each(allModes)("over $name", (mode) => {
    it("carry the server's answer to the callback (ACK-1)", async () => {
      const server = await serve(mode.server);
      server.io.on("connection", (far) => {
        far.on("sum", (a: number, b: number, reply) => reply(a + b, { of: [a, b] }));
      });
      const socket = await settled(client(server.url, mode.options), mode);
      const answer = await new Promise((resolve) => {
        socket.emit("sum", 2, 3, (...args: unknown[]) => resolve(args));
      });
      expect(answer).toEqual([5, { of: [2, 3] }]);
    });

    it("carry the client's answer to the server, once (HEA-12)", async () => {
      const server = await serve(mode.server);
      const socket = client(server.url, mode.options);
      socket.on("double", (n: number, reply: (n: number) => void) => {
        reply(n * 2);
        reply(-1);
      });
      await settled(socket, mode);
      const [far] = server.io.of("/").sockets.values();
      expect(await far?.timeout(15_000).emitWithAck("double", 21)).toBe(42);
    });

    it("find their callers when 300 are under way at once (ACK-2)", async () => {
      const server = await serve(mode.server);
      server.io.on("connection", (far) => far.on("echo", (n: number, reply) => reply(n)));
      const socket = await connected(client(server.url, mode.options));
      const numbers = Array.from({ length: 300 }, (_, n) => n);
      const answers = await Promise.all(numbers.map((n) => socket.emitWithAck("echo", n)));
      expect(answers).toEqual(numbers);
    });

    it("carry binary both ways (BIN-10)", async () => {
      const server = await serve(mode.server);
      server.io.on("connection", (far) => {
        far.on("flip", (bytes: Uint8Array, reply) =>
          reply({ flipped: Buffer.from(bytes).reverse() }),
        );
      });
      const socket = await connected(client(server.url, mode.options));
      const { flipped } = await socket.emitWithAck("flip", new Uint8Array([1, 2, 3]));
      expect([...new Uint8Array(flipped)]).toEqual([3, 2, 1]);
    });

    it("reject in time, with a callback and with a promise (ACK-5)", async () => {
      const server = await serve(mode.server);
      const socket = await connected(client(server.url, mode.options));
      const error = await new Promise<Error>((resolve) => {
        socket.timeout(20).emit("nobody answers", resolve);
      });
      expect(error.message).toBe("operation has timed out");
      await expect(socket.timeout(20).emitWithAck("nobody answers")).rejects.toThrow(
        "operation has timed out",
      );
    });

    it("keep their null before an answer in time (ACK-4)", async () => {
      const server = await serve(mode.server);
      server.io.on("connection", (far) => far.on("hi", (reply) => reply("hello", 2)));
      const socket = await connected(client(server.url, mode.options));
      const args = await new Promise((resolve) => {
        socket.timeout(5000).emit("hi", (...all: unknown[]) => resolve(all));
      });
      expect(args).toEqual([null, "hello", 2]);
    });

    it("with a timeout fail at disconnect, and plain ones stay silent (ACK-10)", async () => {
      const server = await serve(mode.server);
      const socket = await connected(client(server.url, mode.options));
      let plain = 0;
      socket.emit("nobody answers", () => plain++);
      const failed = socket.timeout(60000).emitWithAck("nobody answers");
      const expectation = expect(failed).rejects.toThrow("socket has been disconnected");
      socket.disconnect();
      await expectation;
      expect(plain).toBe(0);
    });

    it("of a promise without a timeout settle at disconnect (ACK-9)", async () => {
      const server = await serve(mode.server);
      const socket = await connected(client(server.url, mode.options));
      const failed = socket.emitWithAck("nobody answers");
      const expectation = expect(failed).rejects.toMatchObject({ code: "disconnected" });
      socket.disconnect();
      await expectation;
    });

    it("take a buffered packet out of the buffer when they expire (ACK-7)", async () => {
      const server = await serve(mode.server);
      const received: unknown[] = [];
      server.io.on("connection", (far) => far.onAny((name) => received.push(name)));
      const socket = client(server.url, { ...mode.options, autoConnect: false });
      const late = socket.timeout(10).emitWithAck("late");
      socket.emit("in time");
      await expect(late).rejects.toThrow("operation has timed out");
      expect(socket.sendBuffer).toHaveLength(1);
      socket.connect();
      await until(() => received.length > 0);
      expect(received).toEqual(["in time"]);
    });
  });
});
