import { describe, expect, it } from "vitest";
import { allModes, client, connected, serve, settled, until } from "../support/harness.js";
import { stopTheClock, turnsUntil } from "../support/stopped-clock.js";

describe("Retries", () => {
  describe.each(allModes)("over $name", (mode) => {
    it("emit again until the server answers, one after the other (RTY-1)", async () => {
      const server = await serve(mode.server);
      const tries: string[] = [];
      server.io.on("connection", (far) => {
        far.on("job", (name: string, reply) => {
          tries.push(name);
          if (tries.filter((other) => other === name).length >= 3) reply(`${name} done`);
        });
      });
      const options = { ...mode.options, retries: 5, ackTimeout: 100 };
      const socket = await settled(client(server.url, options), mode);
      const elapse = stopTheClock();
      const jobs = ["one", "two"].map(
        (name) =>
          new Promise<unknown[]>((resolve) => {
            socket.emit("job", name, (...args: unknown[]) => resolve(args));
          }),
      );
      const expected = ["one", "one", "one", "two", "two", "two"];
      for (let n = 1; n <= expected.length; n++) {
        await turnsUntil(() => tries.length >= n);
        expect(tries).toEqual(expected.slice(0, n));
        // the third is answered
        if (n % 3) elapse(100);
      }
      expect(await Promise.all(jobs)).toEqual([
        [null, "one done"],
        [null, "two done"],
      ]);
      expect(tries).toEqual(expected);
    });

    it("give up after retries + 1 tries, and go on with the next (RTY-3)", async () => {
      const server = await serve(mode.server);
      let tries = 0;
      server.io.on("connection", (far) => {
        far.on("deaf", () => tries++);
        far.on("fine", (reply) => reply("ok"));
      });
      const options = { ...mode.options, retries: 2, ackTimeout: 80 };
      const socket = await settled(client(server.url, options), mode);
      const elapse = stopTheClock();
      const error = new Promise<Error>((resolve) => socket.emit("deaf", resolve));
      const fine = new Promise<unknown[]>((resolve) => {
        socket.emit("fine", (...args: unknown[]) => resolve(args));
      });
      for (let n = 1; n <= 3; n++) {
        await turnsUntil(() => tries >= n);
        elapse(80);
      }
      expect(await error).toBeInstanceOf(Error);
      expect(await fine).toEqual([null, "ok"]);
      expect(tries).toBe(3);
    });

    it("work with promises, and without a callback", async () => {
      const server = await serve(mode.server);
      const seen: unknown[] = [];
      server.io.on("connection", (far) => {
        far.on("job", (name, reply) => {
          seen.push(name);
          reply(name);
        });
      });
      const socket = client(server.url, { ...mode.options, retries: 1, ackTimeout: 60_000 });
      socket.emit("job", 1);
      expect(await socket.emitWithAck("job", 2)).toBe(2);
      socket.emit("job", 3);
      await until(() => seen.length === 3);
      expect(seen).toEqual([1, 2, 3]);
    });

    it("send the head of the queue again after a reconnect (RTY-7)", async () => {
      const server = await serve(mode.server);
      let tries = 0;
      server.io.on("connection", (far) => {
        far.on("job", (reply) => {
          if (++tries === 1) far.conn.close();
          else reply("done");
        });
      });
      const socket = client(server.url, { ...mode.options, retries: 3, ackTimeout: 60_000 });
      await connected(socket);
      expect(await socket.emitWithAck("job")).toBe("done");
      expect(tries).toBe(2);
    });
  });
});
