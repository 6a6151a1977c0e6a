import { describe, expectTypeOf, it } from "vitest";
import {
  type CloseExplanation,
  drained,
  explainClose,
  json,
  type MessageCodec,
  type ReconnectingEvent,
  ReconnectingWebSocket,
  type StateEvent,
  type TautlineError,
  watch,
  type WebSocketCloseEvent,
  type WebSocketData,
  type WebSocketState,
} from "../../src/websocket/index.js";

interface Incoming {
  type: "said";
  content: string;
}
interface Outgoing {
  type: "say";
  content: string;
}

const url = "ws://localhost/";

describe("ReconnectingWebSocket", () => {
  it("stands where a WebSocket is expected", () => {
    expectTypeOf(new ReconnectingWebSocket(url)).toExtend<WebSocket>();
    expectTypeOf<typeof ReconnectingWebSocket>().toExtend<
      new (url: string | URL, protocols?: string | string[]) => WebSocket
    >();
    const use = (Socket: typeof ReconnectingWebSocket): WebSocket => new Socket(url, ["a"]);
    expectTypeOf(use).returns.toEqualTypeOf<WebSocket>();
  });

  it("takes an address, or a function that gives one", () => {
    new ReconnectingWebSocket(new URL(url), "a", { maxRetries: 1 });
    new ReconnectingWebSocket(() => url, { protocols: async () => ["a"] });
    new ReconnectingWebSocket(async () => new URL(url), null, {});
    // @ts-expect-error: a number is no address
    new ReconnectingWebSocket(5);
    // @ts-expect-error: nor is nothing
    new ReconnectingWebSocket();
    // @ts-expect-error: a function that gives no address
    new ReconnectingWebSocket(() => 5);
    // @ts-expect-error: an option that is misspelt
    new ReconnectingWebSocket(url, { maxRetrys: 1 });
    // @ts-expect-error: an option of the wrong type
    new ReconnectingWebSocket(url, { minUptime: "5 s" });
    // @ts-expect-error: the heartbeat is an option of watch()
    new ReconnectingWebSocket(url, { heartbeat: { message: "ping" } });
  });

  it("knows its events", () => {
    const ws = new ReconnectingWebSocket<Incoming, Outgoing>(url, { codec: json });
    ws.addEventListener("message", ({ data }) => expectTypeOf(data).toEqualTypeOf<Incoming>());
    ws.addEventListener("close", (event) =>
      expectTypeOf(event).toEqualTypeOf<WebSocketCloseEvent>(),
    );
    ws.addEventListener("error", ({ error }) => expectTypeOf(error).toEqualTypeOf<TautlineError>());
    ws.addEventListener("state", (event) => expectTypeOf(event).toEqualTypeOf<StateEvent>());
    ws.addEventListener("reconnecting", {
      handleEvent: (event) => expectTypeOf(event).toEqualTypeOf<ReconnectingEvent>(),
    });
    expectTypeOf<ReconnectingEvent["why"]>().toEqualTypeOf<TautlineError | WebSocketCloseEvent>();
    ws.addEventListener("of the app", (event) => expectTypeOf(event).toEqualTypeOf<Event>());
    ws.onmessage = ({ data }) => expectTypeOf(data).toEqualTypeOf<Incoming>();
    ws.onclose = ({ code }) => expectTypeOf(code).toEqualTypeOf<number>();
    ws.onerror = null;
    // @ts-expect-error: a handler is a function or null
    ws.onopen = 5;
    expectTypeOf(ws.state).toEqualTypeOf<WebSocketState>();
  });

  it("sends what the codec writes, or what a WebSocket takes", () => {
    const typed = new ReconnectingWebSocket<Incoming, Outgoing>(url, { codec: json });
    typed.send({ type: "say", content: "x" });
    // @ts-expect-error: a message of another kind
    typed.send({ type: "shout" });
    // @ts-expect-error: no message at all
    typed.send("x");
    const plain = new ReconnectingWebSocket(url);
    for (const data of ["x", new ArrayBuffer(1), new Uint8Array(1), new Blob([])]) plain.send(data);
    expectTypeOf(plain.send).parameter(0).toEqualTypeOf<WebSocketData>();
    // @ts-expect-error: objects need a codec
    plain.send({});
  });

  it("has attributes that can't be set", () => {
    const ws = new ReconnectingWebSocket(url);
    // @ts-expect-error: read only
    ws.readyState = 1;
    // @ts-expect-error: read only
    ws.url = url;
    // @ts-expect-error: one of two words
    ws.binaryType = "text";
    expectTypeOf(ws.OPEN).toEqualTypeOf<1>();
    expectTypeOf(ReconnectingWebSocket.CLOSED).toEqualTypeOf<3>();
  });
});

describe("what belongs to it", () => {
  it("watches", () => {
    watch();
    watch({ network: false, heartbeat: { message: () => "ping", isAnswer: (data) => !data } });
    // @ts-expect-error: a heartbeat without a message
    watch({ heartbeat: { interval: 5 } });
    // @ts-expect-error: a network that can't be subscribed to
    watch({ network: {} });
  });

  it("waits, and explains", () => {
    const ws = new ReconnectingWebSocket(url);
    expectTypeOf(drained(ws, { below: 1, timeout: 1 })).toEqualTypeOf<Promise<void>>();
    expectTypeOf(explainClose(1006)).toEqualTypeOf<CloseExplanation>();
    expectTypeOf(explainClose).toBeCallableWith({ code: 1006 });
    // @ts-expect-error: a text is no code
    explainClose("1006");
    const codec: MessageCodec<number, string> = { encode: (text) => text, decode: Number };
    new ReconnectingWebSocket(url, { codec });
    // @ts-expect-error: a codec reads and writes
    new ReconnectingWebSocket(url, { codec: { encode: String } });
  });
});
