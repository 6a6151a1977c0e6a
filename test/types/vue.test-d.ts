import { describe, expectTypeOf, it } from "vitest";
import { computed, createApp, ref, type Ref, shallowRef } from "vue";
import { io, type ManagerState, type Socket, type TautlineError } from "../../src/index.js";
import {
  createSocketComposables,
  createTautline,
  useSocket,
  useSocketEvent,
  useSocketIO,
  useWebSocket,
} from "../../src/vue/index.js";
import { json, type ReconnectingWebSocket } from "../../src/websocket/index.js";

interface ServerEvents {
  news: (title: string, body: { text: string }) => void;
  ask: (question: string, answer: (yes: boolean) => void) => void;
}

interface ClientEvents {
  hello: (name: string) => void;
  sum: (a: number, b: number, result: (sum: number) => void) => void;
}

type AppSocket = Socket<ServerEvents, ClientEvents>;
const url = "http://types.test";

describe("useSocket", () => {
  it("gives a typed socket where there is an address, and perhaps one otherwise", () => {
    const { instance } = useSocket<ServerEvents, ClientEvents>(url);
    expectTypeOf(instance.value).toEqualTypeOf<AppSocket>();
    expectTypeOf(useSocket<ServerEvents>().instance.value).toEqualTypeOf<Socket<ServerEvents>>();
    expectTypeOf(useSocket(() => url).instance.value).toEqualTypeOf<Socket>();
    expectTypeOf(useSocket(computed(() => url)).instance.value).toEqualTypeOf<Socket>();
    const perhaps = useSocket<ServerEvents, ClientEvents>(ref<string | null>(null)).instance;
    expectTypeOf(perhaps.value).toEqualTypeOf<AppSocket | undefined>();
    expectTypeOf(useSocketIO).toEqualTypeOf<typeof useSocket>();
    expectTypeOf(createSocketComposables(io).useSocket).toEqualTypeOf<typeof useSocket>();
  });

  it("takes a socket of the app's own, with its events", () => {
    const own: AppSocket = io(url);
    expectTypeOf(useSocket(own).instance.value).toEqualTypeOf<AppSocket>();
    expectTypeOf(useSocket(shallowRef(own)).instance.value).toEqualTypeOf<AppSocket>();
    const perhaps = useSocket(shallowRef<AppSocket | null>(null));
    expectTypeOf(perhaps.instance.value).toEqualTypeOf<AppSocket | undefined>();
  });

  it("has typed refs", () => {
    const { isConnected, state, transport, attempt, delay, error } = useSocket(url);
    expectTypeOf(isConnected.value).toEqualTypeOf<boolean>();
    expectTypeOf(state.value).toEqualTypeOf<ManagerState>();
    expectTypeOf(transport.value).toEqualTypeOf<string | undefined>();
    expectTypeOf([attempt.value, delay.value]).toEqualTypeOf<(number | undefined)[]>();
    expectTypeOf(error.value).toEqualTypeOf<TautlineError | undefined>();
    // @ts-expect-error it is told, not set
    isConnected.value = true;
    // @ts-expect-error it is told, not set
    state.value = "open";
    // @ts-expect-error no such state
    expectTypeOf(state.value === "bored");
  });

  it("calls back with what the socket's events have", () => {
    useSocket(url, {
      onConnected() {},
      onDisconnected: (reason) => expectTypeOf(reason).toExtend<string>(),
      onError: ({ code, data }) => {
        expectTypeOf(code).toExtend<string>();
        expectTypeOf(data).toEqualTypeOf<unknown>();
      },
      autoClose: false,
      linger: 0,
    });
    useSocket(url, () => ({ auth: { token: "t" } }));
    useSocket(url, ref({ query: { a: "1" } }));
  });

  it("refuses what does not fit", () => {
    // @ts-expect-error no address
    useSocket(7);
    // @ts-expect-error a ref of no address
    useSocket(ref(7));
    // @ts-expect-error milliseconds
    useSocket(url, { linger: "1s" });
    // @ts-expect-error no such option
    useSocket(url, { lingers: 1 });
    // @ts-expect-error a boolean
    useSocket(url, { autoClose: "no" });
    // @ts-expect-error the reason is a string
    useSocket(url, { onDisconnected: (reason: number) => reason });
    // @ts-expect-error connecting tells nothing
    useSocket(url, { onConnected: (socket: Socket) => socket });
    // @ts-expect-error there may be none
    useSocket(url as string | null).instance.value.emit("hello");
    // @ts-expect-error a wrong argument
    useSocket<ServerEvents, ClientEvents>(url).instance.value.emit("hello", 7);
    // @ts-expect-error the composable chooses it
    useSocket(url).instance.value = io(url);
    // @ts-expect-error takes nothing
    useSocket(url).release(0);
  });
});

describe("addEventHandler and useSocketEvent", () => {
  const { instance, addEventHandler } = useSocket<ServerEvents, ClientEvents>(url);

  it("know the app's events and the library's", () => {
    expectTypeOf(addEventHandler("connect", () => {})).toEqualTypeOf<() => void>();
    addEventHandler("news", (title, { text }) => expectTypeOf([title, text]).toExtend<string[]>());
    addEventHandler(ref<"news" | "ask">("news"), () => {});
    useSocketEvent(instance, "ask", (question, answer) => {
      expectTypeOf(question).toEqualTypeOf<string>();
      expectTypeOf(answer).parameter(0).toEqualTypeOf<boolean>();
    });
    useSocketEvent(instance.value, "connect_error", (error) =>
      expectTypeOf(error).toEqualTypeOf<TautlineError>(),
    );
    useSocketEvent(io(url), "anything", (...args) => expectTypeOf(args).toExtend<unknown[]>());
    useSocketEvent(shallowRef<AppSocket | null>(null), "news", (title) =>
      expectTypeOf(title).toEqualTypeOf<string>(),
    );
  });

  it("refuse what does not fit", () => {
    // @ts-expect-error no such event
    addEventHandler("noSuchEvent", () => {});
    // @ts-expect-error an event that the client sends
    addEventHandler("hello", () => {});
    // @ts-expect-error the title is a string
    addEventHandler("news", (title: number) => title);
    // @ts-expect-error no handler
    addEventHandler("news");
    // @ts-expect-error no such event
    useSocketEvent(instance, "noSuchEvent", () => {});
    // @ts-expect-error the answer is a boolean
    useSocketEvent(instance, "ask", (_question, answer) => answer("yes"));
    // @ts-expect-error no socket
    useSocketEvent(url, "news", () => {});
  });
});

describe("createTautline", () => {
  it("is a plugin", () => {
    const app = createApp({});
    app.use(createTautline());
    app.use(createTautline(url, { onConnected() {}, transports: ["websocket"] }));
    app.use(createTautline(io<ServerEvents, ClientEvents>(url)));
    // @ts-expect-error its options are those of createTautline
    app.use(createTautline(url), { linger: 0 });
    // @ts-expect-error no address
    createTautline({ url });
    // @ts-expect-error no such option
    createTautline(url, { lingers: 1 });
  });
});

describe("useWebSocket", () => {
  it("knows what it sends and gets", () => {
    const { data, status, ws, send } = useWebSocket<string>("ws://types.test");
    expectTypeOf(data.value).toEqualTypeOf<string | null>();
    expectTypeOf(status.value).toEqualTypeOf<"OPEN" | "CONNECTING" | "CLOSED">();
    expectTypeOf(ws.value).toEqualTypeOf<ReconnectingWebSocket<string>>();
    expectTypeOf(send("text")).toEqualTypeOf<boolean>();
    // a ref that may be set, as in VueUse: to take a message as read
    data.value = null;
    const typed = useWebSocket<{ n: number }, { q: string }>(new URL("ws://types.test"), {
      codec: json,
      onMessage: (_ws, event) => expectTypeOf(event.data).toEqualTypeOf<{ n: number }>(),
      onDisconnected: (_ws, { code, wasClean }) => {
        expectTypeOf(code).toEqualTypeOf<number>();
        expectTypeOf(wasClean).toEqualTypeOf<boolean>();
      },
    });
    typed.send({ q: "?" });
    useWebSocket(async () => "ws://types.test", { autoConnect: false });
    useWebSocket(ref<string>(), { autoReconnect: { retries: (n) => n < 3, delay: 10 } });
    expectTypeOf(data).toExtend<Ref<string | null>>();
  });

  it("refuses what does not fit", () => {
    // @ts-expect-error no address
    useWebSocket(7);
    // @ts-expect-error a number or a function
    useWebSocket("ws://types.test", { autoReconnect: { retries: "3" } });
    // @ts-expect-error milliseconds
    useWebSocket("ws://types.test", { heartbeat: { interval: "1s" } });
    // @ts-expect-error the signals are watched anyway
    useWebSocket("ws://types.test", { startClosed: true });
    // @ts-expect-error it is told, not set
    useWebSocket("ws://types.test").status.value = "OPEN";
    // @ts-expect-error no codec, no objects
    useWebSocket("ws://types.test").send({ n: 1 });
    // @ts-expect-error a wrong message
    useWebSocket<unknown, { q: string }>("ws://types.test", { codec: json }).send({ p: 1 });
    // @ts-expect-error a number
    useWebSocket("ws://types.test").close("1000");
  });
});
