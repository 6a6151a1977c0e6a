import { describe, expect, it, onTestFinished } from "vitest";
import { allModes, client, connected, serve, until } from "../support/harness.js";

/** What reaches the host's handler for errors that nobody caught. */
function uncaught(): unknown[] {
  const errors: unknown[] = [];
  const others = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => errors.push(error));
  onTestFinished(() => {
    process.removeAllListeners("uncaughtException");
    for (const listener of others) process.on("uncaughtException", listener);
  });
  return errors;
}

describe("Listeners", () => {
  describe.each(allModes)("over $name", (mode) => {
    async function speaking() {
      const server = await serve(mode.server);
      const socket = await connected(client(server.url, mode.options));
      const [far] = server.io.of("/").sockets.values();
      if (far === undefined) throw new Error("the server knows no socket");
      return { socket, far };
    }

    it("hear all events with onAny, before their own listeners (HEA-1)", async () => {
      const { socket, far } = await speaking();
      const heard: unknown[] = [];
      const any = (...args: unknown[]): unknown => heard.push(["any", ...args]);
      socket.onAny(any);
      socket.prependAny((...args) => heard.push(["first", ...args]));
      socket.on("x", (...args: unknown[]) => heard.push(["own", ...args]));
      expect(socket.listenersAny()).toHaveLength(2);
      far.emit("x", 1);
      await until(() => heard.length === 3);
      socket.offAny(any);
      far.emit("y", 2);
      await until(() => heard.length === 4);
      socket.offAny();
      far.emit("z", 3);
      far.emit("x", 4);
      await until(() => heard.length === 5);
      expect(heard).toEqual([
        ["first", "x", 1],
        ["any", "x", 1],
        ["own", 1],
        ["first", "y", 2],
        ["own", 4],
      ]);
    });

    it("see outgoing events with onAnyOutgoing (EMT-14)", async () => {
      const { socket, far } = await speaking();
      const seen: unknown[] = [];
      const any = (...args: unknown[]): unknown => seen.push(["any", ...args]);
      socket.onAnyOutgoing(any);
      socket.prependAnyOutgoing((...args) => seen.push(["first", ...args]));
      expect(socket.listenersAnyOutgoing()).toHaveLength(2);
      const arrived = new Promise<unknown>((resolve) => far.once("x", resolve));
      socket.emit("x", 1);
      socket.offAnyOutgoing(any);
      socket.emit("y", 2);
      socket.offAnyOutgoing();
      socket.emit("z", 3);
      expect(await arrived).toBe(1);
      expect(seen).toEqual([
        ["first", "x", 1],
        ["any", "x", 1],
        ["first", "y", 2],
      ]);
    });

    it("leave with off, in each of its forms, and after once (HEA-8)", async () => {
      const { socket, far } = await speaking();
      const heard: string[] = [];
      const one = (): unknown => heard.push("one");
      const two = (): unknown => heard.push("two");
      const end = (): Promise<void> => {
        far.emit("x");
        return new Promise((resolve) => far.emit("end", () => resolve()));
      };
      socket.on("end", (reply: () => void) => reply());
      socket.on("x", one).on("x", two);
      socket.once("x", () => heard.push("once"));
      await end();
      socket.off("x", one);
      await end();
      socket.off("x");
      await end();
      expect(heard).toEqual(["one", "two", "once", "two"]);
      expect(socket.listeners("x")).toEqual([]);
      expect(socket.hasListeners("end")).toBe(true);
      socket.off();
      expect(socket.hasListeners("end")).toBe(false);
    });

    it("that throw stop neither other listeners nor later packets, and are reported (HEA-3)", async () => {
      const errors = uncaught();
      const { socket, far } = await speaking();
      const heard: unknown[] = [];
      socket.onAny(() => {
        throw new Error("from onAny");
      });
      socket.on("x", () => {
        throw new Error("from a listener");
      });
      socket.on("x", (n: number) => heard.push(n));
      for (const n of [1, 2, 3]) far.emit("x", n);
      far.emit("x", 4, new Uint8Array([1]));
      await until(() => heard.length === 4 && errors.length === 8);
      expect(heard).toEqual([1, 2, 3, 4]);
      expect(socket.connected).toBe(true);
      const messages = errors.map((error) => (error as Error).message);
      expect(messages.filter((message) => message === "from onAny")).toHaveLength(4);
      expect(messages.filter((message) => message === "from a listener")).toHaveLength(4);
    });

    it("that throw in an ack or at connect do no harm either (HEA-4)", async () => {
      const errors = uncaught();
      const server = await serve(mode.server);
      server.io.on("connection", (far) => far.on("echo", (n, reply) => reply(n)));
      const socket = client(server.url, mode.options);
      socket.on("connect", () => {
        throw new Error("at connect");
      });
      socket.emit("echo", 1, () => {
        throw new Error("in an ack");
      });
      expect(await socket.emitWithAck("echo", 2)).toBe(2);
      await until(() => errors.length === 2);
      expect(socket.connected).toBe(true);
    });
  });
});
