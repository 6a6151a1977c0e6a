import { describe, expectTypeOf, it } from "vitest";
import {
  checkStore,
  durable,
  type DurablePacket,
  indexedDb,
  memoryStore,
  type OpenStore,
  type Settled,
} from "../../src/durable/index.js";
import { io, type Socket, type TautlineError } from "../../src/index.js";

interface ClientEvents {
  order: (item: number, note?: string) => void;
  sum: (a: number, b: number, result: (sum: number) => void) => void;
  confirm: (done: () => void) => void;
}

const outbox = indexedDb({ name: "app", identity: 1 });
const socket: Socket<object, ClientEvents> = io("http://types.test", {
  autoConnect: false,
  outbox,
});

describe("socket.durable", () => {
  it("knows the app's events, without their acks (DUR-34)", () => {
    expectTypeOf(socket.durable.emit("order", 1)).toEqualTypeOf<Promise<number>>();
    void socket.durable.emit("order", 1, "a note");
    void socket.durable.emit("sum", 1, 2);
    void socket.durable.emit("confirm");
    // @ts-expect-error a text
    void socket.durable.emit("order", "1");
    // @ts-expect-error one is missing
    void socket.durable.emit("sum", 1);
    // @ts-expect-error the ack is its own
    void socket.durable.emit("sum", 1, 2, () => {});
    // @ts-expect-error no such event
    void socket.durable.emit("orders", 1);
  });

  it("takes anything where no events are declared", () => {
    const any = io("http://types.test", { outbox });
    void any.durable.emit("whatever", 1, "2", new Blob([]));
  });

  it("knows its own events, and what it lists", () => {
    socket.durable.on("settled", (settled) => expectTypeOf(settled).toEqualTypeOf<Settled>());
    socket.durable.on("error", (error) => expectTypeOf(error).toEqualTypeOf<TautlineError>());
    // @ts-expect-error no such event
    socket.durable.on("delivered", () => {});
    expectTypeOf(socket.durable.list()).toEqualTypeOf<Promise<DurablePacket[]>>();
    expectTypeOf(socket.durable.clear()).toEqualTypeOf<Promise<number>>();
    expectTypeOf(socket.durable.delivery).toEqualTypeOf<
      "exactly-once" | "at-least-once" | undefined
    >();
  });
});

describe("An outbox", () => {
  it("needs a name and an identity (DUR-34)", () => {
    // @ts-expect-error whose packets?
    indexedDb({ name: "app" });
    // @ts-expect-error which outbox?
    indexedDb({ identity: 1 });
    // @ts-expect-error a user that is not there yet
    indexedDb({ name: "app", identity: undefined });
    // @ts-expect-error where?
    durable({ name: "app", identity: 1 });
    // @ts-expect-error no such durability
    indexedDb({ name: "app", identity: 1, durability: "none" });
    durable({ name: "app", identity: "one", store: memoryStore(), ttl: 1000 });
    // @ts-expect-error not a part
    io("http://types.test", { outbox: {} });
  });

  it("takes a store of the app's", () => {
    // @ts-expect-error methods are missing
    const wrong: OpenStore = () => ({ add: async () => [] });
    expectTypeOf(checkStore(wrong)).toEqualTypeOf<Promise<void>>();
  });
});
