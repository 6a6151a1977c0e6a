import { describe, expectTypeOf, it } from "vitest";
import type { Socket, TautlineError } from "../../src/index.js";
import {
  createSocketHooks,
  ReadyState,
  SocketProvider,
  socketReady,
  useAck,
  useEmit,
  useEvents,
  useSocket,
  useSocketEvent,
  useSocketState,
  useStream,
  useUpload,
  useWebSocket,
} from "../../src/react/index.js";
import { io } from "../../src/index.js";

interface ServerEvents {
  news: (title: string, body: { text: string }) => void;
  ask: (question: string, answer: (yes: boolean) => void) => void;
}

interface ClientEvents {
  hello: (name: string) => void;
  sum: (a: number, b: number, result: (sum: number) => void) => void;
  nodeStyle: (key: string, done: (error: Error | null, value: Date) => void) => void;
}

type AppSocket = Socket<ServerEvents, ClientEvents>;
const url = "http://types.test";

describe("useSocket", () => {
  it("gives a typed socket where there is an address, and perhaps one otherwise", () => {
    const { socket, isConnected, latestMessage } = useSocket<ServerEvents, ClientEvents>(url);
    expectTypeOf(socket).toEqualTypeOf<AppSocket>();
    expectTypeOf(isConnected).toEqualTypeOf<boolean>();
    expectTypeOf(latestMessage).toEqualTypeOf<unknown>();
    expectTypeOf(useSocket<ServerEvents>().socket).toEqualTypeOf<Socket<ServerEvents>>();
    const perhaps = useSocket<ServerEvents, ClientEvents>(url as string | null);
    expectTypeOf(perhaps.socket).toEqualTypeOf<AppSocket | undefined>();
    expectTypeOf(useSocket(url, { linger: 0, enabled: false }).socket).toEqualTypeOf<Socket>();
    expectTypeOf(createSocketHooks(io).useSocket).toEqualTypeOf<typeof useSocket>();
  });

  it("refuses what does not fit", () => {
    // @ts-expect-error no address
    useSocket(7);
    // @ts-expect-error milliseconds
    useSocket(url, { linger: "1s" });
    // @ts-expect-error no such option
    useSocket(url, { lingers: 1 });
    // @ts-expect-error there may be none
    useSocket(url as string | null).socket.emit("hello");
    // @ts-expect-error it is told, not set
    useSocket(url).isConnected = true;
    // @ts-expect-error a wrong argument
    useSocket<ServerEvents, ClientEvents>(url).socket.emit("hello", 7);
  });
});

describe("SocketProvider", () => {
  it("takes an address or a socket of any events", () => {
    SocketProvider({ url, children: "text" });
    SocketProvider({ socket: io<ServerEvents, ClientEvents>(url) });
    // @ts-expect-error no socket
    SocketProvider({ socket: {} });
    // @ts-expect-error no address
    SocketProvider({ url: 7 });
  });
});

describe("The hooks over a typed socket", () => {
  const { socket } = useSocket<ServerEvents, ClientEvents>(url);
  const perhaps = useSocket<ServerEvents, ClientEvents>(url as string | null).socket;

  it("know the arguments of events", () => {
    useSocketEvent(socket, "news", (title, body) => {
      expectTypeOf(title).toEqualTypeOf<string>();
      expectTypeOf(body).toEqualTypeOf<{ text: string }>();
    });
    useSocketEvent(perhaps, "ask", (_question, answer) => {
      expectTypeOf(answer).parameter(0).toEqualTypeOf<boolean>();
    });
    useSocketEvent(socket, "connect_error", (error) => {
      expectTypeOf(error).toEqualTypeOf<TautlineError>();
    });
    // @ts-expect-error no such event
    useSocketEvent(socket, "weather", () => {});
    // @ts-expect-error an event that the client sends
    useSocketEvent(socket, "hello", () => {});
    // @ts-expect-error the title is a string
    useSocketEvent(socket, "news", (title: number) => title);
    // @ts-expect-error no handler
    useSocketEvent(socket, "news");
  });

  it("know the lists of events", () => {
    const list = useEvents(socket, "news", { limit: 5 });
    expectTypeOf(list).toEqualTypeOf<readonly [title: string, body: { text: string }][]>();
    // @ts-expect-error no such event
    useEvents(socket, "weather");
    // @ts-expect-error a number
    useEvents(perhaps, "news", { limit: "5" });
    // @ts-expect-error the list is React's
    list.push(["title", { text: "" }]);
  });

  it("know what is emitted and answered", () => {
    expectTypeOf(useEmit(socket, "hello")).toEqualTypeOf<(name: string) => void>();
    const { emit, data, pending, error } = useAck(perhaps, "sum", { timeout: 5 });
    expectTypeOf(emit).toEqualTypeOf<(a: number, b: number) => Promise<number>>();
    expectTypeOf(data).toEqualTypeOf<number | undefined>();
    expectTypeOf(pending).toEqualTypeOf<boolean>();
    expectTypeOf(error).toEqualTypeOf<TautlineError | undefined>();
    expectTypeOf(useAck(socket, "nodeStyle").data).toEqualTypeOf<Date | undefined>();
    // @ts-expect-error an event of the server's
    useEmit(socket, "news");
    // @ts-expect-error a wrong argument
    useEmit(socket, "hello")(7);
    // @ts-expect-error no such event
    useAck(socket, "weather");
    // @ts-expect-error a wrong argument
    void useAck(socket, "sum").emit("1", 2);
    // @ts-expect-error one is missing
    void useAck(socket, "sum").emit(1);
    // @ts-expect-error milliseconds
    useAck(socket, "sum", { timeout: "5s" });
  });

  it("take any socket for its state", () => {
    expectTypeOf(useSocketState(socket).attempt).toEqualTypeOf<number | undefined>();
    useSocketState(perhaps);
    useSocketState(null);
    // @ts-expect-error no socket
    useSocketState({});
    // @ts-expect-error no such state
    void (useSocketState(socket).state === "connected");
    // @ts-expect-error it is told, not set
    useSocketState(socket).rtt = 5;
    expectTypeOf(socketReady(socket)).toEqualTypeOf<Promise<AppSocket>>();
    // pending while there is none
    expectTypeOf(socketReady(perhaps)).toEqualTypeOf<Promise<AppSocket>>();
  });

  it("take undefined for whatever has a default, under exactOptionalPropertyTypes too", () => {
    const none = undefined;
    void useSocket(url, { auth: none, authKey: none, linger: none, enabled: none });
    void useSocket("x", { auth: none });
    useEvents(socket, "news", { limit: none });
    void useWebSocket(null, { onOpen: none, share: none, reconnectInterval: none });
    // an address that may be missing may give no socket
    expectTypeOf(useSocket(url as string | undefined).socket).toEqualTypeOf<Socket | undefined>();
  });

  it("make hooks of an io, and of what does more with its sockets", () => {
    const hooks = createSocketHooks((address, options) => io(address, options));
    expectTypeOf(hooks).toEqualTypeOf(createSocketHooks(io));
    // @ts-expect-error that is no socket
    createSocketHooks(() => ({}));
  });

  it("leave untyped sockets untyped", () => {
    const { socket: any } = useSocket(url);
    useSocketEvent(any, "whatever", (...args) => expectTypeOf(args).toEqualTypeOf<any[]>());
    void useAck(any, "whatever").emit(1, "2");
  });

  it("stream and upload over it", () => {
    expectTypeOf(useStream<string>(socket, "answer", 7).items).toEqualTypeOf<readonly string[]>();
    expectTypeOf(useUpload<Date>(perhaps, "upload").data).toEqualTypeOf<Date | undefined>();
    // @ts-expect-error it has a signal of its own
    useStream(socket, "answer", 7, { signal: new AbortController().signal });
    // @ts-expect-error no file
    void useUpload(socket, "upload").upload(7);
  });
});

describe("useWebSocket", () => {
  it("is typed by what its messages are", () => {
    const { lastJsonMessage, readyState, sendJsonMessage, getWebSocket } = useWebSocket<{
      n: number;
    }>(url);
    expectTypeOf(lastJsonMessage.n).toEqualTypeOf<number>();
    expectTypeOf(readyState).toEqualTypeOf<ReadyState>();
    expectTypeOf(getWebSocket()?.retryCount).toEqualTypeOf<number | undefined>();
    sendJsonMessage<{ a: 1 }>({ a: 1 });
    void (readyState === ReadyState.OPEN);
    useWebSocket(async () => url, { share: true, heartbeat: true }, false);
    useWebSocket(null);
    // @ts-expect-error no such state
    void (readyState === 4);
    // @ts-expect-error no address
    useWebSocket(7);
    // @ts-expect-error an answer is needed
    useWebSocket(url, { shouldReconnect: () => "yes" });
    // @ts-expect-error milliseconds, or a function
    useWebSocket(url, { reconnectInterval: "1s" });
    // @ts-expect-error not in this hook
    useWebSocket(url, { fromSocketIO: true });
    // @ts-expect-error text and binary data
    useWebSocket(url).sendMessage({ n: 1 });
  });
});
