import { describe, expect, it } from "vitest";
import { closing, proxyTo, serve, until } from "../support/harness.js";
import { farEnd, phone, ways } from "../support/react-native/phone.js";
import { closedPort, startHttp } from "../support/servers.js";

const recovering = { connectionStateRecovery: { maxDisconnectionDuration: 60_000 } };

describe.each(ways)("React Native, over $name", ({ transports, settles }) => {
  it("comes back with what it missed, when the connection is lost (RNA-6)", async () => {
    const server = await serve(recovering);
    const device = phone();
    await device.run("open", server.url, { transports });
    const { id } = await device.run("settled", settles);
    const first = device.told("heard");
    server.io.emit("n", 1);
    // the last argument is the offset, by which it is recovered
    expect(await first).toEqual(["n", 1, expect.any(String)]);

    const far = await farEnd(server);
    const lost = device.told("disconnect");
    const back = device.told("connect");
    const left = new Promise((resolve) => far.once("disconnect", resolve));
    far.conn.close();
    await Promise.all([lost, left]);
    const missed = device.told("heard");
    server.io.emit("n", 2);

    expect(await back).toMatchObject([{ id, recovered: true }]);
    expect(await missed).toEqual(["n", 2, expect.any(String)]);
  });

  it("says why it can't connect", async () => {
    const device = phone();
    const refused = device.told("connect_error");
    await device.run("open", `http://127.0.0.1:${await closedPort()}`, { transports });
    expect(await refused).toMatchObject([{ code: "unreachable" }]);
  });
});

describe("React Native", () => {
  it("connects by WebSocket when nothing is said of transports (RNA-1)", async () => {
    const server = await serve();
    const device = phone();
    const connected = device.told("connect");
    // polling joins a WebSocket that takes its time: here it never does
    await device.run("open", server.url, { fallbackDelay: 120_000 });
    expect(await connected).toMatchObject([{ transport: "websocket" }]);
    expect(device.log).toEqual([]);
  });

  it("falls back to polling where no WebSocket gets through (RNA-2)", async () => {
    const server = await serve();
    const proxy = await proxyTo(server);
    proxy.set({ refuseUpgrade: 403 });
    const device = phone();
    const connected = device.told("connect");
    await device.run("open", proxy.url);
    expect(await connected).toMatchObject([{ transport: "polling" }]);
  });

  it("hands over headers on each transport (RNA-3)", async () => {
    const server = await serve();
    const seen: unknown[] = [];
    server.io.on("connection", ({ handshake, conn }) =>
      seen.push([conn.transport.name, handshake.headers["x-token"], handshake.auth]),
    );
    for (const transport of ["websocket", "polling"]) {
      const device = phone();
      await device.run("open", server.url, {
        transports: [transport],
        extraHeaders: { "x-token": "abc" },
        auth: { name: "ann" },
      });
      await device.run("settled", transport);
    }
    expect(seen).toEqual([
      ["websocket", "abc", { name: "ann" }],
      ["polling", "abc", { name: "ann" }],
    ]);
  });

  it("tells of a status with which the server refuses (RNA-4)", async () => {
    const server = await closing(
      startHttp((_request, response) => response.writeHead(401).end("who are you?")),
    );
    const device = phone();
    const refused = device.told("connect_error");
    await device.run("open", server.url);
    expect(await refused).toMatchObject([{ code: "http-status", isFinal: true }]);
  });

  it("leaves no WebSocket open that was closed before it was open (RNA-5)", async () => {
    const server = await serve();
    // the answer to the upgrade comes when nobody wants it any more
    let answer = (): void => {};
    const left = new Promise<void>((resolve) => (answer = resolve));
    server.io.engine.use((_request: unknown, _response: unknown, pass: () => void) => {
      void left.then(pass);
    });
    const device = phone();
    const met = new Promise<{ readyState: string }>((resolve) =>
      server.io.engine.once("connection", resolve),
    );
    await device.run("open", server.url, { transports: ["websocket"] });
    await device.run("close");
    answer();
    const far = await met;
    await until(() => far.readyState === "closed");
    expect(device.all("connect")).toEqual([]);
  });

  it("takes no half of an answer for a whole one", async () => {
    const server = await serve();
    const proxy = await proxyTo(server);
    const device = phone();
    await device.run("open", proxy.url, { transports: ["polling"] });
    await device.run("settled", "polling");
    const lost = device.told("disconnect");
    proxy.set({ kill: { on: "http", direction: "down", afterBytes: 20_000 } });
    server.io.emit("long", "x".repeat(100_000));
    expect(await lost).toEqual(["transport error"]);
    proxy.set({ kill: null });
    await device.run("settled", "polling");
  });
});
