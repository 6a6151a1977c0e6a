import { describe, expect, it, onTestFinished, vi } from "vitest";
import { io as developmentIo } from "../../src/development.js";
import { io, Manager, type TautlineError } from "../../src/index.js";
import { drained, exactlyOnce, flush, nextEvent } from "../support/client-api.js";
import { client, connected, serve, until } from "../support/harness.js";
import { outcome, thrownBy } from "../support/field.js";
import { closedPort } from "../support/servers.js";

const never = { autoConnect: false, forceNew: true };
const address = "http://localhost:1";
const wrong = [NaN, -1, "1000", "soon", {}, [], true];

const delays = [
  "reconnectionDelay",
  "reconnectionDelayMax",
  "minUptime",
  "probeTimeout",
  "fallbackDelay",
  "requestTimeout",
  "ackTimeout",
];
const counts = ["reconnectionAttempts", "retries", "maxPacketsPerRequest"];

function error(call: () => unknown): TautlineError | undefined {
  try {
    call();
    return undefined;
  } catch (thrown) {
    return thrown as TautlineError;
  }
}

const numeric = [...delays, ...counts, "randomizationFactor", "timeout"];

describe.each(numeric)("The option %s", (name) => {
  const make = (value: unknown) => error(() => io(address, { ...never, [name]: value } as object));

  it("is refused, by name and value, where it is no number of its kind (OPT-1)", () => {
    for (const value of wrong) {
      const thrown = make(value);
      expect(thrown, String(value)).toMatchObject({ code: "invalid-option" });
      expect(thrown?.message).toContain(name);
      if (typeof value !== "object") expect(thrown?.message).toContain(String(value));
    }
  });

  it("is its default where it isn't given (OPT-2)", () => {
    for (const value of [undefined, null]) expect(make(value)).toBeUndefined();
  });
});

describe("Infinity", () => {
  it.each(["reconnectionAttempts", "fallbackDelay", "maxPacketsPerRequest", "ackTimeout"])(
    "is a number for %s (OPT-4)",
    (name) => {
      expect(error(() => io(address, { ...never, [name]: Infinity }))).toBeUndefined();
    },
  );
});

describe("The other options", () => {
  it.each([
    [{ randomizationFactor: 2 }],
    [{ buffer: { maxPackets: NaN } }],
    [{ buffer: { maxBytes: -1 } }],
    [{ buffer: { ttl: "1" } }],
    [{ buffer: { overflow: "drop" } }],
    [{ buffer: 5 }],
    [{ transports: [] }],
    [{ transports: ["carrier-pigeon"] }],
    [{ auth: "token" }],
    [{ parser: {} }],
    [{ extraHeaders: "x" }],
    [{ extraHeaders: { "x-a": undefined } }],
    [{ extraHeaders: { "x-a": "a\n1" } }],
    [{ transportOptions: { websocket: { extraHeaders: { "x a": "1" } } } }],
    [{ transportOptions: { polling: { extraHeaders: () => ({}) } } }],
    [{ transportOptions: { polling: { query: () => ({}) } } }],
    [{ path: 5 }],
    [{ query: 5 }],
    [{ delivery: "twice" }],
  ])("are refused: %o", (options) => {
    expect(thrownBy(() => io(address, { ...never, ...(options as object) }))).toBe(
      "invalid-option",
    );
  });

  it("that name a feature as a text name what to import instead, or are taken (OPT-6)", () => {
    const thrown = error(() => io(address, { ...never, delivery: "at-most-twice" } as object));
    expect(thrown).toMatchObject({ code: "invalid-option" });
    expect(error(() => io(address, { ...never, delivery: exactlyOnce() }))).toBeUndefined();
  });
});

describe("Arguments", () => {
  it.each(["reconnectionDelay", "reconnectionDelayMax", "randomizationFactor"] as const)(
    "of manager.%s() are refused (OPT-8)",
    (name) => {
      const manager = new Manager(address, never);
      const before = manager[name]();
      for (const value of [NaN, -1, "soon"])
        expect(thrownBy(() => manager[name](value as number))).toBe("invalid-option");
      expect(manager[name]()).toBe(before);
    },
  );

  it("of the views and of what waits are refused (OPT-8)", async () => {
    const socket = io(address, never);
    for (const value of [NaN, -1, "soon"] as number[]) {
      expect(thrownBy(() => socket.timeout(value))).toBe("invalid-option");
      expect(thrownBy(() => socket.ttl(value))).toBe("invalid-option");
      expect(await outcome(() => flush(socket, { timeout: value }))).toBe("invalid-option");
      expect(await outcome(() => nextEvent(socket, "n", { timeout: value }))).toBe(
        "invalid-option",
      );
      expect(await outcome(() => drained(socket, { below: value }))).toBe("invalid-option");
    }
    expect(thrownBy(() => socket.signal({} as AbortSignal))).toBe("invalid-option");
    expect(thrownBy(() => socket.key(5 as never))).toBe("invalid-option");
  });

  it("that are as long as can be are as good as endless", async () => {
    const server = await serve();
    server.io.on("connection", (far) => {
      far.on("ask", (n: unknown, answer: (n: unknown) => void) => answer(n));
    });
    const socket = await connected(client(server.url, { ackTimeout: Infinity, timeout: 2 ** 40 }));
    for (const ms of [Infinity, 2 ** 31, 2 ** 40])
      expect(await socket.timeout(ms).emitWithAck("ask", ms === Infinity ? 0 : ms)).toBe(
        ms === Infinity ? 0 : ms,
      );
  });
});

describe("Falsy values keep the reference's meaning", () => {
  it("reconnectionAttempts: 0 goes on for ever, reconnectionDelayMax: 0 is 5000 (OPT-3)", async () => {
    const socket = client(`http://127.0.0.1:${await closedPort()}`, {
      reconnectionAttempts: 0,
      reconnectionDelayMax: 0,
      reconnectionDelay: 1,
      transports: ["websocket"],
    });
    expect(socket.io.reconnectionAttempts()).toBe(Infinity);
    expect(socket.io.reconnectionDelayMax()).toBe(5000);
    let failed = 0;
    let attempts = 0;
    socket.io.on("reconnect_failed", () => failed++);
    socket.io.on("reconnect_attempt", () => attempts++);
    await until(() => attempts >= 4);
    expect(failed).toBe(0);
  });

  it("timeout: false never gives up, reconnectionDelay: 0 is none", () => {
    const { io: manager } = io(address, { ...never, timeout: false, reconnectionDelay: 0 });
    expect([manager.timeout(), manager.reconnectionDelay()]).toEqual([false, 0]);
  });
});

describe("A misspelt option", () => {
  function warnings(): unknown[] {
    const texts: unknown[] = [];
    const spy = vi
      .spyOn(console, "warn")
      .mockImplementation((...args) => texts.push(args.join(" ")));
    onTestFinished(() => spy.mockRestore());
    return texts;
  }

  it.each([
    ["reconectionDelay", "reconnectionDelay"],
    ["transport", "transports"],
    ["ackTimeOut", "ackTimeout"],
  ])("is a warning with the nearest name: %s", (name, nearest) => {
    const texts = warnings();
    developmentIo(address, { ...never, [name]: 5 } as object);
    expect(texts.length).toBe(1);
    expect(texts[0]).toContain(name);
    expect(texts[0]).toContain(nearest);
  });

  it("is the only thing that is warned of", () => {
    const texts = warnings();
    developmentIo(address, {
      ...never,
      reconnectionDelay: 5,
      transports: ["polling"],
      auth: {},
      query: {},
    });
    expect(texts).toEqual([]);
  });
});
