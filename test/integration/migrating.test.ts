/**
 * Each difference that docs/migrating.md names, in both libraries: the names of the tests are the first cells of its tables, and
 * test/unit/docs.test.ts compares them. What needs a page or a scripted transport is tested elsewhere; that list is there too.
 */
import * as reference from "socket.io-client";
import { describe, expect, it, onTestFinished } from "vitest";
import * as tautline from "../../src/index.js";
import { catchCrashes, outcome, startScriptedServer, thrownBy } from "../support/field.js";
import { closing, next, serve, until } from "../support/harness.js";
import { closedPort } from "../support/servers.js";

type Library = typeof reference;
type Socket = reference.Socket;
type Options = Partial<reference.ManagerOptions & reference.SocketOptions>;

const libraries: Record<string, Library> = {
  reference,
  tautline: tautline as unknown as Library,
};

const websocket = { transports: ["websocket"] };
/** Nothing but a failure lets polling join; the reference client knows no such option. */
const patient = { fallbackDelay: 120_000 } as Options;

/** A socket of its own connection, until the test ends. */
function enter({ io }: Library, url: string, options: Options = {}): Socket {
  const socket = io(url, {
    forceNew: true,
    reconnectionDelay: 20,
    reconnectionDelayMax: 100,
    ...options,
  });
  onTestFinished(() => {
    socket.removeAllListeners();
    socket.disconnect();
    socket.io._close();
  });
  return socket;
}

/** What one and the other library make of the same. */
async function both<T>(run: (library: Library) => T | Promise<T>): Promise<unknown> {
  const results: Record<string, T> = {};
  for (const [name, library] of Object.entries(libraries)) results[name] = await run(library);
  return results;
}

/** Which of these events comes first. */
const first = (socket: Socket, ...events: string[]): Promise<string> =>
  Promise.race(events.map((event) => next(socket, event).then(() => event)));

async function connected(library: Library, url: string, options?: Options): Promise<Socket> {
  const socket = enter(library, url, options);
  await next(socket, "connect");
  return socket;
}

const waiting: Options = { autoConnect: false };
const nowhere = "http://127.0.0.1:9";

describe("Other than in socket.io-client", () => {
  describe("Connecting", () => {
    it("`transports`, by default (TRA-1)", async () => {
      const opened = await both(async (library) => {
        const { io, url } = await serve();
        const entered = next(io, "connection");
        // by default, whatever time the machine takes for it
        enter(library, url, patient);
        return (await entered)[0].conn.transport.name;
      });
      expect(opened).toEqual({ reference: "polling", tautline: "websocket" });
    });

    it("a transport that fails (TRA-6)", async () => {
      const seen = await both(async (library) => {
        const { url } = await serve({ transports: ["polling"] });
        const options = { transports: ["websocket", "polling"], reconnection: false };
        return first(enter(library, url, options), "connect", "connect_error");
      });
      expect(seen).toEqual({ reference: "connect_error", tautline: "connect" });
    });

    it("`reconnectionDelay: 0` (REC-4)", async () => {
      const delay = await both((library) =>
        enter(library, nowhere, { ...waiting, reconnectionDelay: 0 }).io.reconnectionDelay(),
      );
      expect(delay).toEqual({ reference: 1000, tautline: 0 });
    });

    it("the options object", async () => {
      const changed = await both((library) => {
        const options: Options = { ...waiting };
        library.io(nowhere, options);
        return Object.keys(options).length > 1;
      });
      expect(changed).toEqual({ reference: true, tautline: false });
    });

    it("wrong values of options (NaN, negative, strings)", async () => {
      const thrown = await both((library) =>
        thrownBy(() => enter(library, nowhere, { ...waiting, reconnectionDelay: -1 })),
      );
      expect(thrown).toEqual({ reference: undefined, tautline: "invalid-option" });
    });

    it("transports that are all unknown (OPT-7)", async () => {
      const thrown = await both((library) =>
        thrownBy(() => new library.Manager(nowhere, { transports: [], reconnection: false })),
      );
      expect(thrown).toEqual({ reference: undefined, tautline: "invalid-option" });
    });

    it('namespaces that no server can enter (`"chat"`, `"/a,b"`) (OPT-11)', async () => {
      const thrown = await both((library) =>
        ["chat", "/a,b"].map((nsp) =>
          thrownBy(() => new library.Manager(nowhere, waiting).socket(nsp)),
        ),
      );
      expect(thrown).toEqual({
        reference: [undefined, undefined],
        tautline: ["invalid-option", "invalid-option"],
      });
    });

    it("a query in the address and one in the options (CON-22)", async () => {
      const asked = await both(async (library) => {
        const { io, url } = await serve();
        const entered = next(io, "connection");
        enter(library, `${url}/?a=1`, { query: { b: "2" } });
        const { a, b } = (await entered)[0].handshake.query;
        return { a, b };
      });
      expect(asked).toEqual({ reference: { a: "1" }, tautline: { a: "1", b: "2" } });
    });

    it("null and undefined in `query` (CON-23)", async () => {
      const asked = await both(async (library) => {
        const { io, url } = await serve();
        const entered = next(io, "connection");
        enter(library, url, { query: { no: null, none: undefined } as never });
        const { no, none } = (await entered)[0].handshake.query;
        return [no, none];
      });
      expect(asked).toEqual({
        reference: ["null", "undefined"],
        tautline: [undefined, undefined],
      });
    });

    it("a connection that dies before the namespace is entered (CON-37)", async () => {
      const seen = await both(async (library) => {
        const { io, url } = await serve();
        io.use(({ conn }) => conn.close());
        return first(enter(library, url), "disconnect", "connect_error");
      });
      expect(seen).toEqual({ reference: "disconnect", tautline: "connect_error" });
    });

    it("no address, where there is no page", async () => {
      const seen = await both(async ({ io }) => {
        const socket = io({ forceNew: true, reconnection: false, timeout: 1000 });
        const [error] = await next(socket, "connect_error");
        const engine = socket.io.engine as unknown as { hostname?: string } | undefined;
        return (error as { code?: string }).code ?? engine?.hostname;
      });
      expect(seen).toEqual({ reference: "undefined", tautline: "invalid-option" });
    });

    it("an `auth` function that returns a promise", async () => {
      const seen = await both(async (library) => {
        const { io, url } = await serve();
        const entered = next(io, "connection").then(([{ handshake }]) => handshake.auth);
        for (const name of ["/one", "/two"]) io.of(name);
        const socket = enter(library, url, { auth: (async () => ({ token: "t" })) as never });
        // who asks to be let in a round trip later, on the same connection, is let in later
        const later = async (): Promise<string> => {
          for (const name of ["/one", "/two"]) await next(socket.io.socket(name), "connect");
          return "pending";
        };
        return Promise.race([entered, later()]);
      });
      expect(seen).toEqual({ reference: "pending", tautline: { token: "t" } });
    });
  });

  describe("Emitting", () => {
    it("arguments of a packet that waits (EMT-1)", async () => {
      const answers = await both(async (library) => {
        const { io, url } = await serve();
        io.on("connection", (far) => {
          far.on("echo", (value: unknown, answer: (value: unknown) => void) => answer(value));
        });
        const socket = enter(library, url, waiting);
        const value = { n: 1 };
        const answer = new Promise((resolve) => {
          socket.emit("echo", value, resolve);
        });
        value.n = 2;
        socket.connect();
        return answer;
      });
      expect(answers).toEqual({ reference: { n: 2 }, tautline: { n: 1 } });
    });

    it("arguments that cannot be encoded (EMT-6)", async () => {
      const thrown = await both((library) =>
        thrownBy(() => enter(library, nowhere, waiting).emit("n", 1n)),
      );
      expect(thrown).toEqual({ reference: undefined, tautline: "unserializable" });
    });

    it.each([
      [
        "more than 10 attachments",
        Array.from({ length: 11 }, () => new Uint8Array(1)),
        "too-many-attachments",
      ],
      ["a packet above the server's limit", ["x".repeat(2000)], "too-large"],
    ])("%s (EMT-7)", async (_name, args, code) => {
      const seen = await both(async (library) => {
        const { url } = await serve({ maxHttpBufferSize: 1000 });
        const socket = await connected(library, url, websocket);
        const lost = next(socket, "disconnect").then(() => "lost");
        return thrownBy(() => socket.emit("n", ...args)) ?? lost;
      });
      expect(seen).toEqual({ reference: "lost", tautline: code });
    });

    it("an event without a name (`emit()`) (EMT-4)", async () => {
      const seen = await both(async (library) => {
        const { url } = await serve();
        const socket = await connected(library, url, websocket);
        const lost = next(socket, "disconnect").then(() => "lost");
        return thrownBy(() => (socket as unknown as { emit(): void }).emit()) ?? lost;
      });
      expect(seen).toEqual({ reference: "lost", tautline: "invalid-event" });
    });

    it("the buffer while disconnected (BUF-3)", async () => {
      const seen = await both((library) => {
        const socket = enter(library, nowhere, waiting);
        for (let n = 0; n < 100_000; n++) socket.emit("n");
        return thrownBy(() => socket.emit("n"));
      });
      expect(seen).toEqual({ reference: undefined, tautline: "overflow" });
    });

    it("`emitWithAck` without timeout (ACK-9)", async () => {
      const seen = await both((library) => {
        const socket = enter(library, nowhere, waiting);
        const asked = socket.emitWithAck("n");
        socket.connect();
        socket.disconnect();
        return outcome(() => asked, 200);
      });
      expect(seen).toEqual({ reference: "pending", tautline: "disconnected" });
    });

    it("error-first acks that wait (LEA-12)", async () => {
      const seen = await both((library) => {
        const socket = enter(library, nowhere, waiting);
        const asked = new Promise((_resolve, reject) => {
          socket.timeout(60_000).emit("n", reject);
        });
        socket.connect();
        socket.disconnect();
        return outcome(() => asked, 200);
      });
      expect(seen).toEqual({ reference: "pending", tautline: "disconnected" });
    });

    it("`volatile` (VOL-5)", async () => {
      const seen = await both(async (library) => {
        const { io, url } = await serve();
        const received: unknown[] = [];
        io.on("connection", (far) => {
          far.onAny((...args: unknown[]) => received.push(args[1]));
        });
        const socket = await connected(library, url, { transports: ["polling"] });
        socket.emit("n", 1);
        socket.volatile.emit("n", 2);
        await until(() => received.includes(1));
        socket.emit("n", 3);
        await until(() => received.includes(3));
        return received;
      });
      expect(seen).toEqual({ reference: [1, 3], tautline: [1, 2, 3] });
    });

    it("`retries` (RTY-11)", async () => {
      const seen = await both((library) => {
        const socket = enter(library, nowhere, { ...waiting, retries: 1, ackTimeout: 50 });
        socket.emit("n");
        return socket.sendBuffer.length;
      });
      expect(seen).toEqual({ reference: 0, tautline: 1 });
    });

    it("the ack id of another try (RTY-2)", async () => {
      const seen = await both(async (library) => {
        const { url } = await serve();
        const socket = enter(library, url, { ...websocket, retries: 1, ackTimeout: 50 });
        const sent: unknown[] = [];
        socket.io.engine.on("packetCreate", ({ data }) => sent.push(data));
        await new Promise((resolve) => {
          socket.emit("n", resolve);
        });
        return sent.slice(1, 3);
      });
      expect(seen).toEqual({
        reference: ['20["n"]', '21["n"]'],
        tautline: ['20["n"]', '20["n"]'],
      });
    });

    it("`retries` without `ackTimeout` (RTY-14)", async () => {
      const seen = await both(async (library) => {
        const { io, url } = await serve();
        io.on("connection", (far) => {
          far.on("n", (answer: (text: string) => void) => answer("fine"));
        });
        const socket = enter(library, url, { ...websocket, retries: 1 });
        return new Promise((resolve) => {
          socket.emit("n", (...args: unknown[]) => resolve(args));
        });
      });
      expect(seen).toEqual({ reference: ["fine"], tautline: [null, "fine"] });
    });

    it("a negative `timeout()`, and one that is no number (ACK-23)", async () => {
      const thrown = await both((library) => {
        const socket = enter(library, nowhere, waiting);
        return [-1, NaN, "5"].map((ms) => thrownBy(() => socket.timeout(ms as number)));
      });
      expect(thrown).toEqual({
        reference: [undefined, undefined, undefined],
        tautline: ["invalid-option", "invalid-option", "invalid-option"],
      });
    });
  });

  describe("Leaving", () => {
    it("an event right before `disconnect()` (LEA-1)", async () => {
      const seen = await both(async (library) => {
        const { io, url } = await serve();
        const received: string[] = [];
        io.on("connection", (far) => {
          far.on("last", () => received.push("last"));
          far.on("disconnect", (reason) => received.push(reason));
        });
        const socket = await connected(library, url, websocket);
        socket.emit("last");
        socket.disconnect();
        await until(() => received.includes("client namespace disconnect"));
        return received;
      });
      expect(seen).toEqual({
        reference: ["client namespace disconnect"],
        tautline: ["last", "client namespace disconnect"],
      });
    });

    it("`disconnect(); connect()` in one tick, other namespaces stay (NSP-11)", async () => {
      const seen = await both(async (library) => {
        const { io, url } = await serve();
        io.of("/room");
        const main = await connected(library, url, websocket);
        const room = main.io.socket("/room");
        await next(room, "connect");
        const lost = next(main, "disconnect").then(() => "lost");
        room.disconnect().connect();
        return Promise.race([lost, next(room, "connect").then(() => "entered")]);
      });
      expect(seen).toEqual({ reference: "lost", tautline: "entered" });
    });

    it("`close` of a manager that is closed already (HEA-15)", async () => {
      const count = await both(async (library) => {
        const { url } = await serve();
        const socket = await connected(library, url);
        let closes = 0;
        socket.io.on("close", () => closes++);
        socket.disconnect();
        socket.disconnect();
        return closes;
      });
      expect(count).toEqual({ reference: 2, tautline: 1 });
    });

    it("`disconnect` event (HEA-14)", async () => {
      const count = await both(async (library) => {
        const { io, url } = await serve();
        const asked = new Promise<void>((resolve) => io.use(() => resolve()));
        const socket = enter(library, url, { ...websocket, reconnection: false });
        let count = 0;
        socket.on("disconnect", () => count++);
        await asked;
        const closed = next(socket.io, "close");
        socket.io.engine.close();
        await closed;
        // listeners of the manager and of the socket are told in either order
        await Promise.resolve();
        return count;
      });
      expect(count).toEqual({ reference: 1, tautline: 0 });
    });
  });

  describe("Hearing", () => {
    it("errors (ERR-5)", async () => {
      const url = `http://127.0.0.1:${await closedPort()}`;
      const seen = await both(async (library) => {
        const [error] = await next(enter(library, url, websocket), "connect_error");
        const { name, code, type, message } = error;
        return { isError: error instanceof Error, name, code, type, message };
      });
      const same = { isError: true, type: "TransportError", message: "websocket error" };
      expect(seen).toEqual({
        reference: { ...same, name: "Error", code: undefined },
        tautline: { ...same, name: "TautlineError", code: expect.stringMatching(/^[a-z-]+$/) },
      });
    });

    it("an unknown engine packet", async () => {
      const seen = await both(async (library) => {
        const { url } = await closing(
          startScriptedServer((frame, say) => {
            if (frame.startsWith("40")) say('40{"sid":"s"}', "9");
          }),
        );
        const socket = enter(library, url, { ...websocket, reconnection: false });
        return (await next(socket, "disconnect"))[0];
      });
      expect(seen).toEqual({ reference: "transport error", tautline: "parse error" });
    });

    it("`this` in an ack callback (ACK-21)", async () => {
      const seen = await both(async (library) => {
        const { io, url } = await serve();
        io.on("connection", (far) => far.on("n", (answer: () => void) => answer()));
        const socket = await connected(library, url);
        return new Promise((resolve) =>
          socket.emit("n", function (this: unknown) {
            resolve(this === socket);
          }),
        );
      });
      expect(seen).toEqual({ reference: true, tautline: false });
    });

    it("a listener that throws (HEA-3)", async () => {
      const crashes = catchCrashes();
      const heard = await both(async (library) => {
        const { io, url } = await serve();
        io.on("connection", (far) => {
          far.emit("n");
          far.emit("end");
        });
        const socket = enter(library, url);
        const heard: string[] = [];
        socket.on("n", () => {
          throw new Error("the app's");
        });
        socket.on("n", () => heard.push("n"));
        await next(socket, "end");
        return heard;
      });
      expect(heard).toEqual({ reference: [], tautline: ["n"] });
      await until(() => crashes.length >= 2);
      expect(crashes).toHaveLength(2);
    });

    it("`recovered`", async () => {
      const seen = await both(async (library) => {
        const { url } = await serve();
        return (await connected(library, url)).recovered;
      });
      expect(seen).toEqual({ reference: undefined, tautline: false });
    });

    it("`listeners()` of an event with a `once` listener (HEA-7)", async () => {
      const seen = await both((library) => {
        const listener = (): void => undefined;
        const socket = enter(library, nowhere, waiting).once("n", listener);
        return socket.listeners("n")[0] === listener;
      });
      expect(seen).toEqual({ reference: false, tautline: true });
    });
  });
});
