import { describe, expect, it, onTestFinished } from "vitest";
import { io } from "../../src/index.node.js";
import { record, type Recording } from "../../src/recorder/index.js";
import { serve, until } from "../support/harness.js";
import { closedPort, startHttp } from "../support/servers.js";

type Socket = ReturnType<typeof io>;

const SECRET = "s3cr3t";

/** A client that has the secret wherever one may be. */
function connect(host: string): [Socket, Recording] {
  const socket = io(`http://user:${SECRET}@${host}/room?token=${SECRET}#${SECRET}`, {
    path: `/${SECRET}/socket.io`,
    query: { [SECRET]: SECRET },
    auth: { token: SECRET, [SECRET]: 1 },
    extraHeaders: { Cookie: `sid=${SECRET}`, Authorization: `Bearer ${SECRET}` },
    reconnectionDelay: 10,
    reconnectionAttempts: 2,
    forceNew: true,
  });
  onTestFinished(() => void socket.disconnect());
  return [socket, record(socket)];
}

const failed = (socket: Socket): Promise<unknown> =>
  new Promise((resolve) => socket.once("connect_error", resolve));

describe("socket.report()", () => {
  it("holds no secret of a connection that worked (RCD-24)", async () => {
    const server = await serve({ path: `/${SECRET}/socket.io` });
    server.io.of("/room").on("connection", (socket) => {
      socket.on("ask", (_text, answer: (value: unknown) => void) => answer({ [SECRET]: SECRET }));
      socket.emit("told", { [SECRET]: SECRET }, Buffer.from(SECRET));
    });
    const [socket] = connect(new URL(server.url).host);
    await socket.emitWithAck("ask", SECRET);
    server.io.of("/room").disconnectSockets(true);
    await until(() => !!socket.report()?.entries.some(({ kind }) => kind === "close"));
    const report = socket.report();
    expect(report?.server).toBe(server.url);
    expect(report?.entries.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(["in", "out", "state", "channel", "transport"]),
    );
    expect(JSON.stringify(report)).not.toContain(SECRET);
  });

  it("holds no secret of one that never worked (RCD-24)", async () => {
    const unfriendly = await startHttp((_request, response) => {
      response.writeHead(500, SECRET, { "X-Secret": SECRET }).end(SECRET);
    });
    onTestFinished(async () => void (await unfriendly.close()));
    const hosts = [
      new URL(unfriendly.url).host,
      `127.0.0.1:${await closedPort()}`,
      "nowhere.invalid",
    ];
    for (const host of hosts) {
      const [socket] = connect(host);
      const error = (await failed(socket)) as Error;
      const report = socket.report();
      expect(report?.entries.map(({ kind }) => kind)).toContain("failure");
      expect(JSON.stringify(report)).not.toContain(SECRET);
      expect(error).toBeInstanceOf(Error);
    }
  });

  it("holds no secret of what a server refuses (RCD-24)", async () => {
    const server = await serve({ path: `/${SECRET}/socket.io` });
    server.io
      .of("/room")
      .use((_socket, next) =>
        next(Object.assign(new Error(SECRET), { data: { [SECRET]: SECRET } })),
      );
    const [socket] = connect(new URL(server.url).host);
    await failed(socket);
    expect(socket.report()?.entries.map(({ kind }) => kind)).toContain("refused");
    expect(JSON.stringify(socket.report())).not.toContain(SECRET);
  });
});
