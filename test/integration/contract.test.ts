import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, type ContractError, defineEvents, outgoing } from "../../src/contract/index.js";
import { exactlyOnce } from "../../src/delivery/index.js";
import { contract as guard, dedupe, EventError } from "../../src/server/index.js";
import { allModes, client, connected, serve, settled, until } from "../support/harness.js";

const contracts = {
  zod: defineEvents({
    clientToServer: {
      join: {
        req: z.object({ room: z.string().min(1) }),
        res: z.object({ since: z.iso.datetime().transform((text) => new Date(text)) }),
        errors: { FULL: z.object({ max: z.number() }), GONE: {} },
      },
      say: z.string().transform((text) => text.trim()),
    },
    serverToClient: {
      chat: z.object({ text: z.string(), at: z.number().transform((ms) => new Date(ms)) }),
      ask: { req: z.number(), res: z.number() },
    },
  }),
  valibot: defineEvents({
    clientToServer: {
      join: {
        req: v.object({ room: v.pipe(v.string(), v.minLength(1)) }),
        res: v.object({
          since: v.pipe(
            v.string(),
            v.transform((text) => new Date(text)),
          ),
        }),
        errors: { FULL: v.object({ max: v.number() }), GONE: {} },
      },
      say: v.pipe(v.string(), v.trim()),
    },
    serverToClient: {
      chat: v.object({
        text: v.string(),
        at: v.pipe(
          v.number(),
          v.transform((ms) => new Date(ms)),
        ),
      }),
      ask: { req: v.number(), res: v.number() },
    },
  }),
  arktype: defineEvents({
    clientToServer: {
      join: {
        req: type({ room: "string >= 1" }),
        res: type({ since: "string.date.iso.parse" }),
        errors: { FULL: type({ max: "number" }), GONE: {} },
      },
      say: type("string.trim"),
    },
    serverToClient: {
      chat: type({ text: "string", at: type("number").pipe((ms) => new Date(ms)) }),
      ask: { req: type("number"), res: type("number") },
    },
  }),
};

type Ack = (answer?: unknown) => void;

const SINCE = "2026-01-02T03:04:05.000Z";

describe.each(Object.keys(contracts) as (keyof typeof contracts)[])(
  "Contracts of %s",
  (library) => {
    // all three have the same types
    const events = contracts[library] as (typeof contracts)["zod"];

    describe.each(allModes)("over $name", (mode) => {
      async function both() {
        const server = await serve(mode.server);
        const heard: unknown[] = [];
        const said: unknown[] = [];
        const failures: unknown[] = [];
        guard(server.io, events, { onError: (error) => failures.push(error) });
        server.io.on("connection", (far) => {
          far.onAny((...args: unknown[]) => heard.push(args.slice(0, 2)));
          far.on("say", (text: unknown) => said.push(text));
          far.on("join", ({ room }: { room: string }): unknown => {
            if (room === "full") throw new EventError("FULL", { max: 5 });
            if (room === "gone") return Promise.reject(new EventError("GONE"));
            if (room === "bug") throw new Error("password of the database");
            if (room === "undeclared") throw new EventError("NOPE", { secret: 1 });
            if (room === "wrong") return { since: 5 };
            return Promise.resolve({ since: SINCE });
          });
        });
        const violations: ContractError[] = [];
        const onViolation = (error: ContractError): unknown => violations.push(error);
        const socket = contract(client(server.url, mode.options), events, { onViolation });
        await settled(socket, mode);
        const [far] = server.io.of("/").sockets.values();
        return { server, socket, far: far!, heard, said, failures, violations };
      }

      it("hand on what the schemas make of it, both ways (CTR-1)", async () => {
        const { socket, far, heard, said } = await both();
        const chats: unknown[] = [];
        socket.on("chat", (chat) => chats.push(chat));
        far.emit("chat", { text: "hi", at: 1000 });
        socket.emit("say", "  hello ");
        expect(await socket.call("join", { room: "a" })).toEqual({
          ok: true,
          data: { since: new Date(SINCE) },
        });
        expect(await socket.emitWithAck("join", { room: "a" })).toEqual({ since: new Date(SINCE) });
        await until(() => chats.length > 0);
        expect(chats).toEqual([{ text: "hi", at: new Date(1000) }]);
        expect(said).toEqual(["hello"]);
        expect(heard).toEqual([
          ["say", "hello"],
          ["join", { room: "a" }],
          ["join", { room: "a" }],
        ]);
      });

      it("make errors that they declare results, and hide all others (CTR-5)", async () => {
        const { socket, failures } = await both();
        const call = (room: string): Promise<unknown> =>
          socket
            .call("join", { room })
            .catch((error: ContractError) => [
              error.code,
              (error.cause as { code?: string } | undefined)?.code,
              JSON.stringify(error.cause ?? null).includes("password"),
            ]);
        expect(await call("full")).toEqual({
          ok: false,
          error: { code: "FULL", data: { max: 5 } },
        });
        expect(await call("gone")).toEqual({ ok: false, error: { code: "GONE", data: undefined } });
        expect(await call("bug")).toEqual(["contract", "UNKNOWN_ERROR", false]);
        expect(await call("undeclared")).toEqual(["contract", "UNKNOWN_ERROR", false]);
        expect(await call("wrong")).toEqual(["contract", "RESPONSE_VALIDATION_ERROR", false]);
        expect(
          failures.map((error) => [(error as ContractError).code, (error as Error).name]),
        ).toEqual([
          [undefined, "Error"],
          ["contract", "TautlineError"],
          ["contract", "TautlineError"],
        ]);
      });

      it("keep what violates them from every listener, and say so to who asked (CTR-2)", async () => {
        const { socket, far, heard, failures, violations } = await both();
        const seen: unknown[] = [];
        socket.onAny((...args: unknown[]) => seen.push(args));
        socket.on("ask", (n, ack) => ack(n * 2));
        const bad = socket.timeout(15_000).emitWithAck as (...args: unknown[]) => Promise<unknown>;
        await expect(bad.call(socket.timeout(15_000), "join", { room: 5 })).rejects.toMatchObject({
          code: "contract",
          cause: { code: "REQUEST_VALIDATION_ERROR" },
        });
        await expect(bad.call(socket.timeout(15_000), "nobody")).resolves.toMatchObject({
          $error: { code: "REQUEST_VALIDATION_ERROR" },
        });
        far.emit("chat", { text: 5, at: 1 });
        far.emit("else", 1);
        const refused: unknown = await far.timeout(15_000).emitWithAck("ask", "x");
        expect(refused).toBeInstanceOf(EventError);
        expect(refused).toMatchObject({ $error: { code: "REQUEST_VALIDATION_ERROR" } });
        expect(await far.timeout(15_000).emitWithAck("ask", 4)).toBe(8);
        expect([heard, seen.map((args) => (args as unknown[]).slice(0, 2))]).toEqual([
          [],
          [["ask", 4]],
        ]);
        expect(failures.map((error) => (error as ContractError).data.event)).toEqual([
          "join",
          "nobody",
          "ask",
        ]);
        expect(
          violations.map(({ data: { event, direction, part } }) => [event, direction, part]),
        ).toEqual([
          ["join", "incoming", "data"],
          ["chat", "incoming", "req"],
          ["else", "incoming", "req"],
          ["ask", "incoming", "req"],
        ]);
        expect(violations[1]?.data.issues[0]?.path).toEqual(["text"]);
        expect(violations[1]?.data).not.toHaveProperty("value");
      });

      it("hold after a reconnection (CTR-16)", async () => {
        const { socket, far, server, violations } = await both();
        const chats: unknown[] = [];
        socket.on("chat", ({ text }) => chats.push(text));
        const lost = new Promise((resolve) => socket.once("disconnect", resolve));
        far.conn.close();
        await lost;
        await connected(socket);
        server.io.emit("chat", { text: 1, at: 1 });
        server.io.emit("chat", { text: "back", at: 1 });
        await until(() => chats.length > 0);
        expect([chats, violations.length]).toEqual([["back"], 1]);
        expect(await socket.call("join", { room: "full" })).toMatchObject({
          error: { code: "FULL" },
        });
      });
    });
  },
);

describe("Contracts > option outgoing", () => {
  it("keeps back what violates the contract, and sends the rest as it was given", async () => {
    const server = await serve();
    const heard: unknown[] = [];
    server.io.on("connection", (far) => {
      far.onAny((...args: unknown[]) => heard.push(args.slice(0, 2)));
      far.on("join", (_req, ack) => ack({ since: SINCE }));
    });
    const violations: ContractError[] = [];
    const socket = contract(client(server.url), contracts.zod, {
      outgoing,
      onViolation: (error) => violations.push(error),
    });
    await connected(socket);
    socket.emit("say", 5 as never);
    await expect(socket.call("join", { room: "" })).rejects.toMatchObject({ code: "contract" });
    socket.emit("say", " as given ");
    await socket.call("join", { room: "a" });
    expect(heard).toEqual([
      ["say", " as given "],
      ["join", { room: "a" }],
    ]);
    expect(violations.map(({ data }) => [data.event, data.direction])).toEqual([
      ["say", "outgoing"],
      ["join", "outgoing"],
    ]);
  });
});

describe("Contracts > on the server", () => {
  const simple = defineEvents({
    errors: { BUSY: {} },
    clientToServer: {
      add: { req: z.number(), res: z.number(), errors: { BIG: z.object({ max: z.number() }) } },
      done: { errors: { LATE: {} } },
    },
  });

  it.each(["before", "after"])(
    "stand %s dedupe(): each event once, and none that violates (CTR-17)",
    async (order) => {
      const server = await serve();
      const heard: unknown[] = [];
      if (order === "before") guard(server.io, simple);
      dedupe(server.io);
      if (order === "after") guard(server.io, simple);
      server.io.on("connection", (far) => {
        far.on("add", (n: unknown) => {
          heard.push(n);
          return (n as number) + 1;
        });
      });
      const onViolation = (): void => {};
      const plain = contract(client(server.url), simple, { onViolation });
      const once = contract(client(server.url, { delivery: exactlyOnce() }), simple, {
        onViolation,
      });
      for (const socket of [plain, once]) {
        await connected(socket);
        expect(await socket.call("add", 1)).toEqual({ ok: true, data: 2 });
        await expect(socket.call("add", "x" as never)).rejects.toMatchObject({ code: "contract" });
      }
      expect(heard).toEqual([1, 1]);
    },
  );

  it("are those of one namespace, with its middlewares, and of all ways to answer", async () => {
    const server = await serve();
    const room = server.io.of("/room");
    const errors: unknown[] = [];
    guard(room, simple, { exposeErrors: true, onError: (error) => errors.push(error) });
    const passed: unknown[] = [];
    let answer: ((ack: (said?: unknown) => void) => unknown) | undefined;
    room.on("connection", (far) => {
      far.use((event, next) => {
        passed.push(event.slice(0, 2));
        next();
      });
      // one that only looks has no answer
      far.on("add", () => {});
      far.on("add", (_n: unknown, ack: () => void) => answer?.(ack));
      far.on("done", (ack: () => void) => answer?.(ack));
    });
    const socket = contract(client(`${server.url}/room`), simple, { onViolation: () => {} });
    await connected(socket);
    const told = (how: NonNullable<typeof answer>): Promise<unknown> => {
      answer = how;
      return socket
        .call("add", 1, { timeout: 15_000 })
        .catch((error: ContractError) => error.cause);
    };
    const big = { ok: false, error: { code: "BIG", data: { max: 1 } } };
    expect(await told(() => Promise.resolve(6))).toEqual({ ok: true, data: 6 });
    expect(await told(() => Promise.resolve("wrong"))).toEqual({
      code: "RESPONSE_VALIDATION_ERROR",
    });
    expect(await told((ack) => void setTimeout(ack, 0, 7))).toEqual({ ok: true, data: 7 });
    expect(await told(() => new EventError("BIG", { max: 1 }))).toEqual(big);
    expect(await told((ack) => ack(new EventError("BIG", { max: 1 })))).toEqual(big);
    expect(await told(() => Promise.reject(new EventError("BIG", { max: 1 })))).toEqual(big);
    expect(await told(() => new EventError("BIG", { max: "x" }))).toEqual({
      code: "UNKNOWN_ERROR",
    });
    expect(errors).toMatchObject([{ code: "contract" }, { code: "contract" }]);
    const thrown = told(() => {
      throw new Error("of the handler");
    });
    expect(await thrown).toEqual({ code: "UNKNOWN_ERROR", data: { message: "of the handler" } });
    answer = (ack) => ack();
    expect(await socket.call("done")).toEqual({ ok: true, data: undefined });
    answer = (ack) => ack(new EventError("LATE"));
    expect(await socket.call("done")).toEqual({
      ok: false,
      error: { code: "LATE", data: undefined },
    });
    expect(passed).toContainEqual(["add", 1]);
    (socket as unknown as { emit(event: string, n: string): void }).emit("add", "x");
    expect(await told(() => Promise.resolve(5))).toEqual({ ok: true, data: 5 });
    expect(passed).not.toContainEqual(["add", "x"]);
  });

  describe("take for the answer", () => {
    const kinds = defineEvents({
      clientToServer: {
        find: { req: z.string(), res: z.string().optional() },
        get: { req: z.string(), res: z.string() },
        big: { res: z.bigint() },
        all: { res: z.array(z.string()).optional() },
        drop: { req: z.string(), errors: { NO: {}, BIG: z.object({ n: z.number() }) } },
        done: { errors: { NO: {} } },
      },
    });
    type Handler = (...args: never[]) => unknown;
    const ok = (data?: unknown): object => ({ ok: true, data });
    const later = (task: () => void): unknown => setTimeout(task, 5);

    async function asked(event: string, ...handlers: Handler[]): Promise<unknown> {
      const server = await serve();
      const errors: unknown[] = [];
      guard(server.io, kinds, { onError: (error) => errors.push(error) });
      server.io.on("connection", (far) => {
        for (const handler of handlers) far.on(event, handler as never);
      });
      const socket = contract(client(server.url), kinds, { onViolation: () => {} });
      await connected(socket);
      const hasReq = event === "find" || event === "get" || event === "drop";
      return socket
        .call(event as "get", (hasReq ? "a" : undefined) as never, { timeout: 15_000 })
        .catch(({ code, cause }: ContractError) => (cause as { code?: string })?.code ?? code);
    }

    it.each<[string, string, unknown, ...Handler[]]>([
      ["what is returned", "get", ok("a"), (text) => text],
      ["what a promise brings", "get", ok("a"), async (text) => text],
      ["undefined where the schema takes it", "find", ok(), (_key) => undefined],
      ["undefined of a promise", "find", ok(), async () => {}],
      ["undefined of a handler without arguments", "all", ok(), () => {}],
      [
        "nothing where the schema wants something: that is a violation",
        "get",
        "RESPONSE_VALIDATION_ERROR",
        (_key) => {},
      ],
      ["the ack, called later", "get", ok("b"), (_key, ack: Ack) => void later(() => ack("b"))],
      [
        "the ack, called later by an arrow function that returns a timer",
        "get",
        ok("b"),
        (_key, ack: Ack) => later(() => ack("b")),
      ],
      [
        "the ack of a rest parameter",
        "drop",
        { ok: false, error: { code: "NO", data: undefined } },
        (...args) => void later(() => (args.at(-1) as unknown as Ack)(new EventError("NO"))),
      ],
      [
        "what one throws beside another one that only looks",
        "done",
        { ok: false, error: { code: "NO", data: undefined } },
        () => {},
        async () => {
          throw new EventError("NO");
        },
      ],
      [
        "what one says later beside another one that only looks",
        "find",
        ok("b"),
        (_key) => {},
        async () => new Promise((resolve) => later(() => resolve("b"))),
      ],
      ["nothing, after all are done", "done", ok(), () => {}, async () => {}, () => {}],
      [
        "the code alone of an error without data",
        "done",
        { ok: false, error: { code: "NO", data: undefined } },
        () => new EventError("NO", { secret: 1 }),
      ],
      ["what can't be sent: that is an error", "big", "UNKNOWN_ERROR", () => 5n],
    ])("%s", async (_what, event, expected, ...handlers) => {
      expect(await asked(event, ...handlers)).toEqual(expected);
    });

    it("nothing that they don't name: it does not go over the wire (CTR-18)", async () => {
      const server = await serve();
      guard(server.io, kinds);
      server.io.on("connection", (far) => {
        far.on("done", () => Promise.resolve({ record: "of the database" }));
        far.on("drop", () => Promise.reject(new EventError("NO", { secret: 1 })));
      });
      const socket = await connected(client(server.url));
      const told = await Promise.all([
        new Promise((resolve) => socket.emit("done", (...args: unknown[]) => resolve(args))),
        new Promise((resolve) => socket.emit("drop", "a", (...args: unknown[]) => resolve(args))),
      ]);
      expect(told).toEqual([[], [{ $error: { code: "NO" } }]]);
    });

    it("no error that nobody waits for: it is reported, unless it is declared", async () => {
      const server = await serve();
      const errors: unknown[] = [];
      guard(server.io, kinds, { onError: (error) => errors.push(error) });
      server.io.on("connection", (far) =>
        far.on("drop", (code: string) => {
          throw new EventError(code);
        }),
      );
      const socket = await connected(client(server.url));
      socket.emit("drop", "NO").emit("drop", "ELSE");
      await until(() => errors.length > 0);
      expect(errors).toMatchObject([{ $error: { code: "ELSE" } }]);
    });
  });

  it.each([undefined, null, 5, "events", { clientToServer: 5 }])(
    "refuse what is no contract: %o (CTR-15)",
    (shape) => {
      const refuse = (): void => guard({ on: () => {} }, shape as never);
      if (Object(shape) === shape) expect(refuse).not.toThrow(TypeError);
      else expect(refuse).toThrow(expect.objectContaining({ code: "invalid-option" }));
    },
  );

  it("hand on what they don't name where the option says so, in order (CTR-3)", async () => {
    const server = await serve();
    const heard: unknown[] = [];
    guard(server.io, simple, { unknown: "pass" });
    server.io.on("connection", (far) => far.onAny((...args: unknown[]) => heard.push(args)));
    const socket = await connected(client(server.url));
    socket.emit("other", 1, 2).emit("add", "x").emit("add", 3);
    await until(() => heard.length > 1);
    expect(heard).toEqual([
      ["other", 1, 2],
      ["add", 3],
    ]);
  });

  it.each([
    { clientToServer: { a: 5 } },
    { clientToServer: { a: { req: {} } } },
    { serverToClient: { a: { res: "text" } } },
    { errors: { A: { data: 5 } } },
    { clientToServer: { a: { errors: { A: 5 } } } },
  ])("refuse what is no schema: %j", (shape) => {
    const server = { on: () => {} };
    expect(() => guard(server, shape as never)).toThrow(
      expect.objectContaining({ code: "invalid-option" }),
    );
  });

  it("hand on nothing with a version of socket.io that can't be helped", () => {
    let connection: ((socket: never) => void) | undefined;
    const errors: unknown[] = [];
    const server = { on: (_event: string, listener: never) => (connection = listener) };
    guard(server, simple, { onError: (error) => errors.push(error) });
    const heard: unknown[] = [];
    const socket = { onevent: (packet: unknown) => heard.push(packet) };
    connection?.(socket as never);
    socket.onevent({ data: ["add", "x"] });
    expect([heard, errors]).toMatchObject([[], [{ code: "unsupported-version" }]]);
  });

  const hanging = {
    "~standard": {
      version: 1 as const,
      vendor: "test",
      validate: (value: unknown): Promise<{ value: number }> =>
        value === "hang" ? new Promise(() => {}) : Promise.resolve({ value: value as number }),
    },
  };
  const slow = defineEvents({
    clientToServer: {
      first: { req: hanging, res: z.number() },
      second: { req: z.number(), res: hanging },
    },
    serverToClient: { ask: { req: z.number(), res: hanging, errors: { NO: z.string() } } },
  });

  it("answer for a validator that never settles, and what is behind it comes then", async () => {
    const server = await serve();
    const errors: unknown[] = [];
    guard(server.io, slow, { timeout: 50, onError: (error) => errors.push(error) });
    const heard: unknown[] = [];
    server.io.on("connection", (far) => {
      far.onAny((...args: unknown[]) => heard.push(args.slice(0, 2)));
      far.on("first", () => 1);
      far.on("second", (n: unknown) => (n === 1 ? 1 : "hang"));
    });
    const socket = await connected(client(server.url));
    const ask = (event: string, value: unknown): Promise<unknown> =>
      socket.timeout(5000).emitWithAck(event, value);
    const answers = [ask("first", "hang"), ask("second", 1), ask("first", 2), ask("second", 2)];
    expect(await Promise.all(answers)).toMatchObject([
      { $error: { code: "REQUEST_VALIDATION_ERROR" } },
      1,
      1,
      { $error: { code: "RESPONSE_VALIDATION_ERROR" } },
    ]);
    expect(heard).toEqual([
      ["second", 1],
      ["first", 2],
      ["second", 2],
    ]);
    expect(errors).toMatchObject(
      ["first", "second"].map((event) => ({
        data: { event, issues: [{ message: "the validator timed out" }] },
      })),
    );
  });

  it("hand on nothing of a client that has left while a validator was at work", async () => {
    const server = await serve();
    let pass = (): void => {};
    const gate = new Promise<void>((resolve) => (pass = resolve));
    const gated = {
      "~standard": {
        version: 1 as const,
        vendor: "test",
        validate: (value: unknown) => gate.then(() => ({ value })),
      },
    };
    const heard: unknown[] = [];
    guard(server.io, defineEvents({ clientToServer: { say: gated } }));
    server.io.on("connection", (far) => far.onAny((...args: unknown[]) => heard.push(args)));
    const socket = await connected(client(server.url));
    const [far] = server.io.sockets.sockets.values();
    const gone = new Promise((resolve) => far?.once("disconnect", resolve));
    socket.emit("say", "a");
    socket.disconnect();
    await gone;
    pass();
    await new Promise((resolve) => setImmediate(resolve));
    expect(heard).toEqual([]);
  });

  it("are one for a namespace: the same changes nothing, another one is refused", async () => {
    const server = await serve();
    guard(server.io, simple);
    guard(server.io, simple);
    guard(server.io.of("/"), simple);
    const another = expect.objectContaining({ code: "invalid-option" });
    expect(() => guard(server.io, defineEvents({}))).toThrow(another);
    expect(() => guard(server.io.of("/"), defineEvents({}))).toThrow(another);
    guard(server.io.of("/other"), defineEvents({}));
    const heard: unknown[] = [];
    server.io.on("connection", (far) => far.on("add", (n: unknown) => (heard.push(n), 1)));
    const socket = contract(client(server.url), simple);
    await connected(socket);
    await socket.call("add", 1);
    expect(heard).toEqual([1]);
  });

  it("of namespaces that a pattern makes count before one of their own, which is told", async () => {
    const server = await serve();
    const errors: unknown[] = [];
    const rooms = server.io.of(/^\/room/);
    guard(rooms, simple);
    rooms.on("connection", (far) => far.on("add", (n: number) => n + 1));
    const plain = contract(client(`${server.url}/room-1`), simple);
    await connected(plain);
    expect(await plain.call("add", 1)).toEqual({ ok: true, data: 2 });
    guard(server.io.of("/room-1"), slow, { onError: (error) => errors.push(error) });
    const next = contract(client(`${server.url}/room-1`), simple);
    await connected(next);
    expect(await next.call("add", 1)).toEqual({ ok: true, data: 2 });
    expect(errors).toMatchObject([{ code: "invalid-option" }]);
  });

  it.each([{ timeout: -1 }, { timeout: "5s" }, { onError: 5 }])(
    "refuse the options %o",
    (options) => {
      expect(() => guard({ on: () => {} }, simple, options as never)).toThrow(
        expect.objectContaining({ code: "invalid-option" }),
      );
    },
  );

  describe.each([
    ["", {}],
    [", with connection state recovery", { connectionStateRecovery: {} }],
  ])("look at what clients answer%s", (_name, options) => {
    const asking = defineEvents({
      serverToClient: {
        ask: {
          req: z.string(),
          res: z.string().transform((text) => text.length),
          errors: { NO: z.object({ why: z.string() }) },
        },
        never: { res: z.number() },
      },
    });

    async function asked(answer: unknown[]) {
      const server = await serve(options);
      const errors: ContractError[] = [];
      guard(server.io, asking, { onError: (error) => errors.push(error as ContractError) });
      const socket = client(server.url);
      // of a client without a contract
      socket.on("ask", (_text: string, ack: (...args: unknown[]) => void) => ack(...answer));
      socket.on("other", (ack: (...args: unknown[]) => void) => ack(...answer));
      await connected(socket);
      const [far] = server.io.sockets.sockets.values();
      return { server, socket, far: far!, errors };
    }

    it.each([
      [["four"], 4],
      [["four", "more"], 4],
      [[{ $error: { code: "NO", data: { why: "no" } } }], { code: "NO", data: { why: "no" } }],
      [[{ $error: { code: "NO", data: { why: 5 } } }], { code: "RESPONSE_VALIDATION_ERROR" }],
      [[{ $error: { code: "ELSE" } }], { code: "RESPONSE_VALIDATION_ERROR" }],
      [[{ $error: { code: "__proto__" } }], { code: "RESPONSE_VALIDATION_ERROR" }],
      [[{ $error: null }], { code: "RESPONSE_VALIDATION_ERROR" }],
      [
        [{ $error: { code: "REQUEST_VALIDATION_ERROR", data: "x" } }],
        { code: "REQUEST_VALIDATION_ERROR" },
      ],
      [[5], { code: "RESPONSE_VALIDATION_ERROR" }],
      [[null, "four"], { code: "RESPONSE_VALIDATION_ERROR" }],
      [[], { code: "RESPONSE_VALIDATION_ERROR" }],
    ])("%j, in all ways to ask", async (answer, expected) => {
      const { server, far, errors } = await asked(answer);
      const told: unknown[] = [];
      const read = (said: unknown): unknown =>
        said instanceof EventError ? JSON.parse(JSON.stringify(said.$error)) : said;
      await new Promise<void>((resolve) => {
        far.emit("ask", "a", (...args: unknown[]) => resolve(void told.push(...args)));
      });
      told.push(await far.emitWithAck("ask", "a"));
      told.push(await far.timeout(5000).emitWithAck("ask", "a"));
      told.push(...(await server.io.timeout(5000).emitWithAck("ask", "a")));
      told.push(...(await server.io.to(far.id).timeout(5000).emitWithAck("ask", "a")));
      expect(told.map(read)).toEqual(Array(5).fill(expected));
      const isFine = expected === 4 || (expected as { code: string }).code === "NO";
      expect(errors).toHaveLength(isFine ? 0 : 5);
    });

    it("which they don't name passes untouched", async () => {
      const { far } = await asked([1, 2]);
      const answer = await new Promise((resolve) =>
        far.emit("other", (...args: unknown[]) => resolve(args)),
      );
      expect(answer).toEqual([1, 2]);
    });

    it("which nobody has asked for does nothing", async () => {
      const { socket, far, errors } = await asked(["four"]);
      const { engine } = socket.io;
      for (const frame of ['3998["x"]', '3999["x"]', "3997[]"]) engine.write(frame);
      expect(await far.emitWithAck("ask", "a")).toBe(4);
      expect(errors).toEqual([]);
    });

    it("though none ever comes: nothing is kept", async () => {
      const { far } = await asked(["four"]);
      const asks = Array.from({ length: 600 }, () =>
        far
          .timeout(1)
          .emitWithAck("never")
          .catch((error: Error) => error.message),
      );
      expect(new Set(await Promise.all(asks))).toEqual(new Set(["operation has timed out"]));
      expect(await far.emitWithAck("ask", "a")).toBe(4);
    });
  });
});
