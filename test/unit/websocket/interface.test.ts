import { afterEach, describe, expect, it, vi } from "vitest";
import { ReconnectingWebSocket, type WebSocketOptions } from "../../../src/websocket/index.js";
import { hostSockets } from "../../support/host-socket.js";

const url = "ws://server/";

function open(options: WebSocketOptions = {}, protocols?: string | string[] | null) {
  const { WebSocket, made } = hostSockets();
  const ws = new ReconnectingWebSocket(url, protocols, { WebSocket, ...options });
  const socket = made[0];
  if (!socket) throw new Error("no host socket was made");
  return { ws, made, socket };
}

afterEach(() => {
  vi.useRealTimers();
});

describe("constructor", () => {
  it("throws what the host throws, and leaves nothing behind (WSK-2)", () => {
    vi.useFakeTimers();
    const { WebSocket, made } = hostSockets();
    expect(() => new ReconnectingWebSocket("ws://a/#b", { WebSocket })).toThrow(
      expect.objectContaining({ name: "SyntaxError" }),
    );
    expect(made).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    { minReconnectionDelay: Number.NaN },
    { maxReconnectionDelay: -1 },
    { maxRetries: Number.NaN },
    { connectTimeout: -5 },
  ])("refuses %j (WSK-3)", (options) => {
    const { WebSocket, made } = hostSockets();
    expect(() => new ReconnectingWebSocket(url, { WebSocket, ...options })).toThrow(
      expect.objectContaining({ code: "invalid-option", message: Object.keys(options)[0] }),
    );
    expect(made).toEqual([]);
  });

  const numbers = [
    "connectTimeout",
    "minReconnectionDelay",
    "maxReconnectionDelay",
    "reconnectionDelayGrowFactor",
    "randomizationFactor",
    "minUptime",
    "maxRetries",
    "maxPackets",
    "maxBytes",
  ];
  const values = [Number.NaN, -1, -Infinity, "1s", "5", "", true, false, {}, [], () => 5, 5n];
  const of = (name: string, value: unknown): object =>
    /Pack|Byt/.test(name) ? { buffer: { [name]: value } } : { [name]: value };

  it.each(numbers.flatMap((name) => values.map((value) => [name, value] as const)))(
    "takes for %s no %o",
    (name, value) => {
      const { WebSocket, made } = hostSockets();
      const options = { WebSocket, ...of(name, value) };
      for (const make of [
        () => new ReconnectingWebSocket(url, [], options),
        () => new ReconnectingWebSocket(url, options),
      ])
        expect(make).toThrow(expect.objectContaining({ code: "invalid-option", message: name }));
      expect(made).toEqual([]);
    },
  );

  it.each([
    ["randomizationFactor", 1.5],
    ["reconnectionDelayGrowFactor", 0.9],
    ["maxReconnectionDelay", 0],
  ])("takes for %s no %d", (name, value) => {
    expect(() => new ReconnectingWebSocket(url, of(name, value))).toThrow(
      expect.objectContaining({ code: "invalid-option", message: name }),
    );
  });

  it("takes null and undefined for the default", async () => {
    vi.useFakeTimers();
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    const others = ["shouldReconnect", "codec", "watch", "buffer", "startClosed", "protocols"];
    for (const value of [null, undefined]) {
      const { WebSocket, made } = hostSockets();
      const options = Object.fromEntries([...numbers, ...others].map((name) => [name, value]));
      const ws = new ReconnectingWebSocket(url, undefined, { WebSocket, ...options });
      const delays: number[] = [];
      ws.addEventListener("reconnecting", ({ delay }) => delays.push(delay));
      for (let i = 0; i < 5; i++) {
        made.at(-1)?.end(1006);
        await vi.runOnlyPendingTimersAsync();
      }
      expect(delays).toEqual([1000, 2000, 4000, 7000, 7500]);
      ws.send("waits");
      expect(ws.bufferedAmount).toBe(5);
      await vi.advanceTimersByTimeAsync(9999);
      expect(ws.state).toBe("opening");
      await vi.advanceTimersByTimeAsync(1);
      expect(ws.state).toBe("waiting");
      ws.close();
    }
    new ReconnectingWebSocket(url, null, {
      WebSocket: hostSockets().WebSocket,
      buffer: { maxPackets: null, maxBytes: undefined, overflow: null } as object,
    }).close();
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it.each([{ minReconnectionDelay: 0 }, { maxReconnectionDelay: 1000 }, { maxRetries: 5000 }])(
    "%o gives no storm of tries",
    async (options) => {
      vi.useFakeTimers();
      const { WebSocket, made } = hostSockets();
      const ws = new ReconnectingWebSocket(url, [], { WebSocket, ...options });
      ws.addEventListener("state", ({ state }) => {
        if (state === "opening") setTimeout(() => made.at(-1)?.end(1006));
      });
      made.at(-1)?.end(1006);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(made.length).toBeLessThan(130);
      ws.close();
      vi.useRealTimers();
    },
  );

  it("throws a TautlineError where there is no class", () => {
    vi.stubGlobal("WebSocket", undefined);
    expect(() => new ReconnectingWebSocket(url)).toThrow(
      expect.objectContaining({ name: "TautlineError", code: "websocket-blocked" }),
    );
    vi.unstubAllGlobals();
  });

  it.each([
    [undefined, undefined],
    [null, undefined],
    ["one", "one"],
    [
      ["one", "two"],
      ["one", "two"],
    ],
  ])("hands protocols %j on", (protocols, expected) => {
    expect(open({}, protocols).socket.protocols).toEqual(expected);
  });

  it("takes an object as second argument", () => {
    const { WebSocket, made } = hostSockets();
    const ws = new ReconnectingWebSocket(url, { WebSocket, protocols: ["one"] });
    expect(made[0]?.protocols).toEqual(["one"]);
    ws.close();
  });

  it("takes a URL object", () => {
    const { WebSocket, made } = hostSockets();
    const ws = new ReconnectingWebSocket(new URL("ws://server/x"), { WebSocket });
    expect([made[0]?.url, ws.url]).toEqual(["ws://server/x", "ws://server/x"]);
    ws.close();
  });

  it("makes no connection with startClosed (WSK-17)", () => {
    const { WebSocket, made } = hostSockets();
    const ws = new ReconnectingWebSocket(url, { WebSocket, startClosed: true });
    expect([made.length, ws.readyState, ws.url, ws.protocol, ws.extensions]).toEqual([
      0,
      3,
      "",
      "",
      "",
    ]);
    ws.open();
    expect([made.length, ws.readyState]).toEqual([1, 0]);
    ws.open();
    expect(made.length).toBe(1);
    ws.close();
  });
});

describe("constants", () => {
  it.each(["CONNECTING", "OPEN", "CLOSING", "CLOSED"] as const)("has %s", (name) => {
    const value = ["CONNECTING", "OPEN", "CLOSING", "CLOSED"].indexOf(name);
    const { ws } = open();
    expect([ReconnectingWebSocket[name], ws[name]]).toEqual([value, value]);
    expect(() => Object.assign(ws, { [name]: 9 })).toThrow(TypeError);
    expect(() => Object.assign(ReconnectingWebSocket, { [name]: 9 })).toThrow(TypeError);
    ws.close();
  });
});

describe("attributes", () => {
  it("are those of the present connection", () => {
    const { ws, socket } = open();
    socket.protocol = "chat";
    socket.extensions = "permessage-deflate";
    expect([ws.url, ws.protocol, ws.extensions]).toEqual([url, "chat", "permessage-deflate"]);
    ws.close();
  });

  it("keeps binaryType for the next connections, and refuses other words (WSK-22)", () => {
    const { ws, made } = open();
    expect(ws.binaryType).toBe("blob");
    ws.binaryType = "arraybuffer";
    Object.assign(ws, { binaryType: "text" });
    expect([ws.binaryType, made[0]?.binaryType]).toEqual(["arraybuffer", "arraybuffer"]);
    ws.reconnect();
    expect(made[1]?.binaryType).toBe("arraybuffer");
    ws.binaryType = "blob";
    expect(made[1]?.binaryType).toBe("blob");
    ws.close();
  });
});

describe("binaryType", () => {
  /** As `ws` has it ("nodebuffer"), or React Native (none, and some apps can't have blobs). */
  const hostWith = (binaryType: string | undefined) => {
    const { WebSocket, made } = hostSockets();
    const set = vi.fn();
    class Host extends WebSocket {
      constructor(at: string) {
        super(at);
        let now = binaryType;
        Object.defineProperty(this, "binaryType", {
          get: () => now,
          set(type: string) {
            set(type);
            if (type === "blob" && !binaryType) throw new Error("no blobs");
            now = type;
          },
        });
      }
    }
    return { ws: new ReconnectingWebSocket(url, { WebSocket: Host }), made, set };
  };

  it.each(["blob", "arraybuffer"] as const)("%s holds where it is not the default", (type) => {
    const { ws, made } = hostWith("nodebuffer");
    expect([ws.binaryType, made[0]?.binaryType]).toEqual(["nodebuffer", "nodebuffer"]);
    ws.binaryType = type;
    ws.reconnect();
    expect([ws.binaryType, made[1]?.binaryType]).toEqual([type, type]);
    ws.close();
  });

  it("is left alone where it is the default, or where the app says nothing", () => {
    for (const said of ["blob", undefined] as const) {
      const { ws, set } = hostWith("blob");
      if (said) ws.binaryType = said;
      set.mockClear();
      ws.reconnect();
      expect([ws.binaryType, set.mock.calls]).toEqual(["blob", []]);
      ws.close();
    }
  });

  it("that a host throws at is thrown to the app, and does not hold", () => {
    const { ws, made } = hostWith(undefined);
    expect(ws.binaryType).toBe("blob");
    expect(() => (ws.binaryType = "blob")).toThrow("no blobs");
    ws.reconnect();
    made[1]?.accept();
    expect(ws.state).toBe("open");
    ws.close();
  });
});

describe("events", () => {
  it("are the host's, of this target (WSK-1)", () => {
    const { ws, socket } = open();
    const told: Event[] = [];
    for (const type of ["open", "message", "close"])
      ws.addEventListener(type, (event) => told.push(event));
    socket.accept();
    socket.receive("hello");
    socket.end(1000, "bye");
    const [opened, message, closed] = told;
    expect(opened).toBeInstanceOf(Event);
    expect(message).toBeInstanceOf(MessageEvent);
    expect(message).toMatchObject({ data: "hello", origin: "ws://server" });
    expect(closed).toMatchObject({ code: 1000, reason: "bye", wasClean: true });
    expect(told.map(({ target }) => target)).toEqual([ws, ws, ws]);
  });

  it("calls handlers in the order in which they were set, beside listeners", () => {
    const { ws, socket } = open();
    const order: string[] = [];
    ws.addEventListener("open", () => order.push("first"));
    ws.onopen = () => order.push("replaced");
    ws.addEventListener("open", () => order.push("last"));
    ws.onopen = function (this: unknown) {
      order.push(this === ws ? "handler" : "handler of another");
    };
    socket.accept();
    expect(order).toEqual(["first", "handler", "last"]);
    ws.close();
  });

  it.each(["onopen", "onmessage", "onerror", "onclose"] as const)(
    "%s takes a function, an object that does nothing, and null",
    (name) => {
      const { ws, socket } = open();
      const handler = vi.fn();
      expect(ws[name]).toBeNull();
      ws[name] = handler;
      expect(ws[name]).toBe(handler);
      socket.accept();
      socket.receive(1);
      socket.end(1006);
      expect(handler).toHaveBeenCalledOnce();
      const object = { handleEvent: vi.fn() };
      Object.assign(ws, { [name]: object });
      expect(ws[name]).toBe(object);
      ws.dispatchEvent(new Event(name.slice(2)));
      expect(object.handleEvent).not.toHaveBeenCalled();
      Object.assign(ws, { [name]: 5 });
      expect(ws[name]).toBeNull();
      ws.dispatchEvent(new Event(name.slice(2)));
      expect(handler).toHaveBeenCalledOnce();
      ws.close();
    },
  );

  it("takes once, signal, handleEvent, capture, and dispatches what the app makes", () => {
    const { ws } = open();
    const calls: string[] = [];
    const listener = { handleEvent: () => calls.push("object") };
    const { signal, abort } = (() => {
      const controller = new AbortController();
      return { signal: controller.signal, abort: () => controller.abort() };
    })();
    ws.addEventListener("x", () => calls.push("once"), { once: true });
    ws.addEventListener("x", () => calls.push("signal"), { signal });
    ws.addEventListener("x", listener);
    ws.addEventListener("x", listener);
    ws.addEventListener("x", () => calls.push("capture"), true);
    expect(ws.dispatchEvent(new Event("x"))).toBe(true);
    expect(calls.splice(0).sort()).toEqual(["capture", "object", "once", "signal"]);
    abort();
    ws.removeEventListener("x", listener);
    ws.dispatchEvent(new Event("x"));
    expect(calls).toEqual(["capture"]);
    ws.close();
  });

  it("works where a host names no Event class, as old React Native does", async () => {
    const { host } = await import("../../../src/platform/browser.js");
    const { eventOf } = await import("../../../src/websocket/events.js");
    const { Event: own } = host;
    host.Event = undefined as never;
    try {
      expect(eventOf("close", { code: 1006 }, "CloseEvent_")).toEqual({
        type: "close",
        code: 1006,
      });
    } finally {
      host.Event = own as typeof Event;
    }
  });
});

describe("send", () => {
  it("hands everything over while it is open", () => {
    const { ws, socket } = open();
    socket.accept();
    const all = ["text", new ArrayBuffer(2), new Uint8Array(3), new Blob(["b"])];
    for (const data of all) expect(ws.send(data)).toBeUndefined();
    expect(socket.sent).toEqual(all);
    expect(socket.sent[3]).toBe(all[3]);
    ws.close();
  });

  it("keeps what it was while it waits (WSK-19)", async () => {
    const { ws, socket } = open();
    const bytes = new Uint8Array([0, 1, 2, 3]);
    ws.send(bytes.subarray(1, 3));
    ws.send(bytes.buffer);
    ws.send(new Blob(["blob"]));
    ws.send(5 as never);
    ws.send(null as never);
    ws.send({} as never);
    bytes.fill(9);
    expect(ws.bufferedAmount).toBe(2 + 4 + 4 + 1 + 4 + 15);
    socket.accept();
    const [view, buffer, blob, ...rest] = socket.sent as [ArrayBuffer, ArrayBuffer, Blob];
    expect([...new Uint8Array(view)]).toEqual([1, 2]);
    expect([...new Uint8Array(buffer)]).toEqual([0, 1, 2, 3]);
    expect(await blob.text()).toBe("blob");
    expect(rest).toEqual(["5", "null", "[object Object]"]);
    expect(ws.bufferedAmount).toBe(0);
    ws.close();
  });

  it("counts bytes of UTF-8 (WSK-20)", () => {
    const { ws, socket } = open();
    ws.send("aé€😀\ud800");
    expect(ws.bufferedAmount).toBe(1 + 2 + 3 + 4 + 3);
    socket.bufferedAmount = 7;
    socket.accept();
    expect(ws.bufferedAmount).toBe(7);
    ws.close();
  });

  it("waits when the host's socket closes already", () => {
    const { ws, socket } = open();
    socket.accept();
    socket.readyState = 2;
    ws.send("late");
    expect([socket.sent, ws.bufferedAmount]).toEqual([[], 4]);
    expect(ws.drainQueuedMessages()).toEqual(["late"]);
    expect(ws.bufferedAmount).toBe(0);
    ws.close();
  });

  describe("with bounds", () => {
    const overflowing = (buffer: WebSocketOptions["buffer"]) => {
      const { ws, socket } = open({ buffer: buffer ?? {} });
      const dropped: unknown[] = [];
      ws.onerror = ({ error }) => dropped.push([error.code, error.data]);
      for (const text of ["aa", "bb", "cc", "toolong"]) ws.send(text);
      socket.accept();
      ws.close();
      return { dropped: dropped.map((one) => (one as string[])[1]), sent: socket.sent };
    };

    it.each([
      ["reject", ["cc", "toolong"], ["aa", "bb"]],
      ["drop-newest", ["cc", "toolong"], ["aa", "bb"]],
      ["drop-oldest", ["aa", "bb"], ["cc", "toolong"]],
    ] as const)("%s: %j are told as dropped (WSK-21)", (overflow, dropped, sent) => {
      expect(overflowing({ maxPackets: 2, overflow })).toEqual({ dropped, sent });
    });

    it("drops a message that never fits, and no other for it (WSK-21)", () => {
      expect(overflowing({ maxBytes: 5, overflow: "drop-oldest" })).toEqual({
        dropped: ["aa", "toolong"],
        sent: ["bb", "cc"],
      });
    });
  });
});

describe("close", () => {
  it.each([999, 1001, 2999, 5000, 0, -1, Number.NaN, null, "x"])(
    "refuses the code %j (WSK-23)",
    (code) => {
      const { ws, socket } = open();
      expect(() => ws.close(code as number)).toThrow(
        expect.objectContaining({ name: "InvalidAccessError" }),
      );
      expect([ws.state, socket.closes]).toEqual(["opening", []]);
      ws.close();
    },
  );

  it.each([1000, 3000, 4999])("takes the code %i", (code) => {
    const { ws, socket } = open();
    ws.close(code, "why");
    expect(socket.closes).toEqual([[code, "why"]]);
  });

  it("takes a reason of 123 bytes", () => {
    const { ws, socket } = open();
    expect(() => ws.close(1000, "€".repeat(41) + "a")).toThrow(
      expect.objectContaining({ name: "SyntaxError" }),
    );
    ws.close(1000, "€".repeat(41));
    expect(socket.closes).toHaveLength(1);
  });

  it("checks in every state", () => {
    const { WebSocket } = hostSockets();
    const ws = new ReconnectingWebSocket(url, { WebSocket, startClosed: true });
    expect(() => ws.close(1)).toThrow(expect.objectContaining({ name: "InvalidAccessError" }));
    ws.close();
    expect(ws.state).toBe("closed");
  });

  it.each([
    [1001, undefined, "InvalidAccessError"],
    [1012, "restart", "InvalidAccessError"],
    [null, undefined, "InvalidAccessError"],
    ["4abc", undefined, "InvalidAccessError"],
    [4000, "€".repeat(42), "SyntaxError"],
  ])("and reconnect() refuse %j, %j and change nothing", (code, reason, name) => {
    const { ws, made, socket } = open();
    socket.accept();
    for (const act of ["close", "reconnect"] as const)
      expect(() => ws[act](code as number, reason)).toThrow(expect.objectContaining({ name }));
    expect([ws.state, made.length, socket.closes]).toEqual(["open", 1, []]);
    ws.close();
  });

  it.each(["close", "reconnect"] as const)("%s() lets go where the host refuses it", (act) => {
    const { ws, socket } = open();
    socket.accept();
    const close = socket.close.bind(socket);
    socket.close = (code, reason) => {
      if (code !== undefined) throw new TypeError("the host has rules of its own");
      close(code, reason);
    };
    ws[act](4000, "why");
    expect(socket.closes).toEqual([[undefined, undefined]]);
    ws.close();
  });

  it("is told once, however often it is called (WSK-24)", () => {
    const { ws, socket } = open();
    const told = vi.fn();
    ws.onclose = told;
    socket.accept();
    ws.close(4000);
    ws.close(4001);
    expect(ws.readyState).toBe(2);
    socket.end(4000);
    ws.close();
    expect(told).toHaveBeenCalledOnce();
  });

  it("ends where a host never says so", () => {
    vi.useFakeTimers();
    const { ws, socket } = open();
    const told = vi.fn();
    ws.onclose = told;
    socket.accept();
    ws.close();
    vi.advanceTimersByTime(60_000);
    expect(ws.state).toBe("closed");
    expect(told).toHaveBeenCalledWith(expect.objectContaining({ code: 1006, wasClean: false }));
  });
});
