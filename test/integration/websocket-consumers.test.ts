/**
 * Libraries that take a WebSocket class, handed this one: each against its own server, through connections that are cut.
 * docs/websocket.md says the same in words: which of them reconnect by themselves, and what each needs.
 */
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { Client as StompClient } from "@stomp/stompjs";
import { Aedes } from "aedes";
import { newWebSocketRpcSession, RpcTarget } from "capnweb";
import type * as graphql from "graphql";
import { createClient as createGraphqlClient } from "graphql-ws";
import { useServer } from "graphql-ws/use/ws";
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import StompServer from "stomp-broker-js";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { createWebSocketStream, WebSocket as WS } from "ws";
import { WebsocketProvider } from "y-websocket";
import * as syncProtocol from "y-protocols/sync";
import * as Y from "yjs";
import { ReconnectingWebSocket, type WebSocketOptions } from "../../src/websocket/index.js";
import { next, speak } from "../support/echo-server.js";
import { closing, proxyTo } from "../support/harness.js";
import { listen, type RunningServer } from "../support/servers.js";

/** The one that graphql-ws has. */
const { buildSchema } = createRequire(import.meta.url)("graphql") as typeof graphql;

const made: ReconnectingWebSocket[] = [];

/** The class that a library makes connections of, with options of the test's. */
function classWith(options: WebSocketOptions) {
  return class extends ReconnectingWebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols, {
        WebSocket: WS,
        minReconnectionDelay: 10,
        maxReconnectionDelay: 50,
        ...options,
      });
      made.push(this);
    }
  };
}

/** For libraries that make a new WebSocket after each loss. */
const Single = classWith({ maxRetries: 0 });
const Reconnecting = classWith({});

const live = (): number => made.filter(({ state }) => state !== "closed").length;

/** The server behind a proxy that can cut connections. */
async function behindProxy(server: RunningServer) {
  const proxy = await proxyTo(server);
  return { proxy, address: proxy.url.replace("http", "ws") };
}

afterEach(() => {
  for (const ws of made.splice(0)) ws.close();
});

describe("graphql-ws, with maxRetries: 0", () => {
  it("goes on with its subscriptions through cut connections (WSK-40)", async () => {
    const schema = buildSchema("type Query { a: Int } type Subscription { count: Int! }");
    let subscriptions = 0;
    const roots = {
      subscription: {
        async *count() {
          const from = 10_000 * subscriptions++;
          for (let i = 1; ; i++) {
            yield { count: from + i };
            await new Promise((resolve) => setTimeout(resolve, 5));
          }
        },
      },
    };
    const server = await speak(() => undefined, { handleProtocols: () => "graphql-transport-ws" });
    const disposable = useServer({ schema, roots }, server.sockets);
    onTestFinished(() => void disposable.dispose());
    const { proxy, address } = await behindProxy(server);
    const client = createGraphqlClient({
      url: address,
      webSocketImpl: Single,
      retryAttempts: 100,
      retryWait: async () => undefined,
      shouldRetry: () => true,
    });
    onTestFinished(() => void client.dispose());
    const heard: number[] = [];
    client.subscribe<{ count: number }>(
      { query: "subscription { count }" },
      { next: ({ data }) => heard.push(data?.count ?? -1), error() {}, complete() {} },
    );
    for (let cut = 1; cut <= 3; cut++) {
      await expect.poll(() => subscriptions).toBe(cut);
      await expect.poll(() => heard.at(-1)).toBeGreaterThan(10_000 * (cut - 1));
      proxy.cut();
    }
    await expect.poll(() => heard.at(-1)).toBeGreaterThan(30_000);
    expect(live()).toBe(1);
  });
});

describe("y-websocket, as it is", () => {
  /** One document for all, as y-protocols writes it. */
  async function documentServer() {
    const doc = new Y.Doc();
    const server = await speak((socket) => {
      const write = (fill: (encoder: encoding.Encoder) => void): void => {
        const encoder = encoding.createEncoder();
        encoding.writeVarUint(encoder, 0);
        fill(encoder);
        if (encoding.length(encoder) > 1) socket.send(encoding.toUint8Array(encoder));
      };
      const told = (update: Uint8Array, origin: unknown): void => {
        if (origin !== socket) write((encoder) => syncProtocol.writeUpdate(encoder, update));
      };
      doc.on("update", told);
      socket.on("close", () => doc.off("update", told));
      socket.on("message", (data: Buffer) => {
        const decoder = decoding.createDecoder(new Uint8Array(data));
        if (decoding.readVarUint(decoder) === 0)
          write((encoder) => syncProtocol.readSyncMessage(decoder, encoder, doc, socket));
      });
      write((encoder) => syncProtocol.writeSyncStep1(encoder, doc));
    });
    return { doc, server };
  }

  it.each([
    ["reconnecting", Reconnecting],
    ["with maxRetries: 0", Single],
  ])("keeps documents alike through cut connections, %s (WSK-41)", async (_, WebSocketPolyfill) => {
    const { doc, server } = await documentServer();
    const { proxy, address } = await behindProxy(server);
    const docs = [new Y.Doc(), new Y.Doc()] as const;
    const providers = docs.map(
      (own) =>
        new WebsocketProvider(address, "room", own, {
          WebSocketPolyfill: WebSocketPolyfill as unknown as typeof WebSocket,
          disableBc: true,
          maxBackoffTime: 50,
        }),
    );
    onTestFinished(() => providers.forEach((provider) => provider.destroy()));
    const text = (of: Y.Doc): string => of.getText("t").toString();
    for (let cut = 1; cut <= 3; cut++) {
      docs[0].getText("t").insert(0, `${cut}`);
      docs[1].getText("t").insert(0, "x");
      await expect.poll(() => text(doc).length).toBe(2 * cut);
      proxy.cut();
      // written while there is no connection
      docs[0].getText("u").insert(0, `${cut}`);
    }
    const all = text(doc);
    await expect.poll(() => docs.map(text)).toEqual([all, all]);
    await expect.poll(() => docs[1].getText("u").toString()).toBe("321");
    expect(live()).toBe(2);
  });
});

describe("@stomp/stompjs, with maxRetries: 0", () => {
  it("subscribes anew and hears messages through cut connections (WSK-42)", async () => {
    const http = createServer();
    const running = await closing(listen(http));
    const broker = new StompServer({ server: http, path: "/stomp" });
    const { proxy, address } = await behindProxy(running);
    let connects = 0;
    const heard: string[] = [];
    const client = new StompClient({
      webSocketFactory: () => new Single(`${address}/stomp`, ["v12.stomp", "v11.stomp"]),
      reconnectDelay: 10,
      onConnect() {
        connects++;
        client.subscribe("/topic/a", ({ body }) => heard.push(body));
        // the broker hands nothing back to who has sent it
        client.publish({ destination: "/topic/b", body: `round ${connects}` });
      },
    });
    onTestFinished(() => client.deactivate({ force: true }));
    const sent: string[] = [];
    broker.subscribe("/topic/b", (body) => {
      sent.push(String(body));
      broker.send("/topic/a", {}, `heard ${String(body)}`);
    });
    client.activate();
    for (let cut = 1; cut <= 3; cut++) {
      await expect.poll(() => heard.at(-1)).toBe(`heard round ${cut}`);
      proxy.cut();
    }
    await expect.poll(() => heard.at(-1)).toBe("heard round 4");
    expect(sent).toEqual(["round 1", "round 2", "round 3", "round 4"]);
    expect(live()).toBe(1);
  });
});

describe("mqtt over WebSocket, as it is", () => {
  it.each([
    ["reconnecting", Reconnecting],
    ["with maxRetries: 0", Single],
  ])("publishes each message through cut connections, %s (WSK-43)", async (_, Class) => {
    // its build for browsers, where a WebSocket class can be handed in
    vi.stubGlobal("navigator", { userAgent: "", product: "ReactNative" });
    onTestFinished(() => void vi.unstubAllGlobals());
    const { default: mqtt } = await import("mqtt/dist/mqtt.esm");
    const broker = await Aedes.createBroker();
    onTestFinished(() => new Promise<void>((resolve) => broker.close(() => resolve())));
    const server = await speak(
      (socket) => {
        const stream = createWebSocketStream(socket);
        stream.on("error", () => undefined);
        broker.handle(stream);
      },
      { handleProtocols: () => "mqtt" },
    );
    const { proxy, address } = await behindProxy(server);
    const client = mqtt.connect(address, {
      reconnectPeriod: 20,
      createWebsocket: (url: string, protocols: string[]) => new Class(url, protocols),
    });
    onTestFinished(() => void client.end(true));
    const heard: string[] = [];
    client.on("message", (_topic: string, payload: Uint8Array) =>
      heard.push(Buffer.from(payload).toString()),
    );
    await client.subscribeAsync("t", { qos: 1 });
    for (let cut = 1; cut <= 3; cut++) {
      await client.publishAsync("t", `message ${cut}`, { qos: 1 });
      await expect.poll(() => heard).toContain(`message ${cut}`);
      const back = new Promise((resolve) => client.once("connect", resolve));
      proxy.cut();
      await back;
    }
    await client.publishAsync("t", "last", { qos: 1 });
    await expect.poll(() => heard).toContain("last");
    expect(live()).toBe(1);
  });
});

describe("capnweb, with a session for each connection", () => {
  interface Api {
    square(n: number): number;
  }
  class Server extends RpcTarget {
    square(n: number): number {
      return n * n;
    }
  }

  it("calls through cut connections (WSK-44)", async () => {
    // it compares with the constants of the global class
    vi.stubGlobal("WebSocket", WS);
    onTestFinished(() => void vi.unstubAllGlobals());
    const server = await speak((socket) => {
      newWebSocketRpcSession(socket as unknown as WebSocket, new Server());
    });
    const { proxy, address } = await behindProxy(server);
    const call = async (ws: ReconnectingWebSocket, n: number): Promise<number> => {
      using api = newWebSocketRpcSession<Api>(ws as unknown as WebSocket);
      return await api.square(n);
    };
    // a session ends its WebSocket when the connection is lost, or when it is disposed of
    for (let n = 1; n <= 3; n++) {
      const ws = new Reconnecting(address);
      expect(await call(ws, n)).toBe(n * n);
      proxy.cut();
      await next(ws, "close");
      await expect.poll(() => ws.state).toBe("closed");
    }
    const ws = new Reconnecting(address);
    expect(await call(ws, 9)).toBe(81);
  });
});
