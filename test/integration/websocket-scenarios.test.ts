import { createServer } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket as WS, WebSocketServer } from "ws";
import {
  drained,
  explainClose,
  json,
  ReconnectingWebSocket,
  type WebSocketCloseEvent,
  type WebSocketErrorEvent,
  type WebSocketOptions,
  watch,
} from "../../src/websocket/index.js";
import { echoRoom, next, speak } from "../support/echo-server.js";
import { closing, serve } from "../support/harness.js";
import { closedPort, listen, startWebPage } from "../support/servers.js";
import { stopTheClock, turnsUntil } from "../support/stopped-clock.js";

const quick = { WebSocket: WS, minReconnectionDelay: 10, maxReconnectionDelay: 50 };

function connect<In = any, Out = any>(
  url: string,
  options: WebSocketOptions<In, Out> = {},
): ReconnectingWebSocket<In, Out> {
  const ws = new ReconnectingWebSocket<In, Out>(url, { ...quick, ...options });
  onTestFinished(() => ws.close());
  return ws;
}

describe("Scenario 1: echo and a room over a plain WebSocket", () => {
  it("sends, hears its echo and the others (WSK-1)", async () => {
    const { address } = await echoRoom();
    const one = connect(address);
    const other = connect(address);
    await Promise.all([next(one, "open"), next(other, "open")]);
    one.send("hello");
    const [echo, told] = await Promise.all([next(one, "message"), next(other, "message")]);
    expect([echo.data, told.data]).toEqual(["[Echo] You sent -> hello", "[user] hello"]);
  });

  it("sends what was said before it was open, in order", async () => {
    const { address } = await echoRoom();
    const ws = connect(address);
    const heard: unknown[] = [];
    ws.onmessage = ({ data }) => heard.push(data);
    for (const word of ["a", "b", "c"]) ws.send(word);
    await expect.poll(() => heard).toEqual(["a", "b", "c"].map((w) => `[Echo] You sent -> ${w}`));
  });

  it("is closed by the server when it says bye, and stays so", async () => {
    const { address, sockets } = await echoRoom();
    const ws = connect(address);
    ws.send("bye");
    const event = await next<WebSocketCloseEvent>(ws, "close");
    expect(event).toMatchObject({ code: 1000, reason: "you said bye", wasClean: true });
    expect(explainClose(event)).toMatchObject({ fault: "nobody", reconnects: false });
    expect(ws.state).toBe("closed");
    await expect.poll(() => sockets.clients.size).toBe(0);
  });

  it("closes with a code and a reason", async () => {
    const { address, sockets } = await echoRoom();
    const ws = connect(address);
    await next(ws, "open");
    const [server] = sockets.clients;
    const left = new Promise((resolve) =>
      server?.on("close", (code, reason) => resolve([code, String(reason)])),
    );
    const closed = next(ws, "close");
    ws.close(4001, "enough");
    expect(ws.readyState).toBe(2);
    expect(await left).toEqual([4001, "enough"]);
    const event = await closed;
    expect(event).toMatchObject({ code: 4001, reason: "enough", wasClean: true });
    expect([ws.state, ws.readyState]).toEqual(["closed", 3]);
  });

  it.each([1001, 1009, 1011])("explains %i, and connects again (WSK-37)", async (code) => {
    const { address } = await echoRoom();
    const ws = connect(address);
    ws.send(`close ${code}`);
    const event = await next<WebSocketCloseEvent>(ws, "close");
    expect(event).toMatchObject({ code, reason: `as you like: ${code}`, wasClean: true });
    expect(explainClose(event)).toMatchObject({ code, reconnects: true });
    await next(ws, "open");
  });

  it("explains 1006, and connects again", async () => {
    const { address, cut } = await echoRoom();
    const ws = connect(address);
    await next(ws, "open");
    cut();
    const event = await next<WebSocketCloseEvent>(ws, "close");
    expect(event).toMatchObject({ code: 1006, wasClean: false });
    expect(explainClose(event)).toMatchObject({ fault: "network", reconnects: true });
    await next(ws, "open");
  });
});

describe("Scenario 2: a subprotocol, and a server that accepts only that", () => {
  async function choosy() {
    const http = createServer();
    const sockets = new WebSocketServer({ noServer: true });
    http.on("upgrade", (request, socket, head) => {
      if (request.headers["sec-websocket-protocol"] !== "chat.v2") {
        socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
        return;
      }
      sockets.handleUpgrade(request, socket, head, (ws) => {
        ws.send(JSON.stringify({ type: "connected" }));
      });
    });
    const running = await closing(listen(http));
    return running.url.replace("http", "ws");
  }

  it("is let in with it", async () => {
    const ws = connect(await choosy(), { protocols: "chat.v2", codec: json });
    expect((await next(ws, "message")).data).toEqual({ type: "connected" });
    expect(ws.protocol).toBe("chat.v2");
  });

  it("is told of the refusal without it", async () => {
    const ws = connect(await choosy(), { maxRetries: 0 });
    const [error, close] = await Promise.all([
      next<WebSocketErrorEvent>(ws, "error"),
      next<WebSocketCloseEvent>(ws, "close"),
    ]);
    expect(error.error).toMatchObject({ name: "TautlineError", code: "transport-error" });
    expect(String(error.error.cause)).toContain("400");
    expect(close.code).toBe(1006);
    expect(ws.state).toBe("closed");
  });
});

describe("Scenario 3: JSON messages", () => {
  it("goes both ways as values", async () => {
    const { address } = await speak((socket) => {
      socket.on("message", (data) => {
        const { type, content } = JSON.parse(String(data));
        socket.send(JSON.stringify({ type, content: `${content}!` }));
      });
    });
    const ws = connect(address, { codec: json });
    ws.send({ type: "say", content: "hello" });
    expect((await next(ws, "message")).data).toEqual({ type: "say", content: "hello!" });
  });

  it("reports what does not parse, with all of it, and goes on", async () => {
    const { address } = await speak((socket) => {
      socket.send("{ no json");
      socket.send(Buffer.from([1, 2, 3]));
      socket.send('{"fine":true}');
    });
    const ws = connect(address, { codec: json });
    ws.binaryType = "arraybuffer";
    const errors: WebSocketErrorEvent[] = [];
    ws.onerror = (event) => errors.push(event);
    expect((await next(ws, "message")).data).toEqual({ fine: true });
    expect(errors.map(({ error }) => error.code)).toEqual(["parse-error", "parse-error"]);
    expect(errors[0]?.error.data).toBe("{ no json");
    expect(new Uint8Array(errors[1]?.error.data as ArrayBuffer)).toEqual(new Uint8Array([1, 2, 3]));
    expect(errors[0]?.error.cause).toBeInstanceOf(SyntaxError);
    expect(ws.state).toBe("open");
  });
});

describe("Scenario 4: a heartbeat", () => {
  const heartbeat = {
    message: "ping",
    interval: 20,
    timeout: 200,
    isAnswer: (data: unknown) => data === "pong",
  };

  it("stays with a server that answers, and keeps the answers to itself (WSK-33)", async () => {
    const elapse = stopTheClock();
    let pings = 0;
    const { address } = await speak((socket) => {
      socket.on("message", (data) => {
        if (String(data) === "ping") socket.send("pong", () => pings++);
        else socket.send(String(data));
      });
    });
    const ws = connect(address, { watch: watch({ network: false, heartbeat }) });
    const told: unknown[] = [];
    ws.onmessage = ({ data }) => told.push(data);
    ws.onclose = () => told.push("close");
    // a second goes by; the server's answers come in all the time
    for (let n = 1; n <= 50; n++) {
      elapse(20);
      ws.send("hello");
      await turnsUntil(() => told.length === n);
    }
    expect(told).toEqual(Array(50).fill("hello"));
    expect(pings).toBeGreaterThan(3);
  });

  it("drops a server that has gone silent, and connects again", async () => {
    let isSilent = true;
    const { address } = await speak((socket) => {
      socket.on("message", () => isSilent || socket.send("pong"));
    });
    const ws = connect(address, { watch: watch({ network: false, heartbeat }) });
    await next(ws, "open");
    const [error, close] = await Promise.all([next(ws, "error"), next(ws, "close")]);
    expect(error.error).toMatchObject({ code: "timeout" });
    expect(error.message).toContain("heartbeat");
    expect(close).toMatchObject({ code: 1006, wasClean: false });
    isSilent = false;
    await next(ws, "open");
  });
});

describe("Scenario 5: a slow network and many messages", () => {
  it("never lets more wait than it is told to (WSK-38)", async () => {
    const total = 400;
    let received = 0;
    const { address } = await speak((socket) => {
      socket.on("message", (data: Buffer) => {
        received += data.length;
        // a reader that is slower than the sender
        socket.pause();
        setTimeout(() => socket.resume(), 1);
      });
    });
    const ws = connect(address);
    const chunk = new Uint8Array(64 * 1024);
    const below = 256 * 1024;
    let most = 0;
    for (let i = 0; i < total; i++) {
      await drained(ws, { below });
      ws.send(chunk);
      most = Math.max(most, ws.bufferedAmount);
    }
    await expect.poll(() => received).toBe(total * chunk.length);
    // and the frame headers that `ws` counts
    expect(most).toBeLessThan(below + chunk.length + 1024);
  });

  it("ends waiting with the signal, the timeout, and the WebSocket (WSK-39)", async () => {
    const ws = connect("ws://127.0.0.1:1/", { startClosed: true });
    ws.send("x".repeat(100));
    const controller = new AbortController();
    const waits = drained(ws, { below: 10, signal: controller.signal });
    await expect(waits).rejects.toMatchObject({ code: "disconnected" });
    ws.open();
    const aborted = drained(ws, { below: 10, signal: controller.signal });
    controller.abort("why");
    await expect(aborted).rejects.toMatchObject({ code: "aborted", cause: "why" });
    await expect(drained(ws, { below: 10, timeout: 30 })).rejects.toMatchObject({
      code: "timeout",
    });
    await drained(ws, { below: 1000 });
  });
});

describe("Scenario 6: a test page with Connect and Disconnect", () => {
  it("disconnects and connects again to the same URL at once", async () => {
    const { address } = await echoRoom();
    const log: string[] = [];
    const ws = connect(address, { startClosed: true });
    for (const type of ["open", "close", "error"]) ws.addEventListener(type, () => log.push(type));
    expect(ws.readyState).toBe(3);
    for (let i = 0; i < 5; i++) {
      ws.open();
      await next(ws, "open");
      ws.close();
      ws.open();
      await next(ws, "open");
      ws.close();
      await next(ws, "close");
    }
    expect(log).toEqual(Array.from({ length: 10 }, () => ["open", "close"]).flat());
    ws.send("after");
    ws.open();
    expect((await next(ws, "message")).data).toBe("[Echo] You sent -> after");
  });
});

describe("Scenario 20: the wrong kind of server", () => {
  const failure = async (url: string) => {
    const ws = connect(url, { maxRetries: 0 });
    const [error, close] = await Promise.all([
      next<WebSocketErrorEvent>(ws, "error"),
      next<WebSocketCloseEvent>(ws, "close"),
    ]);
    return { error: error.error, close, meaning: explainClose(close).meaning };
  };

  it("says so at a Socket.IO server", async () => {
    const { url } = await serve();
    // it takes the upgrade away from nobody, and answers it with a status
    const { error, close } = await failure(`${url.replace("http", "ws")}/socket.io/?EIO=2`);
    expect(error).toMatchObject({ code: "transport-error" });
    expect(String(error.cause)).toContain("400");
    expect(close.code).toBe(1006);
  });

  it("opens at a Socket.IO server's address, which ends what is no packet of its own", async () => {
    const { url } = await serve();
    const ws = connect(`${url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`, {
      maxRetries: 0,
    });
    const { data } = await next<MessageEvent<string>>(ws, "message");
    expect(data).toMatch(/^0\{"sid":/);
    ws.send("hello");
    const { code } = await next<WebSocketCloseEvent>(ws, "close");
    expect(explainClose(code)).toMatchObject({ code: 1005, reconnects: true });
  });

  it("says so at a page that is not there", async () => {
    const page = await closing(startWebPage({ status: 404 }));
    const { error, meaning } = await failure(page.url.replace("http", "ws"));
    expect(String(error.cause)).toContain("404");
    expect(meaning).toContain("a wrong address");
  });

  it("says so where nobody listens", async () => {
    const { error, close } = await failure(`ws://127.0.0.1:${await closedPort()}`);
    expect(String(error.cause)).toContain("ECONNREFUSED");
    expect(close).toMatchObject({ code: 1006, wasClean: false });
  });
});
