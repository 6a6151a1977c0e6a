import type { IncomingMessage } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Faults } from "../support/fault-proxy.mjs";
import { client, connected, next, proxyTo, serve, settled, until } from "../support/harness.js";

const BOTH = { transports: ["polling", "websocket"] } as const;

/** A server that counts the requests which it had to refuse. */
async function strictServer(options = {}) {
  const server = await serve(options);
  const refusals: string[] = [];
  server.io.engine.on("connection_error", ({ code, context }) =>
    refusals.push(`${code} ${JSON.stringify(context)}`),
  );
  server.io.on("connection", (far) => far.on("echo", (n, reply) => reply(n)));
  return { server, refusals };
}

describe("Upgrade", () => {
  it.each([{}, { latency: 5 }, { latency: 1, detour: { http: 3 } }] as Partial<Faults>[])(
    "is never answered with a refusal, in 200 upgrades over %o (UPG-4)",
    async (faults) => {
      const { server, refusals } = await strictServer();
      const proxy = await proxyTo(server, { faults });
      for (let batch = 0; batch < 20; batch++)
        await Promise.all(
          Array.from({ length: 10 }, async (_, i) => {
            const socket = client(proxy.url, BOTH);
            const answers: Promise<unknown>[] = [];
            const talk = setInterval(
              () => answers.length < 20 && answers.push(socket.emitWithAck("echo", answers.length)),
              1 + (i % 3),
            );
            onTestFinished(() => clearInterval(talk));
            await settled(socket, { settles: "websocket" });
            await until(() => answers.length === 20);
            clearInterval(talk);
            expect(await Promise.all(answers)).toEqual(Array.from({ length: 20 }, (_, n) => n));
            socket.disconnect();
          }),
        );
      expect(refusals).toEqual([]);
    },
    60_000,
  );

  it("goes on over polling when the probe dies while the last poll is waited for", async () => {
    const { server } = await strictServer();
    const proxy = await proxyTo(server, {
      faults: { kill: { on: "websocket", direction: "down", afterFrames: 1, nth: 1 } },
    });
    // the switch waits for a write too: one that is not answered before the probe is dead
    const posts: (() => void)[] = [];
    let isHeld = true;
    server.io.engine.use(({ method }: IncomingMessage, _response: unknown, pass: () => void) => {
      if (isHeld && method === "POST") posts.push(pass);
      else pass();
    });
    const socket = client(proxy.url, BOTH);
    await until(() => socket.io.engine !== undefined);
    await next(socket.io.engine as never, "upgradeError");
    expect(proxy.counts.kills).toBe(1);
    isHeld = false;
    for (const pass of posts) pass();
    await connected(socket);
    for (let n = 0; n < 10; n++) expect(await socket.emitWithAck("echo", n)).toBe(n);
  });
});

describe("A goodbye over polling", () => {
  it("of the server is not answered", async () => {
    const { server, refusals } = await strictServer();
    const proxy = await proxyTo(server);
    const socket = client(proxy.url, { transports: ["polling"], reconnection: false });
    await connected(socket);
    const posts = proxy.counts.posts;
    const ended = next(socket, "disconnect");
    for (const far of server.io.of("/").sockets.values()) far.conn.close();
    expect((await ended)[0]).toBe("transport close");
    // whoever came after a goodbye would have come before this one
    await connected(client(server.url, { transports: ["polling"] }));
    expect([proxy.counts.posts - posts, refusals]).toEqual([0, []]);
  });
});
