import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import { client, connected, modes, next, serve } from "../support/harness.js";

type Give = (data: object) => void;

const token = { token: "good" };

describe.each(modes.slice(0, 2))("auth over $name", ({ options, server: serverOptions }) => {
  async function seen(auth: unknown): Promise<unknown> {
    const server = await serve(serverOptions);
    const handshakes: unknown[] = [];
    server.io.on("connection", ({ handshake }) => handshakes.push(handshake.auth));
    const socket = client(server.url, { ...options, auth: auth as never });
    await connected(socket);
    return handshakes[0];
  }

  const returned: [name: string, auth: (give: Give) => unknown][] = [
    ["a timer", (give) => setTimeout(() => give(token), 5)],
    [
      "an emitter",
      (give) => {
        const emitter = new EventEmitter().once("ready", () => give(token));
        setImmediate(() => emitter.emit("ready"));
        return emitter;
      },
    ],
    [
      "an object that is no plain one",
      (give) => {
        setImmediate(() => give(token));
        return new Map([["token", "of somebody else"]]);
      },
    ],
    [
      "an object, having given at once",
      (give) => {
        give(token);
        return { token: "of somebody else" };
      },
    ],
    [
      "a promise of nothing",
      async (give) => {
        await Promise.resolve();
        setImmediate(() => give(token));
      },
    ],
    [
      "a boolean, having given at once",
      (give) => {
        give(token);
        return true;
      },
    ],
    [
      "what the second call would give",
      (give) => {
        give(token);
        give({ token: "second" });
      },
    ],
  ];

  it.each(returned)(
    "with a parameter that returns %s sends what is given (AUT-4)",
    async (_name, auth) => {
      expect(await seen(auth)).toEqual(token);
    },
  );

  it("with a parameter that rejects is a failure, with its cause (AUT-16)", async () => {
    const server = await serve(serverOptions);
    const cause = new Error("no token");
    const socket = client(server.url, {
      ...options,
      auth: (async (_give: Give) => {
        await Promise.resolve();
        throw cause;
      }) as never,
    });
    const [error] = await next(socket, "connect_error");
    expect(error).toMatchObject({ code: "auth-failed", cause });
  });

  it.each([
    ["an object", () => token],
    ["a promise", () => Promise.resolve(token)],
    ["an object", (_context: unknown) => token],
    ["a promise", async (_context: unknown) => Promise.resolve(token)],
  ])("sends %s that it returns (AUT-4)", async (_name, auth) => {
    expect(await seen(auth)).toEqual(token);
  });
});
