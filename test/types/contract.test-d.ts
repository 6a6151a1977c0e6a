import { type } from "arktype";
import { Server } from "socket.io";
import * as v from "valibot";
import { describe, expectTypeOf, it } from "vitest";
import { z } from "zod";
import { contract, defineEvents, EventError, outgoing } from "../../src/contract/index.js";
import { io, type Socket } from "../../src/index.js";
import { events as reading, next } from "../../src/reading/index.js";
import { contract as guard, type ServerEmits, type ServerListens } from "../../src/server/index.js";

const events = defineEvents({
  errors: { BUSY: {}, LOCKED: { data: z.object({ by: z.string() }) } },
  clientToServer: {
    join: {
      req: z.object({ room: z.string() }),
      res: z.object({ since: z.string().transform((text) => new Date(text)) }),
      errors: { FULL: z.object({ max: z.number() }), GONE: {} },
    },
    now: { res: v.number() },
    drop: { req: type("string"), errors: { DENIED: {} } },
    say: z.string().transform((text) => text.length),
    tick: {},
  },
  serverToClient: {
    chat: v.object({
      text: v.string(),
      at: v.pipe(
        v.number(),
        v.transform((ms) => new Date(ms)),
      ),
    }),
    ask: { req: type("number"), res: type("boolean"), errors: { NO: z.string() } },
    bell: {},
  },
});

const socket = contract(io(), events);
const server = new Server<ServerListens<typeof events>, ServerEmits<typeof events>>();

describe("Contract > types", () => {
  it("are those of the schemas (CTR-20)", () => {
    socket.on("chat", (chat) => {
      expectTypeOf(chat).toEqualTypeOf<{ text: string; at: Date }>();
    });
    socket.on("ask", (n, ack) => {
      expectTypeOf(n).toEqualTypeOf<number>();
      ack(true);
      ack(new EventError("NO", "reason"));
      ack(new EventError("BUSY"));
    });
    socket.on("bell", () => {});
    socket.on("disconnect", (reason) => expectTypeOf(reason).toBeString());
    socket.emit("say", "text");
    socket.emit("tick");
    socket.emit("join", { room: "a" });
    socket.emit("join", { room: "a" }, (answer) => {
      expectTypeOf(answer).toEqualTypeOf<{ since: Date }>();
    });
    socket.timeout(1000).emit("join", { room: "a" }, (error, answer) => {
      expectTypeOf(error).toEqualTypeOf<Error>();
      expectTypeOf(answer).toEqualTypeOf<{ since: Date }>();
    });
    expectTypeOf(socket.emitWithAck("join", { room: "a" })).resolves.toEqualTypeOf<{
      since: Date;
    }>();
    expectTypeOf(socket.emitWithAck("now")).resolves.toEqualTypeOf<number>();
    contract(io(), events, { outgoing, unknown: "pass", values: true, onViolation: () => {} });
  });

  it("make of call a result (CTR-20)", async () => {
    const result = await socket.call("join", { room: "a" }, { timeout: 1000 });
    if (result.ok) expectTypeOf(result.data).toEqualTypeOf<{ since: Date }>();
    else {
      expectTypeOf(result.error.code).toEqualTypeOf<"FULL" | "GONE" | "BUSY" | "LOCKED">();
      if (result.error.code === "FULL")
        expectTypeOf(result.error.data).toEqualTypeOf<{ max: number }>();
      if (result.error.code === "LOCKED")
        expectTypeOf(result.error.data).toEqualTypeOf<{ by: string }>();
    }
    const now = await socket.call("now");
    if (now.ok) expectTypeOf(now.data).toEqualTypeOf<number>();
    const drop = await socket.call("drop", "a");
    if (drop.ok) expectTypeOf(drop.data).toEqualTypeOf<undefined>();
    await socket.call("now", undefined, { timeout: 5 });
  });

  it("are those of the server's handlers", () => {
    guard(server, events);
    guard(server.of("/"), events);
    server.on("connection", (far) => {
      far.on("join", ({ room }, ack) => {
        expectTypeOf(room).toEqualTypeOf<string>();
        ack({ since: "2026" });
        ack(new EventError("FULL", { max: 1 }));
      });
      far.on("join", () => Promise.resolve({ since: "2026" }));
      far.on("join", () => new EventError("LOCKED", { by: "me" }));
      far.on("now", () => 5);
      far.on("drop", (_id, ack) => ack());
      far.on("say", (length) => expectTypeOf(length).toEqualTypeOf<number>());
      far.emit("chat", { text: "a", at: 5 });
    });
  });

  it("are those of rooms, broadcasts and namespaces", () => {
    server.emit("bell");
    server.to("room").except("other").emit("chat", { text: "a", at: 5 });
    server.of("/other").to("room").volatile.emit("bell");
    server.on("connection", (far) => {
      far.broadcast.emit("bell");
      far.to("room").emit("chat", { text: "a", at: 5 });
    });
  });

  it("have a server expect errors of its clients", async () => {
    type Code = "NO" | "BUSY" | "LOCKED" | "REQUEST_VALIDATION_ERROR" | "RESPONSE_VALIDATION_ERROR";
    const [far] = await server.fetchSockets();
    const answers = await server.to("room").timeout(5).emitWithAck("ask", 1);
    for (const answer of answers)
      if (answer instanceof EventError) {
        expectTypeOf(answer.$error.code).toEqualTypeOf<Code>();
        if (answer.$error.code === "LOCKED")
          expectTypeOf(answer.$error.data).toEqualTypeOf<{ by: string }>();
      } else expectTypeOf(answer).toEqualTypeOf<boolean>();
    server.on("connection", (one) => {
      one.timeout(5).emit("ask", 1, (error, answer) => {
        expectTypeOf(error).toEqualTypeOf<Error>();
        if (!(answer instanceof EventError)) expectTypeOf(answer).toEqualTypeOf<boolean>();
      });
    });
    far?.emit("bell");
  });

  it("are those of what reads a socket", async () => {
    const [chat] = await next(socket, "chat");
    expectTypeOf(chat).toEqualTypeOf<{ text: string; at: Date }>();
    for await (const [n] of reading(socket, "ask")) expectTypeOf(n).toEqualTypeOf<number>();
    const plain = io() as Socket<{ price(value: number): void }>;
    const [value] = await next(plain, "price");
    expectTypeOf(value).toEqualTypeOf<number>();
  });

  it("let an argument be left out where the schema takes undefined", () => {
    const optional = contract(
      io(),
      defineEvents({
        clientToServer: {
          ask: { req: z.string().optional(), res: z.number() },
          say: v.optional(v.string()),
        },
      }),
    );
    optional.emit("say").emit("say", "a").emit("ask").emit("ask", "a");
    void optional.call("ask");
    void optional.call("ask", undefined, { timeout: 5 });
  });

  it("are those of views of the socket", () => {
    const { signal } = new AbortController();
    socket.volatile.emit("say", "a");
    socket.signal(signal).emit("tick");
    socket
      .ttl(5)
      .key("k")
      .compress(false)
      .emit("join", { room: "a" }, ({ since }) => since);
    expectTypeOf(socket.timeout(5).emitWithAck("now")).resolves.toEqualTypeOf<number>();
    expectTypeOf(socket.signal(signal).emitWithAck("now")).resolves.toEqualTypeOf<number>();
  });
});

/** Everything in here must not compile. */
export async function wrong(): Promise<void> {
  // -- definitions
  // @ts-expect-error -- no schema
  defineEvents({ clientToServer: { a: 5 } });
  // @ts-expect-error -- no schema
  defineEvents({ clientToServer: { a: "string" } });
  // @ts-expect-error -- no schema
  defineEvents({ clientToServer: { a: { req: 5 } } });
  // @ts-expect-error -- no schema
  defineEvents({ clientToServer: { a: { req: { id: z.string() } } } });
  // @ts-expect-error -- no schema
  defineEvents({ clientToServer: { a: { res: true } } });
  // @ts-expect-error -- no schema
  defineEvents({ clientToServer: { a: { errors: { FULL: 5 } } } });
  // @ts-expect-error -- no schema
  defineEvents({ clientToServer: { a: { errors: { FULL: { data: 5 } } } } });
  // @ts-expect-error -- a list
  defineEvents({ clientToServer: { a: { errors: ["FULL"] } } });
  // @ts-expect-error -- misspelt
  defineEvents({ clientToServer: { a: { request: z.string() } } });
  // @ts-expect-error -- misspelt
  defineEvents({ clientToServer: { a: { req: z.string(), response: z.string() } } });
  // @ts-expect-error -- misspelt
  defineEvents({ clientToserver: {} });
  // @ts-expect-error -- unknown
  defineEvents({ events: {} });
  // @ts-expect-error -- the library's own name
  defineEvents({ serverToClient: { connect: z.string() } });
  // @ts-expect-error -- the library's own name
  defineEvents({ serverToClient: { disconnect: {} } });
  // @ts-expect-error -- the library's own name
  defineEvents({ serverToClient: { connect_error: z.string() } });
  // @ts-expect-error -- the library's own name
  defineEvents({ clientToServer: { newListener: {} } });
  // @ts-expect-error -- nothing
  defineEvents();
  // @ts-expect-error -- nothing
  defineEvents(null);
  // @ts-expect-error -- no schema
  defineEvents({ errors: { FULL: "text" } });

  // -- what is put under a contract, and how
  // @ts-expect-error -- no contract
  contract(io());
  // @ts-expect-error -- no contract
  contract(io(), { clientToServer: { a: 5 } });
  // @ts-expect-error -- no socket
  contract({}, events);
  // @ts-expect-error -- the wrong order
  contract(events, io());
  // @ts-expect-error -- the value of that name is wanted
  contract(io(), events, { outgoing: true });
  // @ts-expect-error -- no such word
  contract(io(), events, { unknown: "drop" });
  // @ts-expect-error -- no function
  contract(io(), events, { onViolation: 5 });
  // @ts-expect-error -- misspelt
  contract(io(), events, { onviolation: () => {} });
  // @ts-expect-error -- misspelt
  contract(io(), events, { value: true });

  // -- listening
  // @ts-expect-error -- not in the contract
  socket.on("nobody", () => {});
  // @ts-expect-error -- the client's own
  socket.on("join", () => {});
  // @ts-expect-error -- a date
  socket.on("chat", ({ at }: { at: number }) => at);
  // @ts-expect-error -- no text
  socket.on("chat", (chat: string) => chat);
  // @ts-expect-error -- no such property
  socket.on("chat", ({ from }) => from);
  // @ts-expect-error -- nothing comes with it
  socket.on("bell", (sound: string) => sound);
  // @ts-expect-error -- has no ack
  socket.on("chat", (_chat, ack) => ack());
  // @ts-expect-error -- a number
  socket.on("ask", (question: string) => question);
  // @ts-expect-error -- a boolean
  socket.on("ask", (_n, ack) => ack("yes"));
  // @ts-expect-error -- one answer
  socket.on("ask", (_n, ack) => ack(true, false));
  // @ts-expect-error -- an answer
  socket.on("ask", (_n, ack) => ack());
  // @ts-expect-error -- not declared
  socket.on("ask", (_n, ack) => ack(new EventError("FULL", { max: 5 })));
  // @ts-expect-error -- a text
  socket.on("ask", (_n, ack) => ack(new EventError("NO", 5)));
  // @ts-expect-error -- not in the contract
  socket.once("nobody", () => {});
  // @ts-expect-error -- not in the contract
  socket.off("nobody");
  // @ts-expect-error -- no function
  socket.on("chat", "text");

  // @ts-expect-error -- not in the contract
  void next(socket, "nobody");
  // @ts-expect-error -- the client's own
  reading(socket, "join");
  // @ts-expect-error -- a date
  (await next(socket, "chat"))[0].at.length;

  // -- emitting
  // @ts-expect-error -- not in the contract
  socket.emit("nobody");
  // @ts-expect-error -- the server's own
  socket.emit("chat", { text: "a", at: 5 });
  // @ts-expect-error -- a text
  socket.emit("say", 5);
  // @ts-expect-error -- an argument
  socket.emit("say");
  // @ts-expect-error -- one argument
  socket.emit("say", "a", "b");
  // @ts-expect-error -- has no ack
  socket.emit("say", "a", () => {});
  // @ts-expect-error -- no argument
  socket.emit("tick", 5);
  // @ts-expect-error -- a room
  socket.emit("join", {});
  // @ts-expect-error -- a text
  socket.emit("join", { room: 5 });
  // @ts-expect-error -- a date
  socket.emit("join", { room: "a" }, ({ since }: { since: string }) => since);
  // @ts-expect-error -- the error comes first
  socket.timeout(5).emit("join", { room: "a" }, ({ since }: { since: Date }) => since);
  // @ts-expect-error -- not in the contract
  socket.volatile.emit("nobody");
  // @ts-expect-error -- a text
  socket.key("k").emit("say", 5);
  // @ts-expect-error -- not in the contract
  void socket.emitWithAck("nobody");
  // @ts-expect-error -- a text
  void socket.emitWithAck("join", { room: 5 });
  // @ts-expect-error -- an argument
  void socket.emitWithAck("join");
  // @ts-expect-error -- one argument
  void socket.emitWithAck("join", { room: "a" }, 5);
  // @ts-expect-error -- a date
  (await socket.emitWithAck("join", { room: "a" })).since.length;
  // @ts-expect-error -- no argument
  void socket.emitWithAck("now", 5);

  // -- calling
  // @ts-expect-error -- not in the contract
  void socket.call("nobody");
  // @ts-expect-error -- has no answer
  void socket.call("say", "a");
  // @ts-expect-error -- has no answer
  void socket.call("tick");
  // @ts-expect-error -- the server's own
  void socket.call("ask", 5);
  // @ts-expect-error -- an argument
  void socket.call("join");
  // @ts-expect-error -- a text
  void socket.call("join", { room: 5 });
  // @ts-expect-error -- no argument
  void socket.call("now", 5);
  // @ts-expect-error -- milliseconds
  void socket.call("join", { room: "a" }, { timeout: "5s" });
  // @ts-expect-error -- no such option
  void socket.call("join", { room: "a" }, { retry: 5 });
  const result = await socket.call("join", { room: "a" });
  // @ts-expect-error -- not known to be ok
  void result.data.since;
  // @ts-expect-error -- not known to be an error
  void result.error.code;
  if (!result.ok) {
    // @ts-expect-error -- there is none
    void result.data.since;
    // @ts-expect-error -- not declared
    if (result.error.code === "DENIED") return;
    // @ts-expect-error -- of one code only
    void result.error.data.max;
    // @ts-expect-error -- a number
    if (result.error.code === "FULL") void result.error.data.max.length;
  }

  // -- errors
  // @ts-expect-error -- a code
  new EventError();
  // @ts-expect-error -- a text
  new EventError(5);
  // @ts-expect-error -- data
  new EventError<"FULL", { max: number }>("FULL");
  // @ts-expect-error -- a number
  new EventError<"FULL", { max: number }>("FULL", { max: "5" });

  // -- the server's side
  // @ts-expect-error -- no contract
  guard(server);
  // @ts-expect-error -- no server
  guard({}, events);
  // @ts-expect-error -- no such word
  guard(server, events, { unknown: "drop" });
  server.on("connection", (far) => {
    // @ts-expect-error -- not in the contract
    far.on("nobody", () => {});
    // @ts-expect-error -- the server's own
    far.on("chat", () => {});
    // @ts-expect-error -- no such property
    far.on("join", ({ name }) => name);
    // @ts-expect-error -- what the schema makes of it is a number
    far.on("say", (text: string) => text);
    // @ts-expect-error -- a text
    far.on("join", (_req, ack) => ack({ since: new Date() }));
    // @ts-expect-error -- not declared
    far.on("join", (_req, ack) => ack(new EventError("NO", "a")));
    // @ts-expect-error -- a number
    far.on("now", () => "late");
    // @ts-expect-error -- a text
    far.on("join", async () => Promise.resolve({ since: 5 }));
    // @ts-expect-error -- not declared
    far.on("join", () => new EventError("DENIED"));
    // @ts-expect-error -- has no answer
    far.on("drop", (_id, ack) => ack("done"));
    // @ts-expect-error -- not in the contract
    far.emit("nobody");
    // @ts-expect-error -- a number
    far.emit("chat", { text: "a", at: new Date() });
    // @ts-expect-error -- the client's own
    far.emit("say", "a");
    // @ts-expect-error -- a number
    far.emit("ask", "a", () => {});
    // @ts-expect-error -- an error is not out of the question
    far.emit("ask", 1, (answer: boolean) => answer);
    // @ts-expect-error -- a text
    far.to("room").emit("chat", { text: 5, at: 5 });
    // @ts-expect-error -- not in the contract
    far.broadcast.emit("nobody");
  });
  // @ts-expect-error -- not in the contract
  server.emit("nobody");
  // @ts-expect-error -- a number
  server.to("room").emit("chat", { text: "a", at: new Date() });
  // @ts-expect-error -- the client's own
  server.of("/other").emit("say", "a");
  // @ts-expect-error -- an argument
  server.to("room").emit("chat");
  // @ts-expect-error -- milliseconds
  guard(server, events, { timeout: "5s" });
  // @ts-expect-error -- milliseconds
  contract(io(), events, { timeout: "5s" });
}
