import { afterEach, describe, expect, it, vi } from "vitest";
import { network, type TestNetwork } from "../../../src/test-kit/index.js";

const ADDRESS = "http://chat.test";
let net: TestNetwork | undefined;

function open(options?: Parameters<typeof network>[0]): TestNetwork {
  return (net = network(options));
}

afterEach(async () => {
  await net?.close();
  net = undefined;
});

describe("Chance of a host", () => {
  it("fills the array that it is given, whatever its type (KIT-19)", () => {
    open();
    for (const array of [
      new Uint8Array(16),
      new Int8Array(16),
      new Uint8ClampedArray(16),
      new Uint16Array(16),
      new Int32Array(16),
      new Uint32Array(16),
      new BigUint64Array(16),
      new BigInt64Array(16),
    ]) {
      expect(crypto.getRandomValues(array)).toBe(array);
      expect(new Set<unknown>(array).size).toBeGreaterThan(8);
    }
    const wrong = (): unknown => crypto.getRandomValues(new Float32Array(1) as never);
    expect(wrong).toThrow("whole numbers");
    expect(() => crypto.getRandomValues(new Uint8Array(65_537))).toThrow("65536");
  });

  it("draws ids from the seed (KIT-19)", async () => {
    const ids: string[] = [];
    for (let run = 0; run < 2; run++) {
      const one = open({ seed: 3 });
      ids.push(crypto.randomUUID());
      await one.close();
    }
    expect(ids[0]).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    expect(ids[1]).toBe(ids[0]);
  });
});

describe("The end of a network", () => {
  it("gives the globals back, also when the app throws meanwhile (KIT-21)", async () => {
    const before = [setTimeout, fetch, Math.random, Date.now];
    const one = open();
    one.server(ADDRESS).on("connection", (far) => {
      far.on("disconnect", () => {
        throw new Error("in a disconnect handler");
      });
    });
    const socket = one.io(ADDRESS);
    await one.until(() => socket.connected);
    await expect(one.close()).rejects.toThrow("in a disconnect handler");
    expect([setTimeout, fetch, Math.random, Date.now]).toEqual(before);
    open();
  });
});

describe("What callbacks throw", () => {
  const boom = (): never => {
    throw new Error("boom");
  };

  it.each<[string, (one: TestNetwork) => unknown]>([
    ["a microtask", () => queueMicrotask(boom)],
    ["a timer", () => setTimeout(boom, 5)],
    ["a signal of the page", () => globalThis.addEventListener("online", boom, { once: true })],
    ["a listener of a socket", (one) => one.io(ADDRESS, { forceNew: true }).once("connect", boom)],
    ["a handler of a server", (one) => one.io(ADDRESS, { forceNew: true }).emit("boom")],
    [
      "a WebSocket's handler",
      () => {
        new WebSocket(
          `${ADDRESS.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`,
        ).onopen = boom;
      },
    ],
  ])("in %s reaches who awaits the network, once (KIT-53)", async (_, act) => {
    const one = open();
    one.server(ADDRESS).on("connection", (far) => far.on("boom", boom));
    act(one);
    one.offline();
    one.online();
    await expect(one.advance(20_000)).rejects.toThrow("boom");
    await one.advance(20_000);
    act(one);
    one.offline();
    one.online();
    await expect(one.until(() => false)).rejects.toThrow("boom");
  });

  it("reaches close() at the latest; the host hears of what nobody was told of (KIT-54)", async () => {
    const hosts: unknown[] = [];
    vi.stubGlobal("reportError", (error: unknown) => hosts.push(error));
    const one = open();
    for (const name of ["first", "second"])
      queueMicrotask(() => {
        throw new Error(name);
      });
    await expect(one.close()).rejects.toThrow("first");
    expect(hosts).toEqual([new Error("second")]);
    vi.unstubAllGlobals();
  });
});

describe("Time of a host", () => {
  it("makes conditions true that ask for the time alone, when they are (KIT-55)", async () => {
    const one = open();
    one.server(ADDRESS);
    await one.until(() => one.now >= 2000);
    expect(one.now).toBe(2000);
    const socket = one.io(ADDRESS);
    await one.until(() => socket.connected);
    const since = Date.now();
    await one.until(() => Date.now() - since >= 1500);
    expect(Date.now() - since).toBe(1500);
    const far = performance.now() + 30_000.5;
    await one.until(() => performance.now() >= far);
    expect(performance.now() - far).toBeLessThan(1);
    await expect(one.until(() => false, 10)).rejects.toMatchObject({ code: "timeout" });
  });

  it("makes them true also while the page is frozen and holds a timer (KIT-55)", async () => {
    const one = open();
    setTimeout(() => {}, 100);
    one.freeze(5000);
    await one.until(() => one.now >= 1000);
    expect(one.now).toBe(1000);
    await one.until(() => one.now >= 2000, 1000);
    expect(one.now).toBe(2000);
  });

  it("waits for a condition or a promise, and for nothing else (KIT-66)", async () => {
    const one = open();
    for (const what of [5, undefined, {}, () => Promise.resolve(false)])
      await expect(one.until(what as never)).rejects.toMatchObject({ code: "invalid-option" });
  });

  it("begins at the same date in every network (KIT-20)", async () => {
    const dates: unknown[] = [];
    for (let run = 0; run < 2; run++) {
      const one = open({ seed: 3 });
      await one.advance(10.5);
      expect(new Date().getTime()).toBe(Date.now());
      expect(Date()).toBe(new Date().toString());
      expect(new Date(5).getTime()).toBe(5);
      expect(Number.isInteger(Date.now())).toBe(true);
      dates.push(new Date().toISOString());
      await one.close();
    }
    expect(dates[1]).toBe(dates[0]);
  });

  it("rings at 1 ms for delays that are none, and reads numbers in strings (KIT-22)", async () => {
    const one = open();
    const rang: unknown[] = [];
    for (const ms of ["100", NaN, Infinity, 2 ** 31])
      setTimeout(() => rang.push([String(ms), one.now]), ms as number);
    await one.advance(200);
    expect(rang).toEqual([
      ["NaN", 1],
      ["Infinity", 1],
      [String(2 ** 31), 1],
      ["100", 100],
    ]);
  });

  it("moves on where a timeout of 0 sets itself again (KIT-49)", async () => {
    const one = open();
    let rounds = 0;
    const loop = (): void => {
      rounds++;
      setTimeout(loop, 0);
    };
    loop();
    await one.advance(100);
    expect(rounds).toBeGreaterThan(10);
    expect(rounds).toBeLessThan(100);
  });

  it("says that time stands still where tasks set each other for ever (KIT-23)", async () => {
    const one = open();
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => port2.postMessage(0);
    port2.postMessage(0);
    await expect(one.advance(10)).rejects.toMatchObject({ code: "timeout" });
  });

  it("has setImmediate and AbortSignal.timeout() in virtual time (KIT-22)", async () => {
    const one = open();
    const seen: string[] = [];
    setImmediate(() => seen.push("immediate"));
    AbortSignal.timeout(60_000).addEventListener("abort", () => seen.push("aborted"));
    await one.advance(59_999);
    expect(seen).toEqual(["immediate"]);
    await one.advance(1);
    expect(seen).toEqual(["immediate", "aborted"]);
  });

  it("leaves fakes that came later where they are, and the host's own behind them (KIT-24)", async () => {
    const before = setTimeout;
    const one = open();
    vi.useFakeTimers();
    await expect(one.advance(1)).rejects.toThrow("other fake timers");
    await one.close();
    vi.useRealTimers();
    expect([typeof setTimeout, typeof setInterval, typeof clearTimeout]).toEqual(
      Array(3).fill("function"),
    );
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    globalThis.setTimeout = before;
  });

  it("says that a later fake of the date alone is one too (KIT-24)", async () => {
    const one = open();
    vi.useFakeTimers({ toFake: ["Date"] });
    await expect(one.advance(1)).rejects.toThrow("other fake timers");
    vi.useRealTimers();
    await one.advance(1);
  });
});

describe("A frozen page", () => {
  it("is told nothing until it thaws (KIT-25)", async () => {
    const one = open();
    one.webSocketServer("ws://plain.test");
    const told: unknown[] = [];
    const first = new WebSocket("ws://plain.test");
    await one.until(() => first.readyState === 1);
    first.onclose = () => told.push("close");
    new WebSocket("ws://plain.test").onopen = () => told.push("open");
    fetch("http://none.test").catch(() => told.push("rejected"));
    globalThis.addEventListener("offline", () => told.push("offline"), { once: true });
    one.freeze(1000);
    one.freeze(10);
    await one.advance(10);
    one.cut();
    one.offline();
    await one.advance(980);
    expect(told).toEqual([]);
    await one.advance(20);
    expect([...told].sort()).toEqual(["close", "offline", "rejected"]);
  });

  it("wakes when it is healed: timers that came due ring, and intervals go on (KIT-26)", async () => {
    const one = open();
    const rang: number[] = [];
    setInterval(() => rang.push(one.now), 1000);
    await one.advance(1500);
    one.freeze(60_000);
    await one.advance(2000);
    expect(rang).toEqual([1000]);
    one.heal();
    await one.advance(2000);
    expect(rang).toEqual([1000, 3500, 4500, 5500]);
  });

  it("does not stop the timers of a server (KIT-25)", async () => {
    const one = open();
    let ticks = 0;
    one.server(ADDRESS).on("connection", () => {
      setInterval(() => ticks++, 1000);
    });
    const socket = one.io(ADDRESS);
    await one.until(() => socket.connected);
    one.freeze(60_000);
    await one.advance(10_500);
    expect(ticks).toBe(10);
  });
});

describe("Faults", () => {
  it("are over when all is healed, also latency and the clock (KIT-26)", async () => {
    const one = open({ latency: 5 });
    one.server(ADDRESS);
    const began = Date.now();
    one.latency(400);
    one.setClock(3_600_000);
    one.heal();
    expect(Date.now()).toBe(began);
    const socket = one.io(ADDRESS, { transports: ["websocket"] });
    await one.until(() => socket.connected);
    expect(one.now).toBeLessThan(100);
  });

  it("let the clock on the wall jump, and no timer (KIT-45)", async () => {
    const one = open();
    const before = Date.now();
    const rang: number[] = [];
    setTimeout(() => rang.push(one.now), 1000);
    one.setClock(-3_600_000);
    expect(Date.now()).toBe(before - 3_600_000);
    await one.advance(999);
    expect(rang).toEqual([]);
    await one.advance(1);
    expect([rang, Date.now()]).toEqual([[1000], before - 3_599_000]);
  });

  it.each(["refuse", "hang"] as const)(
    "%s HTTP requests, and let WebSockets pass (KIT-46)",
    async (how) => {
      const one = open();
      one.server(ADDRESS);
      one.blockHttp(how);
      const errors: unknown[] = [];
      const polling = one.io(ADDRESS, { transports: ["polling"], forceNew: true, timeout: 5000 });
      polling.on("connect_error", ({ code }) => errors.push(code));
      const stream = one.io(ADDRESS, { transports: ["websocket"], forceNew: true });
      await one.until(() => stream.connected && errors.length);
      expect([errors[0], polling.connected]).toEqual([
        how === "hang" ? "timeout" : "unreachable",
        false,
      ]);
      one.blockHttp(false);
      await one.until(() => polling.connected);
    },
  );

  it("hold back what travels in a direction, and nothing of the other (KIT-47)", async () => {
    const one = open({ latency: 2 });
    const server = one.server(ADDRESS);
    const heard: unknown[] = [];
    server.on("connection", (far) => far.on("n", () => heard.push(["up", one.now])));
    const socket = one.io(ADDRESS, { transports: ["websocket"] });
    socket.on("n", () => heard.push(["down", one.now]));
    await one.until(() => socket.connected);
    const began = one.now;
    one.stall(500, "up");
    socket.emit("n");
    server.emit("n");
    await one.advance(1000);
    const [[first, at], [second, late]] = heard as [[string, number], [string, number]];
    expect([first, second]).toEqual(["down", "up"]);
    expect(at - began).toBeLessThan(100);
    expect(late - began).toBeGreaterThanOrEqual(500);
  });

  it("make each way as long as is said (KIT-48)", async () => {
    const one = open({ latency: 2 });
    one.server(ADDRESS).on("connection", (far) => {
      far.on("ask", (answer) => (answer as () => void)());
    });
    const socket = one.io(ADDRESS, { transports: ["websocket"] });
    await one.until(() => socket.connected);
    one.latency(300);
    const began = one.now;
    await one.until(socket.emitWithAck("ask"));
    expect(one.now - began).toBeGreaterThanOrEqual(600);
    expect(one.now - began).toBeLessThan(1200);
  });

  it.each([
    [{ keep: "up" }, ["up", "close"], ["close"]],
    [{ keep: "up", side: "client" }, ["up"], ["close"]],
    [{ keep: "up", side: "server" }, ["up", "close"], []],
    [{ keep: "down" }, ["close"], ["down", "close"]],
    [{ keep: "down", side: "server" }, ["close"], ["down"]],
    [{ keep: "down", side: "client" }, [], ["down", "close"]],
  ] as const)("keep what is under way: %j (KIT-27)", async (how, up, down) => {
    const one = open();
    const heard: { up: unknown[]; down: unknown[] } = { up: [], down: [] };
    let send = (_text: string): void => {};
    one.webSocketServer("ws://plain.test").on("connection", (far) => {
      send = (text) => far.send(text);
      far.on("message", (text: unknown) => heard.up.push(text));
      far.on("close", () => heard.up.push("close"));
    });
    const socket = new WebSocket("ws://plain.test");
    socket.onmessage = ({ data }) => heard.down.push(data);
    socket.onclose = () => heard.down.push("close");
    await one.until(() => socket.readyState === 1);
    socket.send("up");
    send("down");
    one.cut(how);
    await one.advance(100);
    expect(heard).toEqual({ up, down });
  });
});

describe("Calls that move the time while another one does", () => {
  it("move it forward only (KIT-17)", async () => {
    const one = open();
    const seen: number[] = [];
    const note = (): void => void seen.push(one.now);
    setTimeout(() => void one.advance(10).then(note), 500);
    setTimeout(note, 1500);
    await one.advance(1000).then(note);
    await Promise.all([one.advance(1000).then(note), one.until(() => one.now >= 1500).then(note)]);
    note();
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(one.now).toBeGreaterThanOrEqual(2000);
  });
});

describe("until()", () => {
  it("fails after 60 virtual seconds, and shows what happened last (KIT-18)", async () => {
    const one = open();
    one.server(ADDRESS);
    const socket = one.io(ADDRESS, { transports: ["websocket"] });
    await one.until(() => socket.connected);
    const began = one.now;
    const error = await one.until(() => !socket.connected).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "timeout" });
    const [said, ...last] = (error as Error).message.split("\n");
    expect(said).toContain("within 60000 ms of virtual time");
    expect(last).toEqual(one.transcript.split("\n"));
    expect(last.at(-1)).toMatch(/up websocket 3$/);
    expect(one.now).toBe(began + 60_000);
    await expect(one.until(new Promise(() => {}), 10)).rejects.toMatchObject({ code: "timeout" });
    expect(one.now).toBe(began + 60_010);
  });
});

describe("Wrong calls", () => {
  it("refuses options that are none (KIT-35)", () => {
    const one = open();
    for (const wrong of [
      () => one.stall(NaN, "up"),
      () => one.stall(10, undefined as never),
      () => one.cut({ only: "ws" as never }),
      () => one.cut({ side: "left" as never }),
      () => one.cut({ keep: "all" as never }),
      () => one.blockWebSocket("x" as never),
      () => one.blockHttp("x" as never),
      () => one.setClock(NaN),
    ])
      expect(wrong).toThrow(expect.objectContaining({ code: "invalid-option" }));
  });
});
