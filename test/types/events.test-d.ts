import { describe, expectTypeOf, it } from "vitest";
import { drained, flush } from "../../src/delivery/index.js";
import { io, type Socket, type TautlineError } from "../../src/index.js";
import { events, next } from "../../src/reading/index.js";

interface ServerEvents {
  news: (title: string, body: { text: string }) => void;
  ask: (question: string, answer: (yes: boolean) => void) => void;
}

interface ClientEvents {
  hello: (name: string) => void;
  nothing: () => void;
  sum: (a: number, b: number, result: (sum: number) => void) => void;
  nodeStyle: (key: string, done: (error: Error | null, value: Date) => void) => void;
  confirm: (done: () => void) => void;
}

const socket: Socket<ServerEvents, ClientEvents> = io("http://types.test", { autoConnect: false });

describe("on", () => {
  it("knows the arguments of the app's events (TYP-10)", () => {
    socket.on("news", (title, body) => {
      expectTypeOf(title).toEqualTypeOf<string>();
      expectTypeOf(body).toEqualTypeOf<{ text: string }>();
    });
    socket.once("ask", (question, answer) => {
      expectTypeOf(question).toEqualTypeOf<string>();
      expectTypeOf(answer).parameter(0).toEqualTypeOf<boolean>();
    });
    socket.off("news", (title) => expectTypeOf(title).toEqualTypeOf<string>());
  });

  it("knows the library's own events", () => {
    socket.on("connect", () => {});
    socket.on("connect_error", (error) => {
      expectTypeOf(error).toEqualTypeOf<TautlineError>();
      expectTypeOf(error.data).toEqualTypeOf<unknown>();
    });
    socket.on("disconnect", (reason) => {
      expectTypeOf(reason).toExtend<string>();
      // @ts-expect-error no such reason
      return reason === "bored";
    });
  });

  it("refuses names and listeners that don't fit (TYP-10)", () => {
    // @ts-expect-error no such event
    socket.on("noSuchEvent", () => {});
    // @ts-expect-error an event that the client sends
    socket.on("hello", () => {});
    // @ts-expect-error the title is a string
    socket.on("news", (title: number) => title);
    // @ts-expect-error the library's event has no argument
    socket.on("connect", (argument: string) => argument);
    // @ts-expect-error no such event
    socket.once("noSuchEvent", () => {});
    // @ts-expect-error no such event
    socket.off("noSuchEvent");
  });
});

describe("emit", () => {
  it("takes what the events say (TYP-11)", () => {
    expectTypeOf(socket.emit("hello", "me")).toEqualTypeOf(socket);
    socket.emit("nothing");
    socket.emit("sum", 1, 2, (sum) => expectTypeOf(sum).toEqualTypeOf<number>());
    socket.volatile.emit("hello", "me");
    socket.compress(false).volatile.emit("nothing");
  });

  it("refuses what they don't (TYP-11)", () => {
    // @ts-expect-error no such event
    socket.emit("noSuchEvent");
    // @ts-expect-error an event that the server sends
    socket.emit("news", "a", { text: "b" });
    // @ts-expect-error the name is missing
    socket.emit("hello");
    // @ts-expect-error the name is a string
    socket.emit("hello", 5);
    // @ts-expect-error one argument too many
    socket.emit("hello", "me", "you");
    // @ts-expect-error nothing takes nothing
    socket.emit("nothing", 1);
    // @ts-expect-error the second number is missing
    socket.emit("sum", 1, () => {});
    // @ts-expect-error the ack gets a number
    socket.emit("sum", 1, 2, (sum: string) => sum);
    // @ts-expect-error reserved
    socket.emit("connect");
    // @ts-expect-error no such event
    socket.volatile.emit("noSuchEvent");
    // @ts-expect-error the name is a string
    socket.compress(true).emit("hello", 5);
  });
});

describe("timeout", () => {
  it("puts an error first (TYP-12)", () => {
    socket.timeout(100).emit("sum", 1, 2, (error, sum) => {
      expectTypeOf(error).toExtend<Error | null>();
      expectTypeOf(sum).toEqualTypeOf<number>();
    });
    socket.volatile.timeout(100).emit("sum", 1, 2, (_error, sum) => {
      expectTypeOf(sum).toEqualTypeOf<number>();
    });
    socket.timeout(100).emit("confirm", (error) => expectTypeOf(error).toExtend<Error | null>());
  });

  it("refuses acks without it, and wrong arguments", () => {
    // @ts-expect-error the error comes first
    socket.timeout(100).emit("sum", 1, 2, (sum: number) => sum);
    // @ts-expect-error the second is a number
    socket.timeout(100).emit("sum", 1, "2", () => {});
    // @ts-expect-error no such event
    socket.timeout(100).emit("noSuchEvent");
    // @ts-expect-error milliseconds
    socket.timeout("100");
  });
});

describe("emitWithAck", () => {
  it("resolves with the first argument of the answer (TYP-13)", () => {
    expectTypeOf(socket.emitWithAck("sum", 1, 2)).resolves.toEqualTypeOf<number>();
    expectTypeOf(socket.timeout(100).emitWithAck("sum", 1, 2)).resolves.toEqualTypeOf<number>();
    expectTypeOf(socket.emitWithAck("confirm")).resolves.toEqualTypeOf<void>();
  });

  it("resolves with the value of an ack that has an error first", () => {
    expectTypeOf(socket.emitWithAck("nodeStyle", "k")).resolves.toEqualTypeOf<Date>();
  });

  it("refuses what doesn't fit", () => {
    // @ts-expect-error no such event
    void socket.emitWithAck("noSuchEvent");
    // @ts-expect-error the second number is missing
    void socket.emitWithAck("sum", 1);
    // @ts-expect-error the callback is the promise
    void socket.emitWithAck("sum", 1, 2, () => {});
    // @ts-expect-error the first is a number
    void socket.timeout(5).emitWithAck("sum", "1", 2);
  });
});

describe("a socket without event maps", () => {
  const free = io({ autoConnect: false });

  it("takes everything (TYP-14)", () => {
    free.on("whatever", (...args) => expectTypeOf(args).toEqualTypeOf<any[]>());
    free.emit("whatever", 1, { two: 3 }, () => {});
    free.timeout(5).emit("whatever", 1, (error: Error, value: string) => [error, value]);
    expectTypeOf(free.emitWithAck("whatever")).resolves.toBeAny();
  });

  it("still knows the library's own events", () => {
    free.on("connect_error", (error) => expectTypeOf(error).toEqualTypeOf<TautlineError>());
    // @ts-expect-error names are strings
    free.emit(5);
  });
});

describe("a socket with one map", () => {
  const both: Socket<{ ping: (n: number) => void }> = io({ autoConnect: false });

  it("uses it both ways", () => {
    both.on("ping", (n) => expectTypeOf(n).toEqualTypeOf<number>());
    both.emit("ping", 1);
    // @ts-expect-error a number
    both.emit("ping", "1");
  });
});

describe("events()", () => {
  it("reads what a socket hears", async () => {
    for await (const args of events(socket, "news")) {
      expectTypeOf(args).toEqualTypeOf<[title: string, body: { text: string }]>();
    }
    expectTypeOf(events(socket, "ask").next()).resolves.toEqualTypeOf<
      IteratorResult<[question: string, answer: (yes: boolean) => void]>
    >();
    events(socket, "news", { limit: 5, overflow: "drop-oldest" });
  });

  it("refuses names and options that don't fit", () => {
    // @ts-expect-error an event that the client sends
    events(socket, "hello");
    // @ts-expect-error no such event
    events(socket, "noSuchEvent");
    // @ts-expect-error no such way
    events(socket, "news", { overflow: "reject" });
    // @ts-expect-error of a socket, not of a manager
    events(socket.io, "news");
  });

  it("takes everything of a socket without event maps", () => {
    const free = io({ autoConnect: false });
    expectTypeOf(events(free, "whatever").next()).resolves.toEqualTypeOf<IteratorResult<any[]>>();
  });
});

describe("next()", () => {
  it("resolves with the arguments", () => {
    expectTypeOf(next(socket, "news")).resolves.toEqualTypeOf<
      [title: string, body: { text: string }]
    >();
    void next(socket, "news", { timeout: 5, signal: new AbortController().signal });
    // @ts-expect-error an event that the client sends
    void next(socket, "hello");
    // @ts-expect-error milliseconds
    void next(socket, "news", { timeout: "5" });
  });
});

describe("flush() and drained()", () => {
  it("take every socket, and resolve with nothing", () => {
    expectTypeOf(flush(socket)).resolves.toEqualTypeOf<void>();
    expectTypeOf(drained(socket, { below: 5 })).resolves.toEqualTypeOf<void>();
    // @ts-expect-error not of a manager
    void flush(socket.io);
    // @ts-expect-error bytes
    void drained(socket, { below: "5" });
  });
});
