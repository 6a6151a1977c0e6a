import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { z } from "zod";
import {
  contract,
  type ContractError,
  defineEvents,
  EventError,
  outgoing,
} from "../../../src/contract/index.js";
import type { SchemaResult, StandardSchema } from "../../../src/contract/standard-schema.js";
import {
  connectedSocket,
  events as framesOf,
  outcome,
  standing,
} from "../../support/line-socket.js";

const reported = vi.fn();

beforeEach(() => {
  vi.stubGlobal("reportError", reported);
  reported.mockReset();
  onTestFinished(() => {
    vi.unstubAllGlobals();
  });
});

/** A schema that answers as it is told, however odd that is. */
function schema(validate: (value: unknown) => unknown): StandardSchema<string, string> {
  return {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: validate as (value: unknown) => SchemaResult<string>,
    },
  };
}

const events = defineEvents({
  errors: { BUSY: {} },
  clientToServer: {
    sum: {
      req: z.array(z.number()),
      res: z.number(),
      errors: { FULL: { data: z.object({ max: z.number() }) } },
    },
    ping: { res: z.literal("pong") },
    say: z.string(),
  },
  serverToClient: {
    chat: z.string().transform((text) => text.toUpperCase()),
    tick: {},
    ask: { req: z.number(), res: z.number(), errors: { NO: z.number() } },
    maybe: { req: z.optional(z.string()), res: z.string() },
  },
});

function under(
  options: Parameters<typeof contract>[2] = {},
  socketOptions: Parameters<typeof connectedSocket>[0] = {},
) {
  const made = connectedSocket(socketOptions);
  const violations: ContractError[] = [];
  const heard: unknown[][] = [];
  const socket = contract(made.socket as never, events, {
    onViolation: (error) => violations.push(error),
    ...options,
  });
  socket.onAny((...args: unknown[]) => heard.push(args));
  return { ...made, socket, violations, heard };
}

/** Under a contract with one incoming event, "x", of this schema. */
function withSchema(one: StandardSchema<string, string>) {
  const made = connectedSocket();
  const violations: ContractError[] = [];
  const heard: unknown[] = [];
  const socket = contract(
    made.socket as never,
    defineEvents({
      clientToServer: { q: { res: one } },
      serverToClient: { x: one, y: z.string() },
    }),
    { onViolation: (error) => violations.push(error) },
  );
  socket.on("x", (value) => heard.push(value));
  socket.on("y", (value) => heard.push(value));
  return { ...made, socket, violations, heard };
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

describe("Contract > what comes in", () => {
  it("reaches listeners as the schema makes it, without what the contract doesn't name (CTR-1)", () => {
    const { line, heard } = under();
    line.say('2["chat","a","offset"]').say('2["tick",{"garbage":1}]');
    expect(heard).toEqual([["chat", "A"], ["tick"]]);
  });

  it("is reported and dropped when it violates the contract (CTR-2)", () => {
    const { line, heard, violations } = under();
    line.say('2["chat",5]').say('2["chat"]').say('2["other","a"]').say('2[7,"a"]');
    expect(heard).toEqual([]);
    expect(
      violations.map(({ code, data }) => [code, data.event, data.direction, data.part]),
    ).toEqual([
      ["contract", "chat", "incoming", "req"],
      ["contract", "chat", "incoming", "req"],
      ["contract", "other", "incoming", "req"],
      ["contract", 7, "incoming", "req"],
    ]);
    expect(violations[0]?.data.issues[0]).toEqual({
      message: expect.stringContaining("string"),
      path: [],
    });
    expect(violations[0]?.data).not.toHaveProperty("value");
  });

  it("is in the report where the option `values` asks for it", () => {
    const { line, violations } = under({ values: true });
    line.say('2["chat",5]');
    expect(violations[0]?.data.value).toBe(5);
  });

  it("passes untouched when nothing is known of it, where the option `unknown` says so (CTR-3)", () => {
    const { line, heard } = under({ unknown: "pass" });
    line.say('2["other",1,2]').say('2["chat",1]');
    expect(heard).toEqual([["other", 1, 2]]);
  });

  it.each(["__proto__", "constructor", "toString", "hasOwnProperty"])(
    "is unknown by the name %s",
    (name) => {
      const { line, heard, violations } = under();
      line.say(`2["${name}",{"__proto__":{"polluted":1}}]`);
      expect([heard, violations.length, "polluted" in {}]).toEqual([[], 1, false]);
    },
  );

  it("leaves the library's own events alone", () => {
    const { line, heard, log } = under();
    line.say('2["$tautline:own",1]').lose();
    expect(heard).toEqual([["$tautline:own", 1]]);
    expect(log).toEqual(["disconnect transport close"]);
  });

  it("answers a question that violates the contract with an error (CTR-4)", () => {
    const { line } = under();
    line.say('21["ask","x"]').say('22["nobody"]');
    expect(line.told().map((frame) => String(frame).replace(/"issues":.*/, ""))).toEqual([
      '31[{"$error":{"code":"REQUEST_VALIDATION_ERROR","data":{',
      '32[{"$error":{"code":"REQUEST_VALIDATION_ERROR","data":{',
    ]);
  });

  it("may be a question without an argument", () => {
    const { line, socket } = under();
    socket.on("maybe", (text, ack) => ack(String(text)));
    line.say('21["maybe"]').say('22["maybe","a"]');
    expect(line.told()).toEqual(['31["undefined"]', '32["a"]']);
  });

  it("may be answered with an error that is declared (CTR-5)", () => {
    const { line, socket } = under({ outgoing });
    socket.on("ask", (_n, ack) => ack(new EventError("BUSY")));
    line.say('21["ask",1]');
    expect(line.told()).toEqual(['31[{"$error":{"code":"BUSY"}}]']);
  });

  it("warns on the console when nobody is told of violations (CTR-6)", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const { line } = under({ onViolation: undefined as never });
    line.say('2["chat",5]');
    expect(warn.mock.calls[0]?.[0]).toMatchObject({ code: "contract" });
    warn.mockRestore();
  });

  it("is not affected by an onViolation that throws", () => {
    const { line, heard } = under({
      onViolation() {
        throw new Error("of the app");
      },
    });
    line.say('2["chat",5]').say('2["chat","a"]');
    expect([heard, reported.mock.calls.length]).toEqual([[["chat", "A"]], 1]);
  });
});

describe("Contract > validators", () => {
  const nonsense: Record<string, (value: unknown) => unknown> = {
    throws: () => {
      throw new Error("of the validator");
    },
    rejects: () => Promise.reject(new Error("of the validator")),
    "returns nothing": () => undefined,
    "returns null": () => null,
    "returns a number": () => 5,
    "returns a string": () => "ok",
    "returns an object without a value": () => ({}),
    "has issues that are no list": () => ({ issues: true }),
    "has issues that are nothing": () => ({ issues: [null] }),
    "has an issue whose message throws": () => ({
      issues: [
        {
          message: {
            toString: () => {
              throw new Error("no");
            },
          },
        },
      ],
    }),
    "has a path of nothing": () => ({ issues: [{ message: "x", path: [null] }] }),
    "has a getter that throws": () => ({
      get value() {
        throw new Error("no");
      },
    }),
    "is a thenable that throws": () => ({
      then() {
        throw new Error("no");
      },
    }),
    "resolves with nothing": () => Promise.resolve(),
  };

  it.each(Object.keys(nonsense))("count as violated when one %s", async (name) => {
    const { line, socket, heard, violations } = withSchema(schema(nonsense[name]!));
    const asked = outcome(socket.emitWithAck("q"));
    const called = outcome(socket.call("q"));
    line.say('2["x","a"]').say('2["y","behind"]').say('30["a"]').say('31["a"]');
    expect([await asked, await called]).toEqual(
      ["contract maybe-sent", "contract maybe-sent"].map(() => "contract"),
    );
    await settled();
    expect(heard).toEqual(["behind"]);
    expect(violations.map(({ data }) => data.event).sort()).toEqual(["q", "q", "x"]);
    expect(reported).not.toHaveBeenCalled();
  });

  it("may be async: what comes behind waits, in order (CTR-7)", async () => {
    const ends: ((result: unknown) => void)[] = [];
    const slow = schema(() => new Promise((resolve) => ends.push(resolve)));
    const { line, heard } = withSchema(slow);
    line.say('2["x","first"]').say('2["y","second"]').say('2["x","third"]').say('2["y","last"]');
    await settled();
    expect(heard).toEqual([]);
    ends[1]?.({ value: "third" });
    await settled();
    expect(heard).toEqual([]);
    ends[0]?.({ value: "first" });
    await settled();
    expect(heard).toEqual(["first", "second", "third", "last"]);
    line.say('2["y","at once"]');
    expect(heard.at(-1)).toBe("at once");
  });

  it("that never settle count as violated in the end: what is behind comes then, in order (CTR-8)", async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { line, socket, heard, violations } = withSchema(schema(() => new Promise(() => {})));
    const asked = outcome(socket.emitWithAck("q"));
    line.say('2["x","a"]').say('2["y","behind"]').say('30["a"]').say('2["y","last"]');
    await vi.advanceTimersByTimeAsync(9_999);
    expect([heard, await standing(asked)]).toEqual([[], "pending"]);
    await vi.advanceTimersByTimeAsync(1);
    expect([heard, await asked]).toEqual([["behind", "last"], "contract"]);
    expect(violations.map(({ data }) => [data.event, data.issues])).toEqual([
      ["x", [{ message: "the validator timed out" }]],
      ["q", [{ message: "the validator timed out" }]],
    ]);
    line.say('2["y","at once"]');
    expect([heard.at(-1), vi.getTimerCount()]).toEqual(["at once", 0]);
  });

  it("hold up nothing when a listener or an ack throws behind them", async () => {
    const { line, socket, heard } = withSchema(schema(() => Promise.resolve({ value: "v" })));
    socket.once("x", () => {
      throw new Error("of a listener");
    });
    socket.emit("q", () => {
      throw new Error("of an ack");
    });
    line.say('2["x","a"]').say('30["a"]').say('2["x","b"]');
    await settled();
    expect([heard, reported.mock.calls.length]).toEqual([["v", "v"], 2]);
  });

  it("leave no timer behind", async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { line, heard } = withSchema(schema(() => Promise.resolve({ value: "v" })));
    const before = vi.getTimerCount();
    line.say('2["x","a"]').say('2["y","b"]');
    await vi.advanceTimersByTimeAsync(0);
    expect([heard, vi.getTimerCount()]).toEqual([["v", "b"], before]);
  });

  it("may change what they are given: nobody else has it", () => {
    const { line, socket, heard } = withSchema(
      schema((value) => {
        (value as { a: number }).a = 2;
        return { issues: [{ message: "no" }] };
      }),
    );
    socket.onAny((...args: unknown[]) => heard.push(args));
    line.say('2["x",{"a":1}]').say('2["y","b"]');
    expect(heard).toEqual([["y", "b"], "b"]);
  });

  it("keep events that pass unseen in their place", async () => {
    const made = connectedSocket();
    const slow = schema((value) => Promise.resolve({ value }));
    const socket = contract(made.socket as never, defineEvents({ serverToClient: { x: slow } }), {
      unknown: "pass",
    });
    const heard: unknown[] = [];
    socket.onAny((...args: unknown[]) => heard.push(args));
    made.line.say('2["x","a"]').say('2["other",1,2]').say('2["$tautline:own"]').say('2["x","b"]');
    await settled();
    expect(heard).toEqual([["x", "a"], ["other", 1, 2], ["$tautline:own"], ["x", "b"]]);
  });

  it("have issues told that can be sent, however long names and messages are", () => {
    const { line, violations } = withSchema(
      schema(() => ({
        issues: [
          {
            message: "m".repeat(1e6),
            path: [...Array<string>(1000).fill("k".repeat(1e6)), 1n, Symbol("s")],
          },
          { message: "no", path: [1n, Symbol("s"), 0] },
        ],
      })),
    );
    line.say('21["x",1]');
    const [answer] = line.told() as string[];
    expect(answer?.length).toBeLessThan(10_000);
    expect(violations[0]?.data.issues[1]?.path).toEqual(["1", "Symbol(s)", 0]);
  });

  it("have at most ten issues told, with plain paths", () => {
    const { line, violations } = withSchema(
      schema(() => ({
        issues: Array.from({ length: 1000 }, (_, n) => ({
          message: `${n}`,
          path: ["a", { key: n }],
          input: "raw",
        })),
      })),
    );
    line.say('2["x",1]');
    expect(violations[0]?.data.issues).toHaveLength(10);
    expect(violations[0]?.data.issues[1]).toEqual({ message: "1", path: ["a", 1] });
  });
});

describe("Contract > answers", () => {
  it("settle emitWithAck, call and callbacks of all kinds with what the schema makes of them (CTR-9)", async () => {
    const { line, socket } = under();
    const told: unknown[] = [];
    const asked = socket.emitWithAck("sum", [1]);
    const called = socket.call("sum", [1]);
    socket.emit("sum", [1], (n) => told.push(n));
    socket.timeout(1000).emit("sum", [1], (...args: unknown[]) => told.push(args));
    for (const id of [0, 1, 2, 3]) line.say(`3${id}[5]`);
    expect([await asked, await called, told]).toEqual([5, { ok: true, data: 5 }, [5, [null, 5]]]);
  });

  it("that violate the contract fail those who can be told, and reach nobody (CTR-10)", async () => {
    const { line, socket, violations } = under();
    const told: unknown[] = [];
    const asked = outcome(socket.emitWithAck("sum", [1]));
    const called = outcome(socket.call("sum", [1]));
    socket.emit("sum", [1], (...args: unknown[]) => told.push(args));
    socket
      .timeout(1000)
      .emit("sum", [1], (error: unknown) => told.push((error as ContractError).code));
    for (const id of [0, 1, 2, 3]) line.say(`3${id}["five"]`);
    expect([await asked, await called, told]).toEqual(["contract", "contract", ["contract"]]);
    expect(violations).toHaveLength(4);
  });

  it.each([
    ['{"$error":{"code":"FULL","data":{"max":5}}}', { code: "FULL", data: { max: 5 } }],
    ['{"$error":{"code":"BUSY"}}', { code: "BUSY", data: undefined }],
  ])("that are declared errors are results of call: %s (CTR-5)", async (answer, error) => {
    const { line, socket, violations } = under();
    const called = socket.call("sum", [1]);
    const asked = socket.emitWithAck("sum", [1]).catch((failure: ContractError) => failure.data);
    line.say(`30[${answer}]`).say(`31[${answer}]`);
    expect(await called).toEqual({ ok: false, error });
    expect(await asked).toEqual({ event: "sum", error });
    expect(violations).toEqual([]);
  });

  it("that are declared errors are reported when the ack takes none", () => {
    const { line, socket, violations } = under();
    const told: unknown[] = [];
    socket.emit("sum", [1], (n) => told.push(n));
    line.say('30[{"$error":{"code":"BUSY"}}]');
    expect([told, violations.map(({ data }) => data.error)]).toEqual([
      [],
      [{ code: "BUSY", data: undefined }],
    ]);
  });

  it("have one argument: what a server sends behind it is dropped, and an error in the first place is no answer (CTR-11)", async () => {
    const { line, socket, violations } = under();
    const told: unknown[] = [];
    socket.timeout(1000).emit("sum", [1], (...args: unknown[]) => told.push(args));
    line.say('30[5,"more"]');
    expect(told).toEqual([[null, 5]]);
    const asked = outcome(socket.emitWithAck("sum", [1]));
    const other = outcome(socket.emitWithAck("sum", [1]));
    const none = outcome(socket.emitWithAck("sum", [1]));
    line.say("31[null,5]").say('32["an error"]').say("33[]");
    expect([await asked, await other, await none]).toEqual(["contract", "contract", "contract"]);
    expect(violations).toHaveLength(3);
  });

  it.each([{ timeout: "5s" }, { timeout: NaN }, { signal: {} }, { ttl: -1 }])(
    "are not asked for with the options %o",
    async (options) => {
      const { line, socket } = under();
      await expect(socket.call("sum", [1], options as never)).rejects.toMatchObject({
        code: "invalid-option",
      });
      expect(framesOf(line.told())).toEqual([]);
    },
  );

  it("of calls with options time out, are aborted and expire as those of emitWithAck (CTR-12)", async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { line, socket } = under();
    const timed = outcome(socket.call("sum", [1], { timeout: 100 }));
    const controller = new AbortController();
    const aborted = outcome(socket.call("sum", [1], { signal: controller.signal }));
    controller.abort();
    await vi.advanceTimersByTimeAsync(100);
    line.lose();
    const expired = outcome(socket.call("sum", [1], { ttl: 50 }));
    const dropped = outcome(socket.call("sum", [1], { volatile: true }));
    await vi.advanceTimersByTimeAsync(100);
    expect(await Promise.all([timed, aborted, expired, dropped])).toEqual([
      "ack-timeout maybe-sent",
      "aborted maybe-sent",
      "expired not-sent",
      "overflow not-sent",
    ]);
  });

  it.each([
    '{"$error":{"code":"FULL","data":{"max":"five"}}}',
    '{"$error":{"code":"NOPE"}}',
    '{"$error":{"code":"__proto__"}}',
    '{"$error":{"code":"constructor"}}',
    '{"$error":{}}',
    '{"$error":1}',
    '{"$error":[]}',
    '{"$error":null}',
    '{"__proto__":{"$error":{"code":"FULL"}}}',
  ])("that look like errors reject: %s", async (answer) => {
    const { line, socket } = under();
    const called = outcome(socket.call("sum", [1]));
    line.say(`30[${answer}]`);
    expect(await called).toBe("contract");
  });

  it("are none when the connection is lost: acks fail as ever", async () => {
    const { line, socket } = under();
    const called = outcome(socket.call("sum", [1], { timeout: 1000 }));
    line.lose();
    expect(await called).toBe("disconnected maybe-sent");
  });

  it("fail a callback that takes an error because of its socket's policy", () => {
    const { line, socket } = under({}, { retries: 1 });
    const told: unknown[] = [];
    socket.emit("sum", [1], ((error: ContractError | null, n: number) =>
      told.push(error?.code ?? n)) as never);
    socket.emit("sum", [1], ((error: ContractError | null, n: number) =>
      told.push(error?.code ?? n)) as never);
    line.say('30["five"]').say("31[5]");
    expect(told).toEqual(["contract", 5]);
  });

  it("ask without an argument where there is none", () => {
    const { line, socket } = under();
    void socket.call("ping");
    expect(framesOf(line.told())).toEqual(['20["ping"]']);
  });

  it("of events that the contract doesn't name pass", async () => {
    const { line, socket } = under();
    const asked = (socket as unknown as { emitWithAck(e: string): Promise<unknown> }).emitWithAck(
      "no",
    );
    line.say("30[7]");
    expect(await asked).toBe(7);
  });
});

describe("Contract > outgoing", () => {
  it("keeps back events and answers that violate the contract (CTR-13)", async () => {
    const { line, socket, violations } = under({ outgoing });
    const told: unknown[] = [];
    socket.emit("say", 5 as never);
    (socket as unknown as { emit(e: string): void }).emit("nobody");
    const called = outcome(socket.call("sum", "x" as never));
    socket
      .timeout(100)
      .emit("sum", 5 as never, (error: unknown) => told.push((error as ContractError).code));
    socket.on("ask", (_n, ack) => ack("x" as never));
    line.say('21["ask",1]');
    expect([await called, told]).toEqual(["contract", ["contract"]]);
    expect(line.told()).toEqual(['31[{"$error":{"code":"RESPONSE_VALIDATION_ERROR"}}]']);
    expect(violations.map(({ data }) => `${data.direction} ${data.event} ${data.part}`)).toEqual([
      "outgoing say req",
      "outgoing nobody req",
      "outgoing sum req",
      "outgoing sum req",
      "outgoing ask res",
    ]);
  });

  it("sends what fits as it was given", () => {
    const { line, socket } = under({ outgoing });
    socket.emit("say", "a");
    void socket.call("sum", [1]);
    socket.on("ask", (n, ack) => ack(n));
    line.say('21["ask",1]');
    expect(line.told()).toEqual(['2["say","a"]', '20["sum",[1]]', "31[1]"]);
  });

  it("lets pass what an async validator looks at, and reports it later: the order is that of emit()", async () => {
    const made = connectedSocket();
    const ends: ((result: unknown) => void)[] = [];
    const slow = schema(() => new Promise((resolve) => ends.push(resolve)));
    const violations: string[] = [];
    const socket = contract(
      made.socket as never,
      defineEvents({
        clientToServer: { slow, fast: z.string() },
        serverToClient: { ask: { req: z.number(), res: slow } },
      }),
      { outgoing, onViolation: ({ data }) => violations.push(`${data.event} ${data.part}`) },
    );
    socket.on("ask", (_n, ack) => ack("x"));
    socket
      .emit("slow", "a")
      .emit("fast", "b")
      .emit("fast", 5 as never);
    made.line.say('21["ask",1]');
    expect(made.line.told()).toEqual(['2["slow","a"]', '2["fast","b"]', '31["x"]']);
    expect(violations).toEqual(["fast req"]);
    for (const end of ends) end({ issues: [{ message: "no" }] });
    await settled();
    expect(violations).toEqual(["fast req", "slow req", "ask res"]);
    expect(() => socket.emit("slow", 1n as never)).toThrow(
      expect.objectContaining({ code: "unserializable" }),
    );
  });

  it.each([
    ["connect", "reserved-event"],
    [undefined, "invalid-event"],
    [Symbol("s"), "invalid-event"],
  ])("throws what emit() throws for the name %s", (name, code) => {
    const { socket, violations } = under({ outgoing });
    const untyped = socket as unknown as { emit(name: unknown): void };
    expect(() => untyped.emit(name)).toThrow(expect.objectContaining({ code }));
    expect(violations).toEqual([]);
  });

  it.each([
    [new EventError("BUSY"), '{"$error":{"code":"BUSY"}}', 0],
    [new EventError("FULL", { max: 5 }), '{"$error":{"code":"UNKNOWN_ERROR"}}', 1],
    [new EventError("NO", "text"), '{"$error":{"code":"UNKNOWN_ERROR"}}', 1],
    [new EventError("NO", 5), '{"$error":{"code":"NO","data":5}}', 0],
  ])("looks at errors that are answers: %o", (answer, sent, count) => {
    const { line, socket, violations } = under({ outgoing });
    socket.on("ask", (_n, ack) => ack(answer as never));
    line.say('21["ask",1]');
    expect([line.told(), violations.length]).toEqual([[`31[${sent}]`], count]);
  });
});

describe("Contract > once", () => {
  it("does nothing when the same is put on again (CTR-14)", () => {
    const { line, socket, heard } = under();
    expect(contract(socket as never, events)).toBe(socket);
    line.say('2["chat","a"]');
    expect(heard).toEqual([["chat", "A"]]);
  });

  it.each([
    [undefined, events],
    [null, events],
    [{}, events],
  ])("refuses what is no socket: %o", (socket, shape) => {
    expect(() => contract(socket as never, shape)).toThrow(
      expect.objectContaining({ code: "invalid-option" }),
    );
  });

  it.each([undefined, null, 0])("refuses what is no contract: %o", (shape) => {
    const { socket } = connectedSocket();
    expect(() => contract(socket as never, shape as never)).toThrow(
      expect.objectContaining({ code: "invalid-option" }),
    );
  });

  it("refuses another one, and the first counts on (CTR-14)", () => {
    const { line, socket, heard } = under();
    expect(() => contract(socket as never, defineEvents({}))).toThrow(
      expect.objectContaining({ code: "invalid-option" }),
    );
    line.say('2["chat","a"]');
    expect(heard).toEqual([["chat", "A"]]);
  });

  it.each([{ onViolation: 5 }, { timeout: "5s" }, { timeout: -1 }, { timeout: NaN }])(
    "refuses the options %o (CTR-15)",
    (options) => {
      const { socket } = connectedSocket();
      expect(() => contract(socket as never, events, options as never)).toThrow(
        expect.objectContaining({ code: "invalid-option" }),
      );
    },
  );
});
