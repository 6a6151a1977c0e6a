/** Node as a host: what `import { io } from "tautline"` does there (docs/node.md). */
import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { Agent, createServer as createHttpServer } from "node:http";
import { Server } from "socket.io";
import { describe, expect, it, onTestFinished } from "vitest";
import { io } from "../../src/index.node.js";
import { startBalancer } from "../support/balancer.js";
import { certificate } from "../support/certificate.js";
import { agentClass, setDispatcher } from "../support/dispatcher.js";
import {
  type ClientOptions,
  closing,
  connected,
  next,
  serve,
  settled,
} from "../support/harness.js";
import { runProgram } from "../support/node-program.js";

const polling: ClientOptions = { transports: ["polling"] };
const websocket: ClientOptions = { transports: ["websocket"] };
const carriers = [
  { name: "polling", options: polling },
  { name: "polling over node:http", options: { ...polling, withCredentials: true } },
  { name: "websocket", options: websocket },
];

function client(url: string, options: ClientOptions) {
  const socket = io(url, { forceNew: true, reconnectionDelay: 20, ...options });
  onTestFinished(() => socket.io._close());
  return socket;
}

/** Connects, and keeps no error to itself. */
async function reach(url: string, options: ClientOptions) {
  const socket = client(url, { reconnection: false, ...options });
  const error = await Promise.race([
    connected(socket).then(() => undefined),
    next(socket, "connect_error"),
  ]);
  if (error) throw error[0];
  return socket;
}

describe.each(carriers)("In Node, over $name", ({ options }) => {
  async function echoing(more: ClientOptions = {}) {
    const server = await serve();
    server.io.on("connection", (socket) => {
      socket.on("echo", (data, answer) => answer(data));
      socket.on("push", () => socket.emit("pushed", Buffer.from([7, 8]), { a: new Uint8Array(2) }));
    });
    return reach(server.url, { ...options, ...more });
  }

  it("binary data arrives as Buffers (NOD-3)", async () => {
    const socket = await echoing();
    const pushed = next(socket, "pushed");
    socket.emit("push");
    const [first, { a }] = await pushed;
    expect([first, a]).toEqual([Buffer.from([7, 8]), Buffer.alloc(2)]);
    expect([Buffer.isBuffer(first), Buffer.isBuffer(a)]).toEqual([true, true]);
    const large = Buffer.alloc(100_000, 1);
    const answer = await socket.emitWithAck("echo", large);
    expect(Buffer.isBuffer(answer) && large.equals(answer)).toBe(true);
  });

  it("binary data arrives as ArrayBuffers where the app asks for them (NOD-4)", async () => {
    const socket = await echoing({ binaryType: "arraybuffer" });
    expect(await socket.emitWithAck("echo", Buffer.from([1]))).toBeInstanceOf(ArrayBuffer);
  });

  it("binary data arrives as the engine is told to, until its end", async () => {
    const socket = await echoing();
    const engine = socket.io.engine;
    expect(engine.binaryType).toBe("nodebuffer");
    engine.binaryType = "arraybuffer";
    expect(await socket.emitWithAck("echo", Buffer.from([1]))).toBeInstanceOf(ArrayBuffer);
  });

  it("a listener of the engine gets the same", async () => {
    const socket = await echoing();
    const message = new Promise((resolve) =>
      socket.io.engine?.on("message", (data) => typeof data !== "string" && resolve(data)),
    );
    socket.emit("push");
    expect(Buffer.isBuffer(await message)).toBe(true);
  });
});

describe("In Node, behind a balancer that is sticky by cookie", () => {
  async function balanced() {
    const servers = await Promise.all([serve(), serve(), serve()]);
    const cookies: (string | undefined)[] = [];
    for (const { io: server } of servers)
      server.on("connection", (socket) => {
        cookies.push(socket.request.headers.cookie);
        socket.on("echo", (data, answer) => answer(data));
      });
    const balancer = await closing(
      startBalancer(
        servers.map(({ port }) => port),
        { isSticky: true },
      ),
    );
    return { url: balancer.url, cookies };
  }

  it("polling stays with one node (NOD-5)", async () => {
    const { url } = await balanced();
    const socket = await reach(url, { ...polling, withCredentials: true });
    for (let i = 0; i < 5; i++) expect(await socket.emitWithAck("echo", i)).toBe(i);
  });

  it("polling without withCredentials gets nowhere", async () => {
    const { url } = await balanced();
    await expect(reach(url, polling)).rejects.toMatchObject({ code: "session-unknown" });
  });

  it("the upgrade has the cookie too (NOD-5)", async () => {
    const { url } = await balanced();
    const socket = client(url, { transports: ["polling", "websocket"], withCredentials: true });
    await settled(socket, { settles: "websocket" });
    expect(await socket.emitWithAck("echo", 1)).toBe(1);
  });

  it("a WebSocket takes its cookie along when it comes back, behind the app's own (NOD-6)", async () => {
    const servers = [await serve()];
    const seen: (string | undefined)[] = [];
    for (const { io: server } of servers) {
      server.engine.on("headers", (headers: Record<string, unknown>) => {
        headers["set-cookie"] = "kept=1; Path=/socket.io; HttpOnly";
      });
      server.on("connection", ({ request }) => seen.push(request.headers.cookie));
    }
    const socket = client(servers[0]?.url ?? "", {
      ...websocket,
      withCredentials: true,
      extraHeaders: { cookie: "own=1" },
    });
    await connected(socket);
    socket.io.engine?.close();
    await next(socket, "connect");
    expect(seen).toEqual(["own=1", "own=1; kept=1"]);
  });
});

describe("In Node, a server that sends a WebSocket elsewhere", () => {
  async function sendingElsewhere() {
    const seen: unknown[] = [];
    const elsewhere = await serve();
    elsewhere.io.engine.on("initial_headers", (_: unknown, request: unknown) => seen.push(request));
    const http = createHttpServer().on("upgrade", (_request, socket) => {
      const location = `${elsewhere.url}/socket.io/?EIO=4&transport=websocket`;
      socket.end(`HTTP/1.1 302 Found\r\nLocation: ${location}\r\nSet-Cookie: a=1; Path=/\r\n\r\n`);
    });
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    onTestFinished(() => void http.close());
    return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, seen };
  }
  const secrets = { withCredentials: true, extraHeaders: { authorization: "secret" } };

  it("is not followed by the class of ws (NOD-13)", async () => {
    const { url, seen } = await sendingElsewhere();
    await expect(reach(url, { ...websocket, ...secrets })).rejects.toThrow("websocket error");
    expect(seen).toEqual([]);
  });

  it("is not followed by Node's own (NOD-13)", async () => {
    const { url, seen } = await sendingElsewhere();
    const { output } = await runProgram(
      `const socket = io(${JSON.stringify(url)}, {
         ...${JSON.stringify({ ...websocket, ...secrets })}, reconnection: false,
       });
       socket.on("connect_error", (error) => console.log(error.message));`,
      ownWebSocket,
    );
    expect([output, seen]).toEqual(["websocket error\n", []]);
  });
});

describe("In Node, over TLS with a certificate that nobody knows", () => {
  async function secret(more: object = {}) {
    const https = createServer({ ...certificate, ...more });
    const server = new Server(https);
    await new Promise<void>((resolve) => https.listen(0, "127.0.0.1", resolve));
    onTestFinished(async () => {
      await server.close();
    });
    return `https://127.0.0.1:${(https.address() as AddressInfo).port}`;
  }

  const both = [
    { name: "polling", options: polling },
    { name: "websocket", options: websocket },
  ];

  it.each(both)("it is trusted when it is handed in ($name) (NOD-11)", async ({ options }) => {
    const socket = await reach(await secret(), { ...options, ca: certificate.cert });
    expect(socket.connected).toBe(true);
  });

  it.each(both)("it is trusted when nothing is to be checked ($name)", async ({ options }) => {
    const socket = await reach(await secret(), { ...options, rejectUnauthorized: false });
    expect(socket.connected).toBe(true);
  });

  it.each(both)("it is refused otherwise ($name) (NOD-11)", async ({ options }) => {
    await expect(reach(await secret(), options)).rejects.toMatchObject({ code: "unreachable" });
  });

  it.each(both)(
    "the client shows a certificate of its own ($name) (NOD-11)",
    async ({ options }) => {
      const url = await secret({ requestCert: true, ca: certificate.cert });
      const { cert, key } = certificate;
      const socket = await reach(url, { ...options, ca: cert, cert, key: Buffer.from(key) });
      expect(socket.connected).toBe(true);
    },
  );

  it("Node's own WebSocket takes it too", async () => {
    const url = await secret();
    const { code, output } = await runProgram(
      `const socket = io(${JSON.stringify(url)}, {
         transports: ["websocket"], reconnection: false, ca: ${JSON.stringify(certificate.cert)},
       });
       socket.on("connect", () => { console.log("connected"); socket.disconnect(); });
       socket.on("connect_error", (error) => console.log(error.message, error.attempts));`,
      ownWebSocket,
    );
    expect([code, output]).toEqual([0, "connected\n"]);
  });
});

/** Node 22 has a WebSocket of its own; Node 20 has it behind a flag. */
const ownWebSocket =
  Number(process.versions.node.split(".")[0]) < 22 ? ["--experimental-websocket"] : [];

describe("In Node, an agent", () => {
  it.each([
    { name: "polling", options: polling },
    { name: "websocket", options: websocket },
  ])("makes the connections ($name) (NOD-12)", async ({ options }) => {
    const server = await serve();
    let made = 0;
    class Counting extends Agent {
      override createConnection(...args: Parameters<Agent["createConnection"]>) {
        made++;
        return super.createConnection(...args);
      }
    }
    const agent = new Counting();
    onTestFinished(() => agent.destroy());
    await reach(server.url, { ...options, agent });
    expect(made).toBeGreaterThan(0);
  });
});

describe("In Node, polling is bound by nothing that fetch has", () => {
  it("rests for longer than fetch would wait (NOD-14)", async () => {
    // stands for 300 s; undici looks at its clock about once a second
    setDispatcher(new (agentClass())({ headersTimeout: 100 }));
    const server = await serve({ pingInterval: 2500 });
    const socket = await reach(server.url, polling);
    const lost: unknown[] = [];
    socket.on("disconnect", (...why) => lost.push(why));
    await Promise.race([next(socket.io, "ping"), next(socket, "disconnect")]);
    expect([lost, socket.connected]).toEqual([[], true]);
  });

  it("goes to ports that browsers don't go to (NOD-14)", async () => {
    const http = createHttpServer();
    const io = new Server(http);
    onTestFinished(() => io.close());
    // one of them is free
    for (const port of [6697, 6669, 6668, 6667, 6666, 10_080, 6000, 5061]) {
      http.listen(port, "127.0.0.1");
      if (await once(http, "listening").catch(() => false)) break;
    }
    const socket = await reach(`http://127.0.0.1:${(http.address() as AddressInfo).port}`, polling);
    expect(socket.connected).toBe(true);
  });
});

describe("In Node, a program", () => {
  const ways = [
    { name: "polling", options: `{ transports: ["polling"] }`, flags: [] },
    {
      name: "the class of ws",
      options: `{ transports: ["websocket"], transportOptions: { websocket: { WebSocket: WS } } }`,
      flags: [],
    },
    { name: "Node's own WebSocket", options: `{ transports: ["websocket"] }`, flags: ownWebSocket },
    {
      name: "an upgrade to Node's own WebSocket",
      options: `{ transports: ["polling", "websocket"] }`,
      flags: ownWebSocket,
    },
  ];

  /** Connected, and held by a timer of its own until something has been answered; `then` runs after that. */
  const program = (url: string, options: string, unref: boolean, then = "") => `
    const held = setInterval(() => {}, 1000);
    const socket = io(${JSON.stringify(url)}, { ...${options}, autoUnref: ${unref} });
    socket.on("connect_error", (error) => console.log(error.message));
    const { transports } = ${options};
    const arrived = () => socket.io.engine.transport.name === transports.at(-1);
    socket.on("connect", async () => {
      while (!arrived()) await new Promise((resolve) => socket.io.engine.once("upgrade", resolve));
      console.log(await socket.emitWithAck("echo", "answered"));
      clearInterval(held);
      ${then}
    });`;

  async function echoing() {
    const server = await serve();
    server.io.on("connection", (socket) => socket.on("echo", (data, answer) => answer(data)));
    return server.url;
  }

  it.each(ways)("ends while it is connected, with autoUnref, over $name (NOD-16)", async (way) => {
    const text = program(await echoing(), way.options, true);
    expect(await runProgram(text, way.flags)).toEqual({ code: 0, output: "answered\n" });
  });

  it("is held by its connection without (NOD-16)", async () => {
    // holds nothing itself, so it fires only where something else does
    const later = `setTimeout(() => { console.log("held"); socket.disconnect(); }, 300).unref();`;
    const text = program(await echoing(), `{ transports: ["polling"] }`, false, later);
    expect(await runProgram(text)).toEqual({ code: 0, output: "answered\nheld\n" });
  });

  it("sends headers and cookies over Node's own WebSocket", async () => {
    const server = await serve();
    const seen: unknown[] = [];
    server.io.on("connection", ({ request: { headers } }) => seen.push(headers["x-a"]));
    const { output } = await runProgram(
      `const socket = io(${JSON.stringify(server.url)}, {
         transports: ["websocket"], extraHeaders: { "x-a": "1" },
       });
       socket.on("connect", () => socket.disconnect());`,
      ownWebSocket,
    );
    expect([seen, output]).toEqual([["1"], ""]);
  });

  it.each(["() => null", "null", "() => undefined"])(
    "connects over Node's own WebSocket when its headers are %s",
    async (headers) => {
      const server = await serve();
      const { output } = await runProgram(
        `const socket = io(${JSON.stringify(server.url)}, {
           transports: ["websocket"], reconnection: false, extraHeaders: ${headers},
           transportOptions: { websocket: { extraHeaders: null } },
         });
         socket.on("connect_error", (error) => console.log(error.message, error.cause));
         socket.on("connect", () => { console.log("connected"); socket.disconnect(); });`,
        ownWebSocket,
      );
      expect(output).toBe("connected\n");
    },
  );
});
