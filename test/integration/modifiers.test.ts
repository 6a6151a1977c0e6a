import { describe, expect, it } from "vitest";
import { allModes, client, connected, next, serve, settled, until } from "../support/harness.js";

describe("Emit modifiers", () => {
  describe.each(allModes)("over $name", (mode) => {
    it("volatile is delivered when the connection is idle (VOL-2)", async () => {
      const server = await serve(mode.server);
      server.io.on("connection", (far) => far.on("hi", (reply) => reply("hello")));
      const socket = await settled(client(server.url, mode.options), mode);
      await until(() => socket.io.engine?.transport.writable === true);
      const answer = await new Promise((resolve) => socket.volatile.emit("hi", resolve));
      expect(answer).toBe("hello");
    });

    it("volatile is dropped while there is no connection (VOL-1)", async () => {
      const server = await serve(mode.server);
      const heard: unknown[] = [];
      server.io.on("connection", (far) => far.onAny((name) => heard.push(name)));
      const socket = client(server.url, { ...mode.options, autoConnect: false });
      socket.volatile.emit("lost");
      socket.emit("kept");
      expect(socket.sendBuffer).toHaveLength(1);
      socket.connect();
      await until(() => heard.length > 0);
      expect(heard).toEqual(["kept"]);
    });

    it("compress reaches the packet, and changes nothing else (EMT-18)", async () => {
      const server = await serve({
        ...mode.server,
        perMessageDeflate: true,
        httpCompression: { threshold: 0 },
      });
      const text = "lorem ipsum ".repeat(5000);
      server.io.on("connection", (far) => far.on("echo", (value, reply) => reply(value)));
      const socket = await settled(client(server.url, mode.options), mode);
      const created: unknown[] = [];
      socket.io.engine?.on("packetCreate", (packet) => created.push(packet.options?.compress));
      expect(await socket.compress(false).emitWithAck("echo", text)).toBe(text);
      expect(await socket.compress(true).emitWithAck("echo", text)).toBe(text);
      expect(await socket.emitWithAck("echo", text)).toBe(text);
      expect(created.filter((compress) => compress === false)).toHaveLength(1);
    });

    it("hold for one emit only (EMT-13)", async () => {
      const server = await serve(mode.server);
      const heard: unknown[] = [];
      server.io.on("connection", (far) => far.onAny((name) => heard.push(name)));
      const socket = client(server.url, { ...mode.options, autoConnect: false });
      socket.volatile.emit("lost");
      socket.emit("one");
      socket
        .timeout(1)
        .compress(true)
        .volatile.emit("lost too", () => undefined);
      socket.emit("two");
      socket.connect();
      await until(() => heard.length === 2);
      expect(heard).toEqual(["one", "two"]);
    });

    it("send() is a message event, both ways (EMT-10)", async () => {
      const server = await serve(mode.server);
      server.io.on("connection", (far) => far.on("message", (...args) => far.send(...args, "too")));
      const socket = await connected(client(server.url, mode.options));
      const answer = next(socket, "message");
      socket.send("one", { two: 2 });
      expect(await answer).toEqual(["one", { two: 2 }, "too"]);
    });
  });
});
