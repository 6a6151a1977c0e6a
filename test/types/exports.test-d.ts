import { describe, expectTypeOf, it } from "vitest";
import defaultIo, {
  type Attempt,
  type Auth,
  type CloseReason,
  connect,
  createIo,
  type CustomParser,
  type Delivery,
  type DisconnectDescription,
  type EngineFrame,
  type ErrorCode,
  Fetch,
  type Io,
  io,
  Manager,
  type ManagerOptions,
  type ManagerState,
  type Parts,
  type protocol,
  Socket,
  type SocketOptions,
  type SocketPacket,
  type SocketReservedEvents,
  TautlineError,
  type Transport,
  type TransportClass,
  type TransportOptions,
  type TransportSink,
  WebSocket,
  WebTransport,
  XHR,
} from "../../src/index.js";
import {
  atLeastOnce,
  type DeliveryPolicy,
  exactlyOnce,
  type Packet,
} from "../../src/delivery/index.js";
import { memory, signals } from "../../src/slim.js";
import { type ManagerStats, rtt, stats } from "../../src/stats/index.js";

describe("io", () => {
  it("is exported three times (TYP-1)", () => {
    expectTypeOf(defaultIo).toEqualTypeOf(io);
    expectTypeOf(connect).toEqualTypeOf(io);
  });

  it("takes an address, options, both or nothing", () => {
    expectTypeOf(io()).toExtend<Socket>();
    expectTypeOf(io("http://types.test")).toExtend<Socket>();
    expectTypeOf(io({ path: "/x" })).toExtend<Socket>();
    expectTypeOf(
      io("/admin", { forceNew: true, auth: { token: "t" }, retries: 2 }),
    ).toExtend<Socket>();
    // @ts-expect-error an address is a string
    io(5);
    // @ts-expect-error milliseconds, or false
    io({ timeout: "20s" });
    // @ts-expect-error a name or a class
    io({ transports: [5] });
    // @ts-expect-error options come second
    io({}, "http://types.test");
  });

  it("takes every option of the reference client (TYP-2)", () => {
    const options: ManagerOptions & SocketOptions = {
      path: "/x",
      hostname: "h",
      host: "h",
      port: 1,
      secure: true,
      query: { a: 1 },
      transports: ["polling", "websocket", "webtransport"],
      transportOptions: { polling: { extraHeaders: { a: "b" } } },
      tryAllTransports: true,
      rememberUpgrade: true,
      upgrade: false,
      forceBase64: true,
      timestampParam: "t",
      timestampRequests: true,
      requestTimeout: 1,
      extraHeaders: { a: "b" },
      withCredentials: true,
      closeOnBeforeunload: true,
      useNativeTimers: true,
      autoUnref: true,
      addTrailingSlash: false,
      protocols: ["a"],
      reconnection: true,
      reconnectionAttempts: 1,
      reconnectionDelay: 1,
      reconnectionDelayMax: 1,
      randomizationFactor: 0.5,
      timeout: false,
      autoConnect: false,
      auth: (done) => done({ token: "t" }),
      retries: 1,
      ackTimeout: 1,
    };
    // @ts-expect-error delivery is a value: atLeastOnce() of tautline/delivery
    options.delivery = "at-least-once";
    expectTypeOf(io("http://types.test", options)).toExtend<Socket>();
  });

  it("has the methods of the reference client's default export, and no other (TYP-1)", () => {
    for (const lookUp of [io.io, io.connect, connect])
      expectTypeOf(lookUp).toExtend<typeof io.io>();
    expectTypeOf(new io.Manager("http://types.test")).toExtend<Manager>();
    expectTypeOf(io.Socket).toEqualTypeOf<typeof Socket>();
    expectTypeOf(io.protocol).toEqualTypeOf<number>();
    // @ts-expect-error of the module, not of the function
    io.TautlineError;
  });

  it("is told its options as in the reference client (TYP-2)", () => {
    expectTypeOf<Parameters<typeof io>[0]>().toEqualTypeOf<string | undefined>();
    expectTypeOf<Partial<ManagerOptions & SocketOptions>>().toExtend<Parameters<typeof io>[1]>();
    expectTypeOf<string[]>().toExtend<ManagerOptions["transports"]>();
    expectTypeOf<{ rejectUnauthorized: boolean; agent: false }>().toExtend<ManagerOptions>();
    // @ts-expect-error no such option
    io({ autoconnect: false });
  });

  it("takes auth data, and functions that give it", () => {
    expectTypeOf<{ token: string }>().toExtend<Auth>();
    expectTypeOf<() => Promise<{ token: string }>>().toExtend<Auth>();
    expectTypeOf<(done: (data: { token: string }) => void) => void>().toExtend<Auth>();
    expectTypeOf<string>().not.toExtend<Auth>();
  });
});

describe("Manager", () => {
  const manager = new Manager("http://types.test", { autoConnect: false });

  it("gets and sets its options", () => {
    expectTypeOf(manager.reconnection()).toEqualTypeOf<boolean>();
    expectTypeOf(manager.reconnection(true)).toEqualTypeOf<Manager>();
    expectTypeOf(manager.timeout()).toEqualTypeOf<number | false>();
    // @ts-expect-error a boolean
    manager.reconnection(1);
  });

  it("knows its events", () => {
    manager.on("reconnect_attempt", (attempt) => expectTypeOf(attempt).toEqualTypeOf<number>());
    manager.on("error", (error) => expectTypeOf(error).toEqualTypeOf<TautlineError>());
    manager.on("close", (reason) => expectTypeOf(reason).toEqualTypeOf<CloseReason>());
    manager.on("drop", (error, packet) => {
      expectTypeOf(error).toEqualTypeOf<TautlineError>();
      expectTypeOf(packet).toEqualTypeOf<SocketPacket>();
    });
    manager.on("state", (state, old, why, attempt, delay) => {
      expectTypeOf([state, old]).toEqualTypeOf<ManagerState[]>();
      expectTypeOf(why).toEqualTypeOf<string>();
      expectTypeOf([attempt, delay]).toEqualTypeOf<(number | undefined)[]>();
    });
    // @ts-expect-error no such event
    manager.on("reconnecting", () => {});
  });

  it("gives typed sockets", () => {
    const socket = manager.socket<{ a: (n: number) => void }>("/a");
    socket.on("a", (n) => expectTypeOf(n).toEqualTypeOf<number>());
    expectTypeOf(socket.io).toExtend<Manager>();
    // @ts-expect-error a namespace is a string
    manager.socket(5);
  });

  it("has event maps of its own, which its sockets take over", () => {
    interface In {
      news: (title: string) => void;
    }
    interface Out {
      hello: (name: string) => void;
    }
    const typed = new Manager("http://types.test", { autoConnect: false }) as Manager<In, Out>;
    const socket = typed.socket("/");
    socket.on("news", (title) => expectTypeOf(title).toEqualTypeOf<string>());
    socket.emit("hello", "me");
    // @ts-expect-error the server sends it
    socket.emit("news", "a");
    // @ts-expect-error no such event
    socket.on("hello", () => {});
  });

  it("has an engine, as in the reference client", () => {
    expectTypeOf(manager.engine.transport.name).toEqualTypeOf<string>();
    manager.engine.on("upgrade", (transport) => expectTypeOf(transport).toExtend<Transport>());
    // @ts-expect-error no such event
    manager.engine.on("upgraded", () => {});
  });
});

describe("Socket", () => {
  const socket = io({ autoConnect: false });

  it("is an instance of the exported class", () => {
    expectTypeOf(socket).toExtend<Socket>();
    expectTypeOf(socket instanceof Socket).toEqualTypeOf<boolean>();
  });

  it("has the properties of the reference client (TYP-3)", () => {
    expectTypeOf(socket.id).toEqualTypeOf<string | undefined>();
    expectTypeOf(socket.connected).toEqualTypeOf<boolean>();
    expectTypeOf(socket.disconnected).toEqualTypeOf<boolean>();
    expectTypeOf(socket.active).toEqualTypeOf<boolean>();
    expectTypeOf(socket.recovered).toEqualTypeOf<boolean>();
    expectTypeOf(socket.io).toExtend<Manager>();
    // @ts-expect-error derived from the state
    socket.connected = true;
  });

  it("chains (TYP-4)", () => {
    expectTypeOf(socket.connect().open().disconnect().close().send("a")).toEqualTypeOf(socket);
    expectTypeOf(socket.onAny(() => {}).offAny()).toEqualTypeOf(socket);
  });
});

describe("Socket, in the words of the reference client", () => {
  const socket = io({ autoConnect: false });

  it("has reasons for a disconnect (TYP-5)", () => {
    expectTypeOf<Socket.DisconnectReason>().toEqualTypeOf<CloseReason>();
    // @ts-expect-error no such reason
    expectTypeOf<"boredom">().toExtend<Socket.DisconnectReason>();
  });

  it("hears everything, by name", () => {
    socket.onAny((event: string, ...args: any[]) => [event, args]);
    socket.onAny((event) => expectTypeOf(event).toEqualTypeOf<string>());
    socket.onAnyOutgoing((event: "a" | "b", _first: number) => event);
    // @ts-expect-error a name is a string
    socket.onAny((event: number) => event);
    // @ts-expect-error a function
    socket.onAny("a");
  });

  it("empties what waits", () => {
    socket.sendBuffer = [];
    socket.receiveBuffer = [];
    // @ts-expect-error a list
    socket.sendBuffer = undefined;
  });

  it("leaves the names of the manager's events to the app (TYP-6)", () => {
    interface Own {
      overflow(litres: number): void;
      expired(ticket: string): void;
      drop(at: Date): void;
    }
    const own: Socket<Own> = io({ autoConnect: false });
    own.on("overflow", (litres) => expectTypeOf(litres).toEqualTypeOf<number>());
    own.on("expired", (ticket) => expectTypeOf(ticket).toEqualTypeOf<string>());
    own.on("drop", (at) => expectTypeOf(at).toEqualTypeOf<Date>());
    own.emit("overflow", 5);
    // @ts-expect-error not the library's
    own.on("overflow", (error: TautlineError) => error);
    expectTypeOf<keyof SocketReservedEvents>().toEqualTypeOf<
      "connect" | "connect_error" | "disconnect"
    >();
  });
});

describe("TautlineError", () => {
  it("has a literal code (TYP-7)", () => {
    expectTypeOf<TautlineError["code"]>().toEqualTypeOf<ErrorCode>();
    expectTypeOf<TautlineError["attempts"]>().toEqualTypeOf<Attempt[] | undefined>();
    expectTypeOf(new TautlineError("timeout", "late")).toExtend<Error>();
    // @ts-expect-error no such code
    new TautlineError("no-such-code", "x");
    // @ts-expect-error no such code
    expectTypeOf<TautlineError["code"] extends "timeout" ? true : never>().toEqualTypeOf<true>();
  });
});

describe("Options that are asked at each connect, and those of Node", () => {
  it("are functions, also async", () => {
    io("http://types.test", { query: () => ({ a: 1 }), extraHeaders: () => ({ a: "b" }) });
    io("http://types.test", { query: async () => "a=1", extraHeaders: async () => ({ a: "b" }) });
    // @ts-expect-error a number is no query
    io("http://types.test", { query: () => 5 });
    // @ts-expect-error headers are no text
    io("http://types.test", { extraHeaders: () => "a: b" });
  });

  it("are taken in every host", () => {
    io("http://types.test", { addresses: ["http://b.test"], binaryType: "arraybuffer" });
    io("http://types.test", { ca: "pem", key: new Uint8Array(1), rejectUnauthorized: false });
    // @ts-expect-error a list of addresses
    io("http://types.test", { addresses: "http://b.test" });
    // @ts-expect-error no such type of binary data
    io("http://types.test", { binaryType: "blob" });
  });
});

describe("createIo", () => {
  it("makes an io with its classes, out of parts", () => {
    const own = createIo({ transports: { websocket: WebSocket } }, { memory, signals });
    expectTypeOf(own).toEqualTypeOf<Io>();
    expectTypeOf(own("http://types.test").io).toExtend<Manager>();
    expectTypeOf(own.protocol).toEqualTypeOf<number>();
    expectTypeOf(new own.Manager("http://types.test")).toExtend<Manager>();
    expectTypeOf(createIo()).toEqualTypeOf<Io>();
  });

  it("knows its parts", () => {
    expectTypeOf<keyof Parts>().toEqualTypeOf<
      | "transports"
      | "upgrade"
      | "memory"
      | "diagnosis"
      | "hints"
      | "signals"
      | "parser"
      | "retries"
      | "checks"
      | "binary"
    >();
    // @ts-expect-error no such part
    createIo({ teleport: true });
    // @ts-expect-error no such transport
    createIo({ transports: { pigeon: WebSocket } });
    // @ts-expect-error not a class
    createIo({ transports: { websocket: "websocket" } });
  });
});

describe("delivery", () => {
  it("is a value", () => {
    expectTypeOf(atLeastOnce()).toEqualTypeOf<Delivery>();
    expectTypeOf(exactlyOnce()).toEqualTypeOf<Delivery>();
    io({ delivery: atLeastOnce(), autoConnect: false });
    io({ delivery: exactlyOnce(), retries: 3, autoConnect: false });
    // @ts-expect-error not its name
    io({ delivery: "exactly-once" });
    // @ts-expect-error not what makes it
    io({ delivery: atLeastOnce });
    // @ts-expect-error it takes nothing
    atLeastOnce({ retries: 3 });
  });

  it("can be written by the app (TYP-8)", () => {
    class AtMostOnce implements DeliveryPolicy {
      readonly isOpen = true;
      sent(_packet: Packet) {}
      answered(_id: number) {}
      find() {
        return undefined;
      }
      ended() {}
      lost() {
        return [];
      }
    }
    const delivery: Delivery = {
      createPolicy: (host) => {
        expectTypeOf(host.bounds.maxPackets).toEqualTypeOf<number>();
        return new AtMostOnce();
      },
    };
    io({ delivery, autoConnect: false });
  });
});

describe("stats", () => {
  const { io: manager } = io({ autoConnect: false });

  it("is plain data of a manager", () => {
    expectTypeOf(stats(manager)).toEqualTypeOf<ManagerStats>();
    expectTypeOf(stats(manager).transport).toEqualTypeOf<string | undefined>();
    expectTypeOf(rtt(manager)).resolves.toEqualTypeOf<number>();
    // @ts-expect-error of a manager, not of a socket
    stats(io({ autoConnect: false }));
  });
});

describe("transports", () => {
  it("are classes that the option takes", () => {
    for (const Class of [Fetch, XHR, WebSocket, WebTransport])
      expectTypeOf(Class).toExtend<TransportClass>();
    io({ autoConnect: false, transports: [WebSocket, XHR, Fetch, WebTransport, "polling"] });
  });

  it("can be written by the app (TYP-9)", () => {
    class Pigeon implements Transport {
      readonly name = "pigeon";
      readonly query = {};
      readonly streams = true;
      readonly writable = true;
      readonly bufferedAmount = 0;
      sink: TransportSink;
      constructor(readonly options: TransportOptions) {
        this.sink = { opened() {}, text() {}, binary() {}, drained() {}, closed() {} };
      }
      open() {}
      send(_frame: EngineFrame) {
        return true;
      }
      write() {}
      retire(done: () => void) {
        done();
        return undefined;
      }
      close() {}
    }
    io({ autoConnect: false, transports: [Pigeon] });
    // @ts-expect-error no transport
    io({ autoConnect: false, transports: [Date] });
  });
});

describe("the rest", () => {
  it("is there", () => {
    expectTypeOf<typeof protocol>().toEqualTypeOf<5>();
    expectTypeOf<DisconnectDescription>().toHaveProperty("description");
    expectTypeOf<CustomParser>().toHaveProperty("Encoder");
  });
});
