/**
 * What an app's server code may expect of `socket.io`: the same tests run against the real one and against the one in memory.
 *
 * To extend: add a test here. A `Rig` is what differs between the two.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ManagerOptions, Socket, SocketOptions } from "../../src/index.js";

export interface Rig {
  /** A `Server` of socket.io's, or one of the same interface. */
  io: any;
  /** A client in a namespace. */
  client(path?: string, options?: Partial<ManagerOptions & SocketOptions>): Socket;
  until(condition: () => unknown): Promise<void>;
  settle<T>(promise: Promise<T>): Promise<T>;
  /** From here on no time passes but what the test lets pass; not where time is the test's anyway. */
  holdTime?(): { pass(ms: number): void; release(): void };
  /** Ends the connections that stand, without a goodbye. */
  cut(): void;
  close(): unknown;
}

type Make = (options?: object) => Rig | Promise<Rig>;

export function serverContract(name: string, make: Make): void {
  describe(`${name}: an app's server code`, () => {
    let rig: Rig;

    beforeEach(async () => {
      rig = await make();
    });

    afterEach(async () => {
      await rig.close();
    });

    const connected = async (path?: string, options?: object): Promise<Socket> => {
      const socket = rig.client(path, options);
      await rig.until(() => socket.connected);
      return socket;
    };
    /** The client and its socket on the server. */
    const pair = async (path = "/", options?: object): Promise<[Socket, any]> => {
      const near = await connected(path, options);
      const far = rig.io.of(path).sockets.get(near.id);
      return [near, far];
    };
    /** Everything that was sent before has arrived. */
    const roundTrip = async (near: Socket, far: any): Promise<void> => {
      far.once("round", (answer: () => void) => answer());
      await rig.settle(near.emitWithAck("round"));
    };
    const record = (socket: { onAny(fn: (...args: any[]) => void): unknown }): unknown[][] => {
      const heard: unknown[][] = [];
      socket.onAny((...args) => heard.push(args.filter((arg) => typeof arg !== "function")));
      return heard;
    };

    describe("connecting", () => {
      it("gives both sides the same id (KIT-12)", async () => {
        const [near, far] = await pair();
        expect(far.id).toBe(near.id);
        expect(far.connected).toBe(true);
        expect(far.disconnected).toBe(false);
      });

      it("shows auth and query in the handshake (KIT-12)", async () => {
        const [, far] = await pair("/", { auth: { token: "t" }, query: { a: "1" } });
        expect(far.handshake.auth).toEqual({ token: "t" });
        expect(far.handshake.query).toMatchObject({ a: "1", EIO: "4" });
        expect(far.handshake.url).toContain("EIO=4");
        expect(typeof far.handshake.time).toBe("string");
        expect(typeof far.handshake.issued).toBe("number");
        expect(far.handshake.secure).toBe(false);
      });

      it("asks the middlewares in order, and hands data on (KIT-50)", async () => {
        const asked: string[] = [];
        rig.io.use((far: any, next: () => void) => {
          asked.push("first");
          far.data.user = "ada";
          next();
        });
        rig.io.use((_far: any, next: () => void) => {
          asked.push("second");
          setTimeout(next, 5);
        });
        const [, far] = await pair();
        expect(asked).toEqual(["first", "second"]);
        expect(far.data).toEqual({ user: "ada" });
      });

      it("refuses with a message and data (KIT-12)", async () => {
        rig.io.use((_far: any, next: (error: Error) => void) =>
          next(Object.assign(new Error("no"), { data: { why: 1 } })),
        );
        const near = rig.client();
        let error: any;
        near.on("connect_error", (one) => (error = one));
        await rig.until(() => error);
        expect({ message: error.message, data: error.data }).toEqual({
          message: "no",
          data: { why: 1 },
        });
        expect(rig.io.of("/").sockets.size).toBe(0);
      });

      it("leaves nothing of a refused client, whatever a middleware did with it", async () => {
        let refused: any;
        rig.io.use((far: any, next: (error: Error) => void) => {
          refused = far;
          far.join("lobby");
          next(new Error("no"));
        });
        let error: any;
        rig.client().on("connect_error", (one) => (error = one));
        await rig.until(() => error);
        refused.join("lobby");
        expect([...rig.io.of("/").adapter.rooms.keys()]).toEqual([]);
        expect(await rig.settle(rig.io.in("lobby").fetchSockets())).toEqual([]);
      });

      it("tells of new namespaces, and runs the listener of `of()` with those of `connect`", async () => {
        const seen: unknown[] = [];
        rig.io.on("new_namespace", ({ name }: { name: string }) => seen.push(name));
        const room = rig.io.of("/room", () => seen.push("of"));
        room.on("connection", () => seen.push("connection"));
        room.on("connect", () => seen.push("connect"));
        rig.io.of("/room");
        await connected("/room");
        expect(seen).toEqual(["/room", "of", "connect", "connection"]);
      });

      it("refuses namespaces that are not there", async () => {
        const near = rig.client("/nowhere");
        let error: any;
        near.on("connect_error", (one) => (error = one));
        await rig.until(() => error);
        expect(error.message).toBe("Invalid namespace");
      });

      it("makes namespaces whose name fits an expression (KIT-51)", async () => {
        const seen: string[] = [];
        const parent = rig.io.of(/^\/room-\d+$/);
        parent.on("connection", (far: any) => seen.push(far.nsp.name));
        await connected("/room-12");
        await rig.until(() => seen.length);
        expect(seen).toEqual(["/room-12"]);
      });

      it("makes namespaces that a function allows (KIT-51)", async () => {
        rig.io.of((name: string, auth: any, next: (error: null, is: boolean) => void) =>
          next(null, name === "/x" && auth.ok === true),
        );
        await connected("/x", { auth: { ok: true } });
        const near = rig.client("/y");
        let error: any;
        near.on("connect_error", (one) => (error = one));
        await rig.until(() => error);
        expect(error.message).toBe("Invalid namespace");
      });

      it("waits for functions that allow a namespace later, and asks the next one (KIT-59)", async () => {
        const asked: unknown[] = [];
        rig.io.of((_name: string, auth: unknown, next: (error: null, is: boolean) => void) => {
          asked.push(auth);
          setTimeout(() => next(null, false), 5);
        });
        rig.io.of(async (name: string, _auth: any, next: (error: null, is: boolean) => void) => {
          await Promise.resolve();
          next(null, name === "/late");
        });
        const near = await connected("/late");
        expect(near.connected).toBe(true);
        expect(asked).toEqual([{}]);
      });

      it("reaches the clients of all namespaces of an expression", async () => {
        const parent = rig.io.of(/^\/room-\d+$/);
        const sockets = await Promise.all([connected("/room-1"), connected("/room-2")]);
        const heard = sockets.map(record);
        rig.io.of("/room-2").socketsJoin("a");
        parent.emit("all", 1);
        parent.to("a").emit("some", 2);
        await rig.until(() => heard[0]?.length === 1 && heard[1]?.length === 2);
        expect(heard).toEqual([
          [["all", 1]],
          [
            ["all", 1],
            ["some", 2],
          ],
        ]);
        expect(() => parent.fetchSockets()).toThrow("not supported");
        expect(() => rig.io.of(/x/g)).toThrow("stateful");
      });

      it("keeps the middlewares of namespaces apart (KIT-59)", async () => {
        rig.io.of("/a").use((_far: any, next: (error: Error) => void) => next(new Error("not a")));
        rig.io.of("/b");
        await connected("/b");
        const near = rig.client("/a");
        let error: any;
        near.on("connect_error", (one) => (error = one));
        await rig.until(() => error);
        expect(error.message).toBe("not a");
      });

      it("tells `connection` and `connect` of each namespace", async () => {
        const told: string[] = [];
        rig.io.of("/n").on("connect", () => told.push("connect"));
        rig.io.of("/n").on("connection", () => told.push("connection"));
        await connected("/n");
        await rig.until(() => told.length === 2);
        expect(told).toEqual(["connect", "connection"]);
      });
    });

    describe("events", () => {
      it("come in order, with all kinds of values (KIT-13)", async () => {
        const [near, far] = await pair();
        const heard = record(far);
        near.emit("a");
        near.emit("b", 1, "2", null, { x: [true] });
        near.emit("c", new Uint8Array([1, 2]), { deep: [new Uint8Array([3])] });
        await roundTrip(near, far);
        expect(heard.slice(0, 2)).toEqual([["a"], ["b", 1, "2", null, { x: [true] }]]);
        const [, bytes, deep] = heard[2] as any;
        expect([[...bytes], [...deep.deep[0]]]).toEqual([[1, 2], [3]]);
      });

      it("go to the client with all kinds of values", async () => {
        const [near, far] = await pair();
        const heard = record(near);
        far.emit("a", 1, undefined, { b: null });
        far.emit("bytes", Uint8Array.of(5, 6), [Uint8Array.of(7)]);
        far.send("m");
        far.write("w");
        await rig.until(() => heard.length === 4);
        expect(heard[0]).toEqual(["a", 1, null, { b: null }]);
        expect([...new Uint8Array((heard[1] as any)[1])]).toEqual([5, 6]);
        expect(heard.slice(2)).toEqual([
          ["message", "m"],
          ["message", "w"],
        ]);
      });

      it("are answered, once (KIT-13)", async () => {
        const [near, far] = await pair();
        far.on("q", (n: number, answer: (...args: unknown[]) => void) => {
          answer(n + 1, "more");
          answer("again");
        });
        expect(await rig.settle(near.emitWithAck("q", 1))).toBe(2);
        const answers: unknown[] = [];
        near.emit("q", 2, (...args: unknown[]) => answers.push(args));
        await rig.until(() => answers.length);
        expect(answers).toEqual([[3, "more"]]);
      });

      it("of the server are answered, by callback, promise and with a timeout (KIT-13)", async () => {
        const [near, far] = await pair();
        near.on("q", (n, answer) => answer(n * 2));
        expect(await rig.settle(far.emitWithAck("q", 2))).toBe(4);
        expect(await rig.settle(far.timeout(5000).emitWithAck("q", 3))).toBe(6);
        const answers: unknown[] = [];
        far.emit("q", 4, (answer: unknown) => answers.push(answer));
        far
          .timeout(5000)
          .emit("q", 5, (error: unknown, answer: unknown) => answers.push([error, answer]));
        await rig.until(() => answers.length === 2);
        expect(answers).toEqual([8, [null, 10]]);
      });

      it("of the server time out", async () => {
        const [, far] = await pair();
        const errors: unknown[] = [];
        far.timeout(20).emit("q", (error: Error) => errors.push(error.message));
        await rig.until(() => errors.length);
        await expect(rig.settle(far.timeout(20).emitWithAck("q"))).rejects.toThrow(
          "operation has timed out",
        );
        expect(errors).toEqual(["operation has timed out"]);
      });

      it("that cannot be encoded throw, and their answers time out (KIT-60)", async () => {
        const [near, far] = await pair();
        const circular: Record<string, unknown> = {};
        circular["self"] = circular;
        for (const value of [BigInt(10), circular]) {
          const errors: unknown[] = [];
          expect(() =>
            far.timeout(20).emit("q", value, (error: Error) => errors.push(error.message)),
          ).toThrow();
          await rig.until(() => errors.length);
          expect(errors).toEqual(["operation has timed out"]);
        }
        far.on("ask", (answer: (value: unknown) => void) => {
          expect(() => answer(BigInt(10))).toThrow(TypeError);
          answer("sorry");
        });
        expect(await rig.settle(near.emitWithAck("ask"))).toBe("sorry");
      });

      it("carry bytes that toJSON() gives", async () => {
        const [near, far] = await pair();
        const seen: unknown[] = [];
        near.on("x", (bytes: ArrayBuffer) => seen.push([...new Uint8Array(bytes)]));
        far.emit("x", { toJSON: () => Buffer.from([1, 2]) });
        await rig.until(() => seen.length);
        expect(seen).toEqual([[1, 2]]);
      });

      it("have one registration of a listener less after each off()", async () => {
        const [near, far] = await pair();
        let calls = 0;
        const listener = (): void => void calls++;
        far.on("e", listener);
        far.once("e", listener);
        far.on("e", listener);
        far.off("e", listener);
        expect(far.listeners("e")).toEqual([listener, listener]);
        near.emit("e");
        await roundTrip(near, far);
        expect(calls).toBe(2);
        expect(far.listenerCount("e")).toBe(1);
      });

      it("throw for reserved names", async () => {
        const [, far] = await pair();
        for (const event of [
          "connect",
          "disconnect",
          "connect_error",
          "disconnecting",
          "newListener",
        ])
          expect(() => far.emit(event)).toThrow(`"${event}" is a reserved event name`);
      });

      it("pass the socket's middlewares, which may refuse (KIT-59)", async () => {
        const [near, far] = await pair();
        const errors: string[] = [];
        far.use(([event]: [string], next: (error?: Error) => void) =>
          next(event === "bad" ? new Error("bad event") : undefined),
        );
        far.on("error", (error: Error) => errors.push(error.message));
        const heard: string[] = [];
        for (const event of ["good", "bad"]) far.on(event, () => heard.push(event));
        near.emit("bad");
        near.emit("good");
        await rig.until(() => heard.length && errors.length);
        expect({ heard, errors }).toEqual({ heard: ["good"], errors: ["bad event"] });
      });

      it("are seen by catch-all listeners, in both directions (KIT-59)", async () => {
        const [near, far] = await pair();
        const seen: unknown[] = [];
        const second = (): void => void seen.push("second");
        far.onAny(second);
        far.prependAny((event: string) => seen.push(event));
        expect(far.listenersAny()).toHaveLength(2);
        far.onAnyOutgoing((event: string) => seen.push(`out ${event}`));
        near.emit("x");
        await rig.until(() => seen.length === 2);
        far.emit("y");
        far.offAny(second);
        near.emit("z");
        await rig.until(() => seen.length === 4);
        expect(seen).toEqual(["x", "second", "out y", "z"]);
        far.offAny();
        far.offAnyOutgoing();
        expect(far.listenersAny()).toEqual([]);
        expect(far.listenersAnyOutgoing()).toEqual([]);
      });

      it("have listeners that can be removed, and heard once", async () => {
        const [near, far] = await pair();
        const heard: string[] = [];
        const on = (): void => void heard.push("on");
        far.on("e", on);
        far.once("e", () => heard.push("once"));
        near.emit("e");
        near.emit("e");
        await rig.until(() => heard.length === 3);
        far.off("e", on);
        near.emit("e");
        await roundTrip(near, far);
        expect(heard).toEqual(["on", "once", "on"]);
        expect(far.listenerCount("e")).toBe(0);
      });

      it("that are volatile arrive on a line that is free", async () => {
        const [near, far] = await pair("/", { transports: ["websocket"] });
        await roundTrip(near, far);
        const heard = record(near);
        far.volatile.emit("v", 1);
        await rig.until(() => heard.length);
        expect(heard).toEqual([["v", 1]]);
      });

      it("may be compressed or not", async () => {
        const [near, far] = await pair();
        const heard = record(near);
        far.compress(false).emit("c");
        await rig.until(() => heard.length);
        expect(heard).toEqual([["c"]]);
      });
    });

    describe("rooms", () => {
      let near: Socket[];
      let far: any[];
      let heard: unknown[][][];

      beforeEach(async () => {
        const pairs = [await pair(), await pair(), await pair()];
        near = pairs.map(([one]) => one);
        far = pairs.map(([, one]) => one);
        heard = near.map((one) => record(one));
      });

      /** Which clients have heard the last event. */
      const whoHeard = async (send: () => unknown): Promise<number[]> => {
        send();
        await Promise.all(near.map((one, i) => roundTrip(one, far[i])));
        return heard.flatMap((events, i) => (events.splice(0).length ? [i] : []));
      };

      it("begin with the socket's own id", () => {
        expect([...far[0].rooms]).toEqual([far[0].id]);
      });

      it("are joined and left (KIT-14)", () => {
        far[0].join("a");
        far[0].join(["b", "c"]);
        far[0].leave("b");
        expect([...far[0].rooms].sort()).toEqual([far[0].id, "a", "c"].sort());
        expect(rig.io.of("/").adapter.rooms.get("a")).toEqual(new Set([far[0].id]));
      });

      it("get what is emitted to them (KIT-14)", async () => {
        far[0].join("a");
        far[1].join("a");
        far[2].join("b");
        expect(await whoHeard(() => rig.io.to("a").emit("e"))).toEqual([0, 1]);
        expect(await whoHeard(() => rig.io.in("a").in("b").emit("e"))).toEqual([0, 1, 2]);
        expect(await whoHeard(() => rig.io.to(["b"]).emit("e"))).toEqual([2]);
        expect(await whoHeard(() => rig.io.except("a").emit("e"))).toEqual([2]);
        expect(await whoHeard(() => rig.io.to("a").except(far[1].id).emit("e"))).toEqual([0]);
        expect(await whoHeard(() => rig.io.to("nobody").emit("e"))).toEqual([]);
      });

      it("get what a socket emits to them, without itself (KIT-14)", async () => {
        far[0].join("a");
        far[1].join("a");
        expect(await whoHeard(() => far[0].to("a").emit("e"))).toEqual([1]);
        expect(await whoHeard(() => far[0].in("a").emit("e"))).toEqual([1]);
        expect(await whoHeard(() => far[0].broadcast.emit("e"))).toEqual([1, 2]);
        expect(await whoHeard(() => far[0].except("a").emit("e"))).toEqual([2]);
        expect(await whoHeard(() => far[0].to(far[2].id).emit("e"))).toEqual([2]);
      });

      it("get what the server emits to all", async () => {
        expect(await whoHeard(() => rig.io.emit("e"))).toEqual([0, 1, 2]);
        expect(await whoHeard(() => rig.io.of("/").send("m"))).toEqual([0, 1, 2]);
        expect(await whoHeard(() => rig.io.local.emit("e"))).toEqual([0, 1, 2]);
        expect(await whoHeard(() => rig.io.of("/other").emit("e"))).toEqual([]);
      });

      it("send a client that is in several of them one event", async () => {
        far[0].join(["a", "b"]);
        rig.io.to("a").to("b").emit("e");
        await roundTrip(near[0] as Socket, far[0]);
        expect(heard[0]).toHaveLength(1);
      });

      it("answer, each client for itself (KIT-61)", async () => {
        near.forEach((one, i) => one.on("q", (answer) => answer(i)));
        expect(
          (await rig.settle(rig.io.timeout(5000).emitWithAck("q") as Promise<number[]>)).sort(),
        ).toEqual([0, 1, 2]);
      });

      it("give the answers that came in time, with an error (KIT-61)", async () => {
        let isAnswered = false;
        near[0]?.on("q", (answer) => {
          answer("here");
          isAnswered = true;
        });
        const outcome: unknown[] = [];
        const time = rig.holdTime?.();
        rig.io
          .timeout(500)
          .emit("q", (error: Error, answers: unknown[]) => outcome.push(error.message, answers));
        await rig.until(() => isAnswered);
        await roundTrip(near[0] as Socket, far[0]);
        expect(outcome).toEqual([]);
        time?.pass(500);
        time?.release();
        await rig.until(() => outcome.length);
        expect(outcome).toEqual(["operation has timed out", ["here"]]);
      });

      it("have no time for answers without a timeout, and none of the server itself", async () => {
        near.forEach((one) => one.on("q", (answer) => setTimeout(answer, 30, "late")));
        const outcome: unknown[] = [];
        rig.io.emit("q", (error: Error, answers: unknown[]) =>
          outcome.push(error.message, answers),
        );
        await expect(rig.settle(rig.io.to(far[0].id).emitWithAck("q"))).rejects.toMatchObject({
          message: "operation has timed out",
          responses: [],
        });
        await rig.until(() => outcome.length);
        expect(outcome).toEqual(["operation has timed out", []]);
        expect([rig.io.emitWithAck, rig.io.of("/").emitWithAck]).toEqual([undefined, undefined]);
      });

      it("take no reserved names", async () => {
        for (const event of ["connect", "connect_error", "disconnect", "disconnecting"]) {
          const message = `"${event}" is a reserved event name`;
          expect(() => rig.io.emit(event)).toThrow(message);
          expect(() => rig.io.to("a").emit(event)).toThrow(message);
          expect(() => far[0].broadcast.emit(event)).toThrow(message);
        }
        await expect(rig.io.to("a").emitWithAck("connect")).rejects.toThrow("reserved");
      });

      it("are reached over a chain of modifiers", async () => {
        far[1].join("a");
        expect(await whoHeard(() => far[0].volatile.broadcast.emit("e"))).toEqual([1, 2]);
        expect(await whoHeard(() => far[0].volatile.to("a").emit("e"))).toEqual([1]);
        expect(await whoHeard(() => far[0].compress(false).volatile.send("e"))).toEqual([0]);
        near[1]?.on("q", (answer) => answer(1));
        expect(
          await rig.settle(far[0].timeout(5000).to("a").emitWithAck("q") as Promise<unknown>),
        ).toEqual([1]);
        near[0]?.on("q", (answer) => answer(0));
        expect(
          await rig.settle(
            far[0].timeout(5000).compress(true).emitWithAck("q") as Promise<unknown>,
          ),
        ).toBe(0);
      });

      it("can be filled and emptied from outside", async () => {
        rig.io.socketsJoin("all");
        rig.io.in("all").except(far[2].id).socketsJoin("some");
        rig.io.in(far[0].id).socketsLeave("all");
        expect(await whoHeard(() => rig.io.to("all").emit("e"))).toEqual([1, 2]);
        expect(await whoHeard(() => rig.io.to("some").emit("e"))).toEqual([0, 1]);
      });

      it("list their sockets", async () => {
        far[1].join("a");
        far[1].data.name = "b";
        const [one, ...rest] = await rig.io.in("a").fetchSockets();
        expect(rest).toEqual([]);
        expect({ id: one.id, data: one.data, isIn: one.rooms.has("a") }).toEqual({
          id: far[1].id,
          data: { name: "b" },
          isIn: true,
        });
        expect(await rig.io.fetchSockets()).toHaveLength(3);
      });

      it("are left when a client goes", async () => {
        far[0].join("a");
        near[0]?.disconnect();
        await rig.until(() => !far[0].connected);
        expect(rig.io.of("/").adapter.rooms.has("a")).toBe(false);
        expect(rig.io.of("/").sockets.size).toBe(2);
      });
    });

    describe("listeners", () => {
      it("can be put before the others, counted and taken away", async () => {
        const [near, far] = await pair();
        const heard: number[] = [];
        far.on("n", () => heard.push(1));
        far.prependListener("n", () => heard.push(0));
        far.setMaxListeners(50);
        near.emit("n");
        await roundTrip(near, far);
        expect(heard).toEqual([0, 1]);
        expect(far.listenerCount("n")).toBe(2);
        rig.io.on("connection", () => heard.push(2));
        expect(rig.io.listenerCount("connection")).toBe(1);
        rig.io.removeAllListeners("connection");
        expect(rig.io.listeners("connection")).toEqual([]);
      });
    });

    describe("ending", () => {
      const reasons = (far: any): unknown[] => {
        const told: unknown[] = [];
        far.on("disconnecting", (reason: string) =>
          told.push(["disconnecting", reason, far.rooms.size]),
        );
        far.on("disconnect", (reason: string) => told.push(["disconnect", reason, far.rooms.size]));
        return told;
      };

      it("by the client is told with its reason; the rooms are there until it is over (KIT-15)", async () => {
        const [near, far] = await pair();
        far.join("a");
        const told = reasons(far);
        near.disconnect();
        await rig.until(() => told.length === 2);
        expect(told).toEqual([
          ["disconnecting", "client namespace disconnect", 2],
          ["disconnect", "client namespace disconnect", 0],
        ]);
      });

      it("by the server is told to both (KIT-15)", async () => {
        const [near, far] = await pair();
        const told = reasons(far);
        let reason = "";
        near.on("disconnect", (why) => (reason = why));
        far.disconnect();
        expect(told[1]).toEqual(["disconnect", "server namespace disconnect", 0]);
        await rig.until(() => reason);
        expect({ reason, active: near.active, connected: far.connected }).toEqual({
          reason: "io server disconnect",
          active: false,
          connected: false,
        });
      });

      it("by the server leaves the other namespaces, unless the connection is closed", async () => {
        rig.io.of("/n");
        const [near, far] = await pair();
        const other = near.io.socket("/n");
        await rig.until(() => other.connected);
        far.disconnect();
        await rig.until(() => !near.connected);
        expect(other.connected).toBe(true);
        rig.io.of("/n").sockets.get(other.id).disconnect(true);
        await rig.until(() => !other.connected);
      });

      it("by a lost line has its own reason (KIT-15)", async () => {
        const [, far] = await pair("/", { transports: ["websocket"], reconnection: false });
        const told = reasons(far);
        rig.cut();
        await rig.until(() => told.length === 2);
        expect((told[1] as unknown[])[1]).toMatch(/^transport (close|error)$/);
      });

      it("of many is one call", async () => {
        const [one] = await pair();
        const [two, far] = await pair();
        far.join("a");
        rig.io.in("a").disconnectSockets();
        await rig.until(() => !two.connected);
        expect(one.connected).toBe(true);
        rig.io.disconnectSockets(true);
        await rig.until(() => rig.io.of("/").sockets.size === 0);
      });

      it("drops what was received before it and not handled yet", async () => {
        const [near, far] = await pair();
        const heard: number[] = [];
        far.on("n", (n: number) => {
          heard.push(n);
          far.disconnect();
        });
        near.emit("n", 1);
        near.emit("n", 2);
        await rig.until(() => !near.connected);
        expect(heard).toEqual([1]);
      });
    });

    describe("the connection", () => {
      it("has an id, a transport and a state", async () => {
        const [near, far] = await pair("/", { transports: ["websocket"] });
        expect(far.conn.id).toBe(near.io.engine?.id);
        expect(far.conn.transport.name).toBe("websocket");
        expect(far.conn.readyState).toBe("open");
        expect(rig.io.engine.clientsCount).toBe(1);
        expect(far.client.conn).toBe(far.conn);
      });

      it("is shared by namespaces", async () => {
        rig.io.of("/n");
        const [near, far] = await pair();
        const other = near.io.socket("/n");
        await rig.until(() => other.connected);
        expect(rig.io.of("/n").sockets.get(other.id).conn).toBe(far.conn);
      });

      it("tells of its end", async () => {
        const [near, far] = await pair();
        const told: string[] = [];
        far.conn.on("close", (reason: string) => told.push(reason));
        near.disconnect();
        near.io.disconnect();
        await rig.until(() => told.length);
        expect(told).toHaveLength(1);
      });
    });
  });

  describe(`${name}: a server that closes`, () => {
    let rig: Rig;

    beforeEach(async () => {
      rig = await make();
    });

    afterEach(async () => {
      await rig.close();
    });

    it("does not tell clients to stay away, and takes no new ones (KIT-43)", async () => {
      rig.io.of("/n");
      const told: string[] = [];
      const near = rig.client("/", { transports: ["websocket"] });
      const inNamespace = rig.client("/n", { transports: ["websocket"] });
      await rig.until(() => near.connected && inNamespace.connected);
      for (const path of ["/", "/n"])
        for (const far of rig.io.of(path).sockets.values())
          far.on("disconnect", (reason: string) => told.push(`server ${path} ${reason}`));
      near.on("disconnect", (reason) => told.push(`client / ${reason}`));
      inNamespace.on("disconnect", (reason) => told.push(`client /n ${reason}`));
      let called = 0;
      const closed = rig.io.close(() => called++);
      expect(closed).toBeInstanceOf(Promise);
      await rig.until(() => told.length === 4);
      expect(told.sort()).toEqual([
        "client / transport close",
        "client /n transport close",
        "server / server shutting down",
        "server /n server shutting down",
      ]);
      expect([near.active, inNamespace.active]).toEqual([true, true]);
      await rig.settle(closed as Promise<void>);
      expect(called).toBe(1);
      const late = rig.client();
      let error: unknown;
      late.on("connect_error", (one) => (error = one));
      await rig.until(() => error);
      expect(late.connected).toBe(false);
    });
  });

  describe(`${name}: recovery of a connection's state`, () => {
    let rig: Rig;

    beforeEach(async () => {
      rig = await make({ connectionStateRecovery: {} });
    });

    afterEach(async () => {
      await rig.close();
    });

    it("brings back id, rooms and data, and what was missed (KIT-5)", async () => {
      const near = rig.client("/", { reconnectionDelay: 20, transports: ["websocket"] });
      const heard: unknown[] = [];
      near.on("n", (n) => heard.push(n));
      await rig.until(() => near.connected);
      const { id } = near;
      const far = rig.io.of("/").sockets.get(id);
      far.join("a");
      far.data = { name: "ada" };
      far.emit("n", 0);
      await rig.until(() => heard.length === 1);
      rig.cut();
      await rig.until(() => !far.connected);
      rig.io.to("a").emit("n", 1);
      rig.io.to("b").emit("n", 2);
      rig.io.emit("n", 3);
      await rig.until(() => heard.length === 3);
      const again = rig.io.of("/").sockets.get(near.id);
      expect({ heard, recovered: near.recovered, id: near.id }).toEqual({
        heard: [0, 1, 3],
        recovered: true,
        id,
      });
      expect({ recovered: again.recovered, isIn: again.rooms.has("a"), data: again.data }).toEqual({
        recovered: true,
        isIn: true,
        data: { name: "ada" },
      });
    });

    it("is not given to a client that left by itself (KIT-62)", async () => {
      const near = rig.client();
      await rig.until(() => near.connected);
      const { id } = near;
      near.disconnect();
      near.connect();
      await rig.until(() => near.connected);
      expect(near.recovered).toBe(false);
      expect(near.id).not.toBe(id);
    });
  });
}
