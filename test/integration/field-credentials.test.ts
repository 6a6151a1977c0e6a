import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it, onTestFinished } from "vitest";
import { io as reference } from "socket.io-client";
import { io } from "../../src/index.js";
import { connected, modes, serve } from "../support/harness.js";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

/** Whatever can be collected is, and whoever waits for that is told. */
async function collect(): Promise<void> {
  for (let round = 0; round < 3; round++) {
    await new Promise((resolve) => setImmediate(resolve));
    gc();
  }
}

const collections = [
  ["at once", () => Promise.resolve()],
  ["after a garbage collection", collect],
] as const;

describe.each(modes.slice(0, 2))("Over $name, Bob logs in where Alice was", (mode) => {
  async function setUp() {
    const server = await serve(mode.server);
    const seen: unknown[] = [];
    for (const name of ["/", "/orders", "/other"])
      server.io.of(name).on("connection", ({ handshake }) => {
        const { query, headers, auth } = handshake;
        seen.push([query.who, headers["x-who"], auth.who]);
      });
    const login = (who: string, nsp = "/") => {
      const socket = io(server.url + nsp, {
        ...mode.options,
        query: { who },
        extraHeaders: { "x-who": who },
        auth: { who },
      });
      // nothing here may hold it
      const held = new WeakRef(socket);
      onTestFinished(() => {
        held.deref()?.disconnect();
        held.deref()?.io._close();
      });
      return socket;
    };
    return { server, seen, login };
  }

  /** In a function of its own, so that nothing holds Alice's socket when it has returned. */
  async function aliceComesAndGoes(
    login: (who: string, nsp?: string) => ReturnType<typeof io>,
    namespaces: string[],
  ): Promise<void> {
    const sockets = namespaces.map((nsp) => login("alice", nsp));
    await Promise.all(sockets.map((socket) => connected(socket)));
    for (const socket of sockets) socket.disconnect();
  }

  it.each(collections)("and is himself, %s", async (_when, wait) => {
    const { seen, login } = await setUp();
    await aliceComesAndGoes(login, ["/"]);
    await wait();
    await connected(login("bob"));
    expect(seen).toEqual([
      ["alice", "alice", "alice"],
      ["bob", "bob", "bob"],
    ]);
  });

  it.each(collections)("in a namespace of several, and is himself, %s", async (_when, wait) => {
    const { seen, login } = await setUp();
    await aliceComesAndGoes(login, ["/", "/orders"]);
    await wait();
    await connected(login("bob", "/orders"));
    expect(seen.at(-1)).toEqual(["bob", "bob", "bob"]);
  });

  it.each(collections)("and so are those after him, %s", async (_when, wait) => {
    const { seen, login } = await setUp();
    for (const who of ["alice", "bob", "carol", "dan"]) {
      await (async () => {
        const socket = await connected(login(who));
        socket.disconnect();
      })();
      await wait();
    }
    expect(seen).toEqual(["alice", "bob", "carol", "dan"].map((who) => [who, who, who]));
  });

  it("as with the reference client", async () => {
    const { server, seen } = await setUp();
    for (const who of ["alice", "bob"]) {
      const socket = reference(server.url, {
        transports: [mode.settles],
        query: { who },
        extraHeaders: { "x-who": who },
        auth: { who },
      });
      await new Promise<void>((resolve) => socket.once("connect", resolve));
      socket.disconnect();
    }
    expect(seen.at(-1)).toEqual(["bob", "bob", "bob"]);
  });
});

describe("What io() returns", () => {
  it.each([["/"], ["/orders"], ["/other"]])(
    "for %s doesn't depend on the garbage collector",
    async (nsp) => {
      const server = await serve();
      server.io.of("/orders");
      server.io.of("/other");
      const results: boolean[] = [];
      for (const [, wait] of collections) {
        // another name of the same server for each round: nothing is known there
        const url = results.length ? server.url.replace("127.0.0.1", "localhost") : server.url;
        const make = (name: string) => io(url + name, { autoConnect: false });
        // in a function of its own, so that nothing here holds the sockets
        const manager = (() => {
          const socket = make("/");
          make("/orders");
          socket.connect().disconnect();
          return new WeakRef(socket.io);
        })();
        await wait();
        const second = make(nsp);
        results.push(second.io === manager.deref());
        second.io._close();
      }
      expect(results[0]).toBe(results[1]);
    },
  );

  it("shares the manager of a namespace that is in use", async () => {
    const server = await serve();
    server.io.of("/orders");
    const main = await connected(io(server.url));
    await collect();
    const orders = io(`${server.url}/orders`);
    expect(orders.io).toBe(main.io);
    await connected(orders);
    main.disconnect();
    orders.disconnect();
  });
});
