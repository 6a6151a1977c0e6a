import { mock } from "node:test";
import { describe, expect, it, onTestFinished } from "vitest";
import { attachments, onDrop } from "../support/client-api.js";
import {
  client,
  closing,
  connected,
  modes,
  next,
  serve,
  settled,
  until,
} from "../support/harness.js";
import { stubGlobal, thrownBy } from "../support/field.js";
import { closedPort, startHttp } from "../support/servers.js";

describe("manager.uri", () => {
  it("that was changed is honoured at the next connect (CON-35)", async () => {
    const [first, second] = [await serve(), await serve()];
    const socket = await connected(client(first.url));
    (socket.io as unknown as { uri: string }).uri = second.url;
    for (const far of first.io.of("/").sockets.values()) far.conn.close();
    await next(socket, "disconnect");
    await connected(socket);
    await until(() => first.io.engine.clientsCount === 0 && second.io.engine.clientsCount === 1);
    expect((socket.io as unknown as { uri: string }).uri).toBe(second.url);
  });

  it("may be changed while a connect fails, for failover (CON-35)", async () => {
    const server = await serve();
    const socket = client(`http://127.0.0.1:${await closedPort()}`);
    socket.io.on("reconnect_attempt", () => {
      (socket.io as unknown as { uri: string }).uri = server.url;
    });
    await connected(socket);
  });
});

describe("off(event, fn)", () => {
  it("removes one registration of two, as in the reference (HEA-9)", async () => {
    const server = await serve();
    server.io.on("connection", (far) => {
      far.on("go", () => {
        far.emit("n", 1);
        far.emit("end");
      });
    });
    const socket = await connected(client(server.url));
    let calls = 0;
    const listener = (): void => void calls++;
    socket.on("n", listener).on("n", listener).off("n", listener);
    socket.emit("go");
    await next(socket, "end");
    expect(calls).toBe(1);
    expect(socket.listeners("n")).toEqual([listener]);
    socket.off("n", listener).off("n", listener);
    expect(socket.hasListeners("n")).toBe(false);
  });

  it("removes one of a once too, and all without a listener", async () => {
    const socket = client("http://localhost:1", { autoConnect: false });
    const listener = (): void => undefined;
    socket.once("n", listener).on("n", listener);
    socket.off("n", listener);
    expect(socket.listeners("n").length).toBe(1);
    socket.on("n", listener).on("n", listener).off("n");
    expect(socket.listeners("n")).toEqual([]);
  });
});

describe.each(modes.slice(0, 2))("Over $name, binary data", (mode) => {
  it("in inherited properties is not sent, as they are not (BIN-14)", async () => {
    const server = await serve(mode.server);
    const received: unknown[] = [];
    server.io.on("connection", (far) => far.on("n", (...args: unknown[]) => received.push(args)));
    const socket = await connected(client(server.url, mode.options));
    let losses = 0;
    socket.io.on("close", () => losses++);
    const value = Object.assign(Object.create({ bytes: Uint8Array.of(1) }), { own: 1 }) as object;
    socket.emit("n", value);
    socket.emit("n", value, Uint8Array.of(2));
    socket.emit("n", "end");
    await until(() => received.length === 3 || losses > 0);
    expect({ received, losses }).toEqual({
      received: [[{ own: 1 }], [{ own: 1 }, Buffer.of(2)], ["end"]],
      losses: 0,
    });
  });

  const bytes = Array.from({ length: 25 }, (_, n) => Uint8Array.of(n));

  /** A stock server whose parser takes more attachments than it does by default. */
  async function serveGenerously() {
    const server = await serve(mode.server);
    const inner = server.io as unknown as { _parser: { Decoder: new (options: object) => object } };
    const Stock = inner._parser.Decoder;
    class Decoder extends Stock {
      constructor() {
        super({ maxAttachments: 100 });
      }
    }
    inner._parser = { ...inner._parser, Decoder };
    return server;
  }

  it("in more pieces than 10 is sent and received where the server takes it (BIN-8)", async () => {
    const server = await serveGenerously();
    server.io.on("connection", (far) => {
      far.on("ask", (many: Buffer[], answer: (many: Buffer[]) => void) => {
        far.emit("many", many);
        answer(many);
      });
    });
    const socket = client(server.url, { ...mode.options, ...attachments(100) });
    await connected(socket);
    const event = next(socket, "many");
    expect((await socket.emitWithAck("ask", bytes)).length).toBe(25);
    expect((await event)[0].map((piece: ArrayBuffer) => new Uint8Array(piece)[0])).toEqual(
      bytes.map((_, n) => n),
    );
  });

  it("in more pieces than the client was told is refused at the emit (BIN-7)", async () => {
    const server = await serveGenerously();
    server.io.on("connection", (far) => far.on("ask", (answer: () => void) => answer()));
    for (const [most, options] of [
      [10, {}],
      [20, attachments(20)],
    ] as const) {
      const socket = await connected(client(server.url, { ...mode.options, ...options }));
      expect(thrownBy(() => socket.emit("n", bytes))).toBe("too-many-attachments");
      expect(thrownBy(() => socket.emit("n", bytes.slice(0, most)))).toBeUndefined();
      await socket.emitWithAck("ask");
      expect(socket.connected).toBe(true);
    }
  });
});

describe.each(modes)("closeOnBeforeunload over $name", (mode) => {
  it("reconnects when the user stays (CON-36)", async () => {
    const page = new EventTarget();
    stubGlobal("addEventListener", page.addEventListener.bind(page));
    stubGlobal("removeEventListener", page.removeEventListener.bind(page));
    const server = await serve(mode.server);
    server.io.on("connection", (far) => {
      far.on("ask", (answer: (n: number) => void) => answer(1));
    });
    const socket = client(server.url, { ...mode.options, closeOnBeforeunload: true });
    await settled(socket, mode);
    const lost = next(socket, "disconnect");
    page.dispatchEvent(new Event("beforeunload"));
    await lost;
    await connected(socket);
    expect(await socket.emitWithAck("ask")).toBe(1);
    await until(() => server.io.engine.clientsCount === 1);
  });
});

describe("Packets that expire one by one", () => {
  const count = 600;

  /** Milliseconds of CPU time that it takes while so many others wait. */
  async function cost(others: number): Promise<number> {
    const socket = client("http://localhost:1", { autoConnect: false });
    let dropped = 0;
    onDrop(socket, (_error, { data }) => {
      if ((data as unknown[])[0] === "n") dropped++;
    });
    mock.timers.enable({ apis: ["setTimeout"] });
    for (let n = 0; n < others; n++) socket.ttl(60_000 + n).emit("other", n);
    for (let n = 0; n < count; n++) socket.ttl(50 + 1.5 * n).emit("n", n);
    const before = process.cpuUsage();
    while (dropped < count) {
      mock.timers.tick(1);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { user, system } = process.cpuUsage(before);
    mock.timers.reset();
    expect(socket.sendBuffer.length).toBe(others);
    return (user + system) / 1000;
  }

  it("cost no more where 20,000 others wait", async () => {
    onTestFinished(() => mock.timers.reset());
    const costs = async (others: number): Promise<number[]> => {
      const all: number[] = [];
      for (let round = 0; round < 3; round++) all.push(await cost(others));
      return all;
    };
    // what else the machine does comes on top
    const alone = Math.min(...(await costs(0)));
    const amid = Math.min(...(await costs(20_000)));
    expect(amid - alone, `${alone} ms of CPU time alone`).toBeLessThan(50);
  });
});

describe("The notes in localStorage", () => {
  it("are pruned: what is there of 3,000 other places goes (TRA-26)", async () => {
    const kept = new Map<string, string>();
    stubGlobal("localStorage", {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => kept.set(key, value),
      removeItem: (key: string) => kept.delete(key),
    });
    const mode = { options: { rememberUpgrade: true }, settles: "websocket" } as const;
    const visit = async (url: string): Promise<void> => {
      const socket = await settled(client(url, mode.options), mode);
      socket.disconnect();
    };
    const servers = [await serve(), await serve()] as const;
    await visit(servers[0].url);
    for (const [key, value] of kept) {
      const notes = JSON.parse(value) as Record<string, unknown>;
      const [place = "", note] = Object.entries(notes)[0] ?? [];
      for (let n = 0; n < 3000; n++) notes[place.replace("127.0.0.1", `host-${n}.test`)] = note;
      expect(Object.keys(notes).length).toBe(3001);
      kept.set(key, JSON.stringify(notes));
    }
    await visit(servers[1].url);
    const size = [...kept.values()].join("").length;
    expect(size).toBeGreaterThan(0);
    expect(size).toBeLessThan(30_000);
  });
});

describe("Polling in Node", () => {
  it.each([301, 302, 307, 308])(
    "takes its headers to no other origin: %i (TRA-39)",
    async (status) => {
      const seen: unknown[] = [];
      const other = await closing(
        startHttp((request, response) => {
          seen.push(request.headers["x-token"], request.headers.authorization);
          response.writeHead(404).end();
        }),
      );
      const server = await closing(
        startHttp((request, response) => {
          response.writeHead(status, { location: other.url + (request.url ?? "") }).end();
        }),
      );
      const socket = client(server.url, {
        transports: ["polling"],
        reconnection: false,
        extraHeaders: { "x-token": "secret", authorization: "Bearer secret" },
      });
      const [error] = await next(socket, "connect_error");
      expect(error.code).toMatch(/^[a-z-]+$/);
      expect(seen.filter(Boolean)).toEqual([]);
    },
  );
});
