import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  drained,
  json,
  ReconnectingWebSocket,
  type UrlSource,
  watch,
  type WebSocketOptions,
} from "../../../src/websocket/index.js";
import { elapse } from "../../support/clock.js";
import { HostSocket, hostSockets } from "../../support/host-socket.js";
import { networkDouble } from "../../support/network-double.js";

const url = "ws://server/";
const flat = { minReconnectionDelay: 100, randomizationFactor: 0 };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function make(options: WebSocketOptions<any, any> = {}, at: UrlSource = url) {
  const { WebSocket, made } = hostSockets();
  const ws = new ReconnectingWebSocket<any, any>(at, { WebSocket, ...flat, ...options });
  const log: unknown[] = [];
  ws.addEventListener("open", () => log.push("open"));
  ws.addEventListener("close", ({ code }) => log.push(`close ${code}`));
  ws.addEventListener("error", ({ error }) => log.push(`error ${error.code}`));
  ws.addEventListener("message", ({ data }) => log.push(data));
  ws.addEventListener("reconnecting", ({ attempt, delay }) => log.push([attempt, delay]));
  return {
    ws,
    made,
    log,
    get socket() {
      const socket = made.at(-1);
      if (!socket) throw new Error("no host socket was made");
      return socket;
    },
  };
}
type Made = ReturnType<typeof make>;

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** What `reportError` or the host was told. */
function uncaught(): unknown[] {
  const errors: unknown[] = [];
  vi.stubGlobal("reportError", (error: unknown) => errors.push(error));
  return errors;
}
afterEach(() => {
  vi.unstubAllGlobals();
});

describe("after a loss", () => {
  it("tells it, waits, and connects again (WSK-4)", async () => {
    const one = make();
    one.socket.accept();
    one.socket.end(1006);
    expect(one.log).toEqual(["open", "error transport-error", "close 1006", [1, 100]]);
    expect([one.ws.state, one.ws.readyState, one.ws.retryCount]).toEqual(["waiting", 3, 1]);
    await vi.advanceTimersByTimeAsync(99);
    expect(one.made).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(one.ws.readyState).toBe(0);
    one.socket.accept();
    expect(one.log.at(-1)).toBe("open");
  });

  it("says why, and what was lost of what was sent", async () => {
    const { ws, socket } = make();
    const told = vi.fn();
    ws.addEventListener("reconnecting", ({ why, unsent }) => told(why, unsent));
    socket.accept();
    socket.bufferedAmount = 12;
    socket.end(1001, "restart");
    expect(told).toHaveBeenCalledWith(expect.objectContaining({ code: 1001 }), 12);
    expect(ws.bufferedAmount).toBe(0);
  });

  it("sends what was said meanwhile before it tells of the connection, in order (WSK-18)", async () => {
    const one = make();
    one.socket.accept();
    one.socket.end(1001);
    for (const text of ["a", "b"]) one.ws.send(text);
    one.ws.addEventListener("open", () => one.ws.send("c"));
    await vi.advanceTimersByTimeAsync(100);
    one.socket.accept();
    expect(one.socket.sent).toEqual(["a", "b", "c"]);
  });

  it("waits longer each time, up to the longest (WSK-5)", async () => {
    const one = make({ maxReconnectionDelay: 500, reconnectionDelayGrowFactor: 3 });
    for (let i = 0; i < 4; i++) {
      one.socket.end(1006);
      await vi.runOnlyPendingTimersAsync();
    }
    expect(one.log.filter(Array.isArray)).toEqual([
      [1, 100],
      [2, 300],
      [3, 500],
      [4, 500],
    ]);
  });

  it("counts a connection that did not last as a failure (WSK-6)", async () => {
    const one = make({ minUptime: 1000 });
    for (const uptime of [0, 999, 1000]) {
      one.socket.accept();
      await vi.advanceTimersByTimeAsync(uptime);
      one.socket.end(1006);
      await vi.advanceTimersToNextTimerAsync();
    }
    expect(one.log.filter(Array.isArray)).toEqual([
      [1, 100],
      [2, 200],
      [1, 100],
    ]);
  });

  it.each([0, 3])("gives up after %i tries (WSK-7)", async (maxRetries) => {
    const one = make({ maxRetries });
    for (let i = 0; i <= maxRetries; i++) {
      one.socket.end(1006);
      await vi.runOnlyPendingTimersAsync();
    }
    expect([one.ws.state, one.made.length]).toEqual(["closed", maxRetries + 1]);
    expect(vi.getTimerCount()).toBe(0);
    one.ws.reconnect();
    expect([one.ws.state, one.ws.retryCount]).toEqual(["opening", 0]);
  });

  it.each([
    [1000, false],
    [1008, false],
    [4000, false],
    [4099, false],
    [1001, true],
    [1005, true],
    [1006, true],
    [1011, true],
    [1012, true],
    [1013, true],
    [1015, true],
    [4100, true],
    [3000, true],
  ])("with %i reconnects: %s (WSK-8)", (code, reconnects) => {
    const { ws, socket } = make();
    socket.accept();
    socket.end(code);
    expect(ws.state).toBe(reconnects ? "waiting" : "closed");
  });

  it("asks shouldReconnect, but not about what the app closes (WSK-9)", async () => {
    const shouldReconnect = vi.fn(({ code }: { code: number }) => code === 1000);
    const one = make({ shouldReconnect });
    one.socket.end(1000);
    expect(one.ws.state).toBe("waiting");
    await vi.runOnlyPendingTimersAsync();
    one.socket.end(1006);
    expect(one.ws.state).toBe("closed");
    one.ws.open();
    one.socket.accept();
    one.ws.close();
    one.socket.end(1000);
    expect(one.ws.state).toBe("closed");
    expect(shouldReconnect).toHaveBeenCalledTimes(2);
  });

  it("goes by the code where shouldReconnect throws", async () => {
    const one = make({
      shouldReconnect() {
        throw new Error("oops");
      },
    });
    one.socket.accept();
    expect(() => one.socket.end(1006)).toThrow("oops");
    expect(one.ws.state).toBe("waiting");
    expect(one.log).toContain("close 1006");
  });
});

describe("connectTimeout", () => {
  it("ends a try that takes too long, and closes what it made (WSK-10)", async () => {
    const one = make({ connectTimeout: 500 });
    const { socket } = one;
    await vi.advanceTimersByTimeAsync(500);
    expect(one.log).toEqual(["error timeout", "close 1006", [1, 100]]);
    expect(socket.closes).toHaveLength(1);
    socket.accept();
    expect(one.ws.state).toBe("waiting");
  });

  it("can be 0: no end", async () => {
    const one = make({ connectTimeout: 0 });
    await vi.advanceTimersByTimeAsync(10_000_000);
    expect(one.ws.state).toBe("opening");
  });
});

describe("url as a function", () => {
  it("is asked before each try (WSK-11)", async () => {
    let n = 0;
    const one = make({}, () => `${url}${++n}`);
    expect([one.made.length, one.ws.readyState, one.ws.url]).toEqual([0, 0, ""]);
    await vi.advanceTimersByTimeAsync(0);
    one.socket.end(1006);
    await vi.advanceTimersByTimeAsync(100);
    expect(one.made.map((socket) => socket.url)).toEqual([`${url}1`, `${url}2`]);
  });

  it("may take its time, and protocols may be asked for too", async () => {
    const one = make({ protocols: async () => ["token"] }, async () => new URL(url));
    await vi.advanceTimersByTimeAsync(0);
    expect([one.socket.url, one.socket.protocols]).toEqual([url, ["token"]]);
  });

  const hostile: [string, UrlSource][] = [
    [
      "throws",
      () => {
        throw new Error("oops");
      },
    ],
    ["rejects", () => Promise.reject(new Error("oops"))],
    ["rejects with nothing", () => Promise.reject()],
    ["gives nothing", (() => undefined) as never],
    ["gives null", (() => null) as never],
    ["gives a bad address", () => "ws://a/#b"],
    [
      "has a then() that throws",
      (() => ({
        get then() {
          throw new Error("oops");
        },
      })) as never,
    ],
  ];

  it.each(hostile)("that %s is an error event, and another try (WSK-12)", async (_, at) => {
    const one = make({}, at);
    await vi.advanceTimersByTimeAsync(0);
    expect(one.log).toEqual(["error unreachable", "close 1006", [1, 100]]);
    await vi.advanceTimersByTimeAsync(100);
    expect(one.log).toHaveLength(6);
    one.ws.close();
    expect(one.ws.state).toBe("closed");
  });

  it("that never settles is a timeout (WSK-13)", async () => {
    const one = make({ connectTimeout: 500 }, () => new Promise(() => {}));
    await vi.advanceTimersByTimeAsync(500);
    expect(one.log).toEqual(["error timeout", "close 1006", [1, 100]]);
  });

  it("that answers too late is not listened to", async () => {
    let answer = (_: string): void => {};
    const one = make({}, () => new Promise((resolve) => (answer = resolve)));
    one.ws.close();
    expect(one.ws.readyState).toBe(2);
    answer(url);
    await vi.advanceTimersByTimeAsync(0);
    expect([one.made.length, one.ws.state, one.log]).toEqual([0, "closed", ["close 1006"]]);
  });
});

describe("reconnect and open", () => {
  it("ends the connection with a code, and begins another at once (WSK-14)", async () => {
    const one = make();
    const { socket } = one;
    socket.accept();
    one.ws.reconnect(4001, "again");
    expect(socket.closes).toEqual([[4001, "again"]]);
    expect([one.ws.state, one.made.length]).toEqual(["opening", 2]);
    expect(one.log).toEqual(["open", "close 4001"]);
    socket.end(4001);
    one.socket.accept();
    expect(one.log).toEqual(["open", "close 4001", "open"]);
  });

  it("ends the wait (WSK-15)", async () => {
    const one = make();
    one.socket.end(1006);
    one.ws.open();
    expect([one.ws.state, one.made.length]).toEqual(["opening", 2]);
    await vi.advanceTimersByTimeAsync(100);
    expect(one.made).toHaveLength(2);
  });

  it("opens again while the last connection still closes (WSK-16)", async () => {
    const one = make();
    one.socket.accept();
    one.ws.close(4000, "bye");
    one.ws.open();
    expect(one.log).toEqual(["open", "close 4000"]);
    one.made[0]?.end(4000);
    one.socket.accept();
    expect(one.log).toEqual(["open", "close 4000", "open"]);
  });

  it("leaves everything as it is when the host refuses", async () => {
    const { WebSocket, made } = hostSockets();
    let isRefused = false;
    class Moody extends WebSocket {
      constructor(at: string) {
        if (isRefused) throw new Error("no more sockets");
        super(at);
      }
    }
    const ws = new ReconnectingWebSocket(url, { WebSocket: Moody, ...flat });
    made[0]?.accept();
    isRefused = true;
    expect(() => ws.reconnect()).toThrow("no more sockets");
    expect(ws.state).toBe("open");
  });

  it("takes a host that refuses a retry for a failed try", async () => {
    const { WebSocket, made } = hostSockets();
    let isRefused = false;
    class Moody extends WebSocket {
      constructor(at: string) {
        if (isRefused) throw new Error("no more sockets");
        super(at);
      }
    }
    const ws = new ReconnectingWebSocket(url, { WebSocket: Moody, ...flat });
    const codes: string[] = [];
    ws.onerror = ({ error }) => codes.push(error.code);
    made[0]?.end(1001);
    isRefused = true;
    await vi.advanceTimersByTimeAsync(100);
    expect([ws.state, codes]).toEqual(["waiting", ["unreachable"]]);
    isRefused = false;
    await vi.advanceTimersByTimeAsync(200);
    expect(ws.state).toBe("opening");
  });
});

describe("codec", () => {
  it("makes values of messages, both ways (WSK-26)", async () => {
    const one = make({ codec: json });
    one.ws.send({ a: 1 });
    one.socket.accept();
    one.socket.receive('{"b":2}');
    expect([one.socket.sent, one.log]).toEqual([['{"a":1}'], ["open", { b: 2 }]]);
  });

  it("throws what encode throws, and sends nothing (WSK-27)", async () => {
    const { ws, socket } = make({ codec: json });
    socket.accept();
    expect(() => ws.send(1n)).toThrow(TypeError);
    expect(socket.sent).toEqual([]);
  });

  it("tells of what decode throws at, with the raw data (WSK-28)", async () => {
    const one = make({ codec: json });
    const errors: unknown[] = [];
    one.ws.addEventListener("error", ({ error }) => errors.push(error));
    one.socket.accept();
    one.socket.receive("{");
    one.socket.receive("1");
    expect(one.log).toEqual(["open", "error parse-error", 1]);
    expect(errors).toMatchObject([{ data: "{", cause: expect.any(SyntaxError) }]);
  });
});

describe("re-entrancy", () => {
  const types = ["state", "open", "message", "error", "close", "reconnecting"] as const;
  const acts: [string, (one: Made) => void][] = [
    ["close", ({ ws }) => ws.close()],
    ["reconnect", ({ ws }) => ws.reconnect()],
    ["open", ({ ws }) => ws.open()],
    ["send", ({ ws }) => ws.send("again")],
    ["close, then open", ({ ws }) => (ws.close(), ws.open())],
  ];
  const all = types.flatMap((type) => acts.map(([name, act]) => ({ type, name, act })));
  const heartbeat = { message: "ping", interval: 100, timeout: 100 };
  /** All that ends a connection or a try. */
  const ends: { [what: string]: (one: Made) => unknown } = {
    "the host, while it connects": ({ socket }) => socket.end(1006),
    "the host, for good": ({ socket }) => (socket.accept(), socket.end(1000)),
    "the host": ({ socket }) => (socket.accept(), socket.receive("m"), socket.end(1001)),
    "the time for a try": () => pass(500),
    "the heartbeat": ({ socket }) => (socket.accept(), pass(200)),
    "the app": ({ ws, socket }) => (socket.accept(), ws.reconnect()),
    "the app, for good": ({ ws, socket }) => (socket.accept(), ws.close(), socket.end(1000)),
  };

  it.each(all)("$name in a listener of $type ends well", async ({ type, act }) => {
    const one = make();
    let left = 3;
    one.ws.addEventListener(type, () => {
      if (left-- > 0) act(one);
    });
    for (let i = 0; i < 4; i++) {
      one.socket.accept();
      one.socket.receive("m");
      one.socket.end(1006);
      await vi.runOnlyPendingTimersAsync();
    }
    left = 0;
    one.ws.reconnect();
    one.socket.accept();
    expect(one.ws.state).toBe("open");
    const sockets = one.made.filter(({ onclose }) => onclose !== null);
    expect(sockets).toEqual([one.socket]);
    one.ws.close();
    one.socket.end(1000);
    expect(one.ws.state).toBe("closed");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("tells of no `open` that no longer holds", async () => {
    const one = make();
    one.ws.addEventListener("state", ({ state }) => state === "open" && one.ws.reconnect());
    one.socket.accept();
    expect(one.log).toEqual(["close 1000"]);
  });

  it.each(all)("$name in a listener of $type leaves open and close in pairs", async (it) => {
    for (const always of [false, true])
      for (const end of Object.values(ends)) {
        const one = make({ connectTimeout: 500, watch: watch({ network: false, heartbeat }) });
        let isOn = true;
        one.ws.addEventListener(it.type, () => {
          if (isOn) it.act(one);
          isOn &&= always && !/,/.test(it.name);
        });
        for (let i = 0; i < 3; i++) {
          const { state } = one.ws;
          await end(one);
          if (state === "closed") one.ws.open();
        }
        isOn = false;
        one.ws.close();
        one.socket.end(1000);
        expect(one.ws.state).toBe("closed");
        expect(vi.getTimerCount()).toBe(0);
        const told = one.log.filter((what) => /^(open|close)/.test(String(what)));
        told.forEach((what, i) => {
          if (what === "open") expect(told[i + 1], one.log.join()).toMatch(/^close/);
        });
        // a try that is begun and ended while something is told is not told
        if (!/,/.test(it.name))
          expect(told.filter((what) => what !== "open").length, one.log.join()).toBe(
            one.made.length,
          );
        for (const { closes, readyState } of one.made)
          expect(closes.length > 0 || readyState === 3).toBe(true);
      }
  });

  it("tells what a listener brings about after what it was told, in order", async () => {
    const one = make();
    one.ws.addEventListener("state", ({ state }) => one.log.push(state));
    one.ws.onerror = () => one.ws.reconnect();
    await pass(10_000);
    expect(one.log).toEqual(["waiting", "error timeout", "close 1006", "opening"]);
    one.ws.onerror = () => one.ws.close();
    await pass(10_000);
    expect(one.log.slice(4)).toEqual(["waiting", "error timeout", "close 1006", "closed"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  /** What the app hands in, called with what a test does there. */
  const hooks: { [name: string]: (act: () => void) => [WebSocketOptions<any, any>, UrlSource?] } = {
    "shouldReconnect: true": (act) => [{ shouldReconnect: () => (act(), true) }],
    "shouldReconnect: false": (act) => [{ shouldReconnect: () => (act(), false) }],
    url: (act) => [{}, () => (act(), url)],
    "url that fails": (act) => [
      {},
      () => {
        act();
        throw new Error("no address");
      },
    ],
    protocols: (act) => [{ protocols: () => (act(), null) }],
    decode: (act) => [{ codec: { ...json, decode: (data) => (act(), data) } }],
    encode: (act) => [{ codec: { ...json, encode: (data) => (act(), String(data)) } }],
    "heartbeat message": (act) => [
      {
        watch: watch({ network: false, heartbeat: { ...heartbeat, message: () => (act(), "?") } }),
      },
    ],
    isAnswer: (act) => [
      {
        watch: watch({
          network: false,
          heartbeat: { ...heartbeat, isAnswer: () => (act(), false) },
        }),
      },
    ],
  };
  const inHooks = Object.keys(hooks).flatMap((hook) =>
    acts
      .concat([["reconnect, then close", ({ ws }) => (ws.reconnect(), ws.close())]])
      .flatMap(([name, act]) => [1, 2, 3].map((at) => ({ hook, name, act, at }))),
  );

  it.each(inHooks)("$name in $hook, call $at", async ({ hook, act, at }) => {
    const errors = uncaught();
    for (const end of Object.values(ends)) {
      let calls = 0;
      const run: { one?: Made } = {};
      const [options, address = url] = hooks[hook]!(() => {
        if (++calls === at && run.one) act(run.one);
      });
      const { WebSocket, made } = hostSockets();
      const host = class extends WebSocket {
        override send(data: unknown) {
          if (this.readyState === 0) throw new DOMException("not open", "InvalidStateError");
          super.send(data);
        }
      };
      const one = (run.one = make(
        { connectTimeout: 500, startClosed: true, ...options, WebSocket: host },
        address,
      ));
      Object.defineProperties(one, {
        made: { value: made },
        socket: { get: () => made.at(-1) ?? new HostSocket(url) },
      });
      one.ws.open();
      for (let i = 0; i < 3; i++) {
        await pass(0);
        const { state } = one.ws;
        await end(one);
        one.ws.send("x");
        if (state === "closed") one.ws.open();
      }
      await pass(0);
      // all but the last one have been let go
      const live = made.filter(({ onclose, closes }) => onclose && !closes.length);
      expect(
        live.filter((socket) => socket !== one.socket),
        one.log.join(),
      ).toEqual([]);
      one.ws.close();
      if (one.socket.onclose) one.socket.end(1000);
      await pass(0);
      expect(one.ws.state).toBe("closed");
      expect(vi.getTimerCount()).toBe(0);
      for (const { closes, readyState } of made)
        expect(closes.length > 0 || readyState === 3).toBe(true);
      // nothing comes between a `close` and the next `open` but tries that fail
      one.log.forEach((what, i) => {
        const next = one.log.slice(i + 1).find((other) => /^(open|close)/.test(String(other)));
        if (what === "open") expect(next, one.log.join()).toMatch(/^close/);
        if (what === "m") expect(next, one.log.join()).toMatch(/^close/);
      });
    }
    expect(errors).toEqual([]);
  });

  it("close() in shouldReconnect is the end, told as it came about", () => {
    const one = make({ shouldReconnect: () => (one.ws.close(), true) });
    one.socket.accept();
    one.socket.end(4401);
    expect([one.ws.state, one.log]).toEqual(["closed", ["open", "close 4401"]]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("reconnect() in shouldReconnect begins one connection, and tells how the last one ended", () => {
    const one = make({ shouldReconnect: () => (one.ws.reconnect(4000), false) });
    one.socket.accept();
    one.socket.end(4401);
    expect([one.ws.state, one.log]).toEqual(["opening", ["open", "close 4401"]]);
    expect([one.made.length, one.ws.retryCount]).toEqual([2, 0]);
    one.socket.accept();
    expect(one.ws.state).toBe("open");
  });

  it("a class that reconnects while it is made leaves no connection behind", async () => {
    const { WebSocket, made } = hostSockets();
    let left = 1;
    const Restless = class extends WebSocket {
      constructor(at: string) {
        super(at);
        if (left-- > 0) ws.reconnect();
      }
    };
    const ws = new ReconnectingWebSocket(() => url, { WebSocket: Restless });
    await pass(0);
    expect(made.map(({ closes, onclose }) => [closes.length, onclose !== null])).toEqual([
      [1, false],
      [0, true],
    ]);
    ws.close();
  });

  it.each(["close", "state"] as const)("reconnect() in each %s begins one try", (type) => {
    const one = make();
    one.ws.addEventListener(type, () => one.ws.reconnect());
    one.socket.accept();
    const { length } = one.made;
    one.ws.reconnect();
    expect([one.made.length, one.ws.state]).toEqual([length + 1, "opening"]);
    one.ws.close();
  });
});

describe("watch", () => {
  const beat = { message: "ping", interval: 1000, timeout: 200 };
  const watched = (options: Parameters<typeof watch>[0] = {}) => {
    const network = networkDouble();
    const one = make({ watch: watch({ network, ...options }) });
    return Object.assign(one, { network });
  };

  it("ends the wait when the page wakes or the network is back (WSK-29)", async () => {
    for (const event of ["wake", "online", "networkchange"] as const) {
      const one = watched();
      one.made[0]?.end(1006);
      one.network.tell(event);
      await vi.advanceTimersByTimeAsync(event === "wake" ? 0 : 250);
      expect([event, one.ws.state]).toEqual([event, "opening"]);
      one.ws.close();
    }
  });

  it("waits long while there is no network (WSK-30)", async () => {
    const one = watched();
    one.made[0]?.accept();
    one.network.tell("offline");
    expect(one.ws.state).toBe("open");
    one.made[0]?.end(1006);
    expect(one.log.at(-1)).toEqual([1, 30_000]);
    one.network.tell("online");
    await vi.advanceTimersByTimeAsync(250);
    expect(one.ws.state).toBe("opening");
  });

  it("leaves nothing open when the page is put away (WSK-31)", async () => {
    const one = watched();
    one.made[0]?.accept();
    one.network.tell("sleep");
    expect(one.made[0]?.closes).toHaveLength(1);
    expect(one.ws.state).toBe("waiting");
    one.network.tell("sleep");
    expect(one.log.filter((what) => what === "close 1006")).toHaveLength(1);
    one.network.tell("wake");
    expect(one.ws.state).toBe("opening");
  });

  it("listens only while it wants to be connected", async () => {
    const one = watched();
    expect(one.network.subscribers).toBe(1);
    one.ws.close();
    one.made[0]?.end(1006);
    expect(one.network.subscribers).toBe(0);
    one.network.leak("wake");
    expect(one.ws.state).toBe("closed");
  });

  it("asks at intervals; any message is an answer (WSK-32)", async () => {
    const one = watched({ heartbeat: beat });
    one.made[0]?.accept();
    for (let i = 1; i <= 3; i++) {
      await vi.advanceTimersByTimeAsync(1000);
      expect(one.made[0]?.sent).toHaveLength(i);
      one.made[0]?.receive("anything");
      await vi.advanceTimersByTimeAsync(0);
    }
    expect(one.log).toEqual(["open", "anything", "anything", "anything"]);
  });

  it("drops a connection that does not answer (WSK-34)", async () => {
    const one = watched({ heartbeat: beat });
    one.made[0]?.accept();
    await vi.advanceTimersByTimeAsync(1200);
    expect(one.log).toEqual(["open", "error timeout", "close 1006", [1, 100]]);
    expect(one.made[0]?.closes).toHaveLength(1);
  });

  it("takes only answers for answers where it is told what they are (WSK-33)", async () => {
    const isAnswer = (data: unknown): boolean => data === "pong";
    const one = watched({ heartbeat: { ...beat, isAnswer } });
    one.made[0]?.accept();
    await vi.advanceTimersByTimeAsync(1000);
    one.made[0]?.receive("pong");
    await vi.advanceTimersByTimeAsync(1000);
    one.made[0]?.receive("chat");
    await vi.advanceTimersByTimeAsync(200);
    expect(one.log).toEqual(["open", "chat", "error timeout", "close 1006", [1, 100]]);
  });

  it.each(["wake", "online", "offline", "networkchange"] as const)(
    "asks at once on %s",
    async (event) => {
      const one = watched({ heartbeat: beat });
      one.made[0]?.accept();
      one.network.tell(event);
      expect(one.made[0]?.sent).toEqual(["ping"]);
      await vi.advanceTimersByTimeAsync(200);
      expect(one.ws.state).toBe("waiting");
    },
  );

  it("drops nothing because it was frozen (WSK-35)", async () => {
    const one = watched({ heartbeat: beat });
    one.made[0]?.accept();
    await vi.advanceTimersByTimeAsync(1000);
    elapse(60_000);
    await vi.advanceTimersByTimeAsync(200);
    expect([one.ws.state, one.made[0]?.sent.length]).toEqual(["open", 2]);
    one.made[0]?.receive("pong");
    await vi.advanceTimersByTimeAsync(200);
    expect(one.ws.state).toBe("open");
  });

  it("reports a message function that throws, and takes the silence for what it is (WSK-36)", async () => {
    const errors = uncaught();
    const message = () => {
      throw new Error("oops");
    };
    const one = watched({ heartbeat: { ...beat, message } });
    one.made[0]?.accept();
    await vi.advanceTimersByTimeAsync(1200);
    expect(errors).toHaveLength(1);
    expect(one.log).toContain("error timeout");
  });

  it("reports an isAnswer that throws, and hands the message on", async () => {
    const errors = uncaught();
    const isAnswer = () => {
      throw new Error("oops");
    };
    const one = watched({ heartbeat: { ...beat, isAnswer } });
    one.made[0]?.accept();
    one.made[0]?.receive("m");
    expect([errors.length, one.log]).toEqual([1, ["open", "m"]]);
  });

  it.each([
    { heartbeat: { message: "x", interval: -1 } },
    { heartbeat: { message: "x", timeout: Number.NaN } },
    { heartbeat: { message: "x", timeout: "5" } },
    { heartbeat: { message: "x", timeout: 0 } },
    { heartbeat: { message: "x", interval: "1s" } },
    { heartbeat: { message: "x", interval: 0 } },
    { heartbeat: { interval: 1 } },
    { heartbeat: { message: "x", isAnswer: 1 } },
    { network: {} },
  ])("refuses %j", (options) => {
    expect(() => watch(options as never)).toThrow(
      expect.objectContaining({ code: "invalid-option" }),
    );
  });

  it("takes null for the default", async () => {
    const nothing = { interval: null, timeout: null, isAnswer: null } as object;
    const { socket } = watched({
      network: null as never,
      heartbeat: { message: "ping", ...nothing },
    });
    socket.accept();
    await pass(30_000);
    expect(socket.sent).toEqual(["ping"]);
    await pass(5000);
    expect(socket.closes).toHaveLength(1);
  });
});

describe("drained", () => {
  it.each([{ below: Number.NaN }, { below: "1k" }, { timeout: Number.NaN }, { timeout: -1 }])(
    "refuses %o",
    async (options) => {
      const ws = { bufferedAmount: 9, state: "open" } as const;
      await expect(drained(ws, options as never)).rejects.toMatchObject({
        code: "invalid-option",
        message: Object.keys(options)[0],
      });
    },
  );

  it("takes null for the default", async () => {
    const ws = { bufferedAmount: 65535, state: "open" } as const;
    await drained(ws, { below: null, timeout: null } as never);
  });
});
