import { describe, expect, it, onTestFinished, vi } from "vitest";
import { stats } from "../../src/stats/index.js";
import { type AuthCallback, type AuthReason, type Socket, TautlineError } from "../../src/index.js";
import { onReauth } from "../../src/server/index.js";
import {
  client,
  type ClientOptions,
  connected,
  modes,
  next,
  proxyTo,
  serve,
  settled,
  until,
} from "../support/harness.js";
import { networkDouble } from "../support/network-double.js";
import type { RunningSocketIo } from "../support/servers.js";

/** Tokens that expire, a client that keeps the one that it has, and who asked for what. */
class Tokens {
  current = 1;
  held = 1;
  fetches = 0;
  readonly asked: [AuthReason, number][] = [];
  /** Refresh tokens die too. */
  isDead = false;
  /** Held back while it is set. */
  gate: Promise<void> | undefined;

  expire(): void {
    this.current++;
  }

  readonly auth = async ({ reason, attempt }: AuthCallback): Promise<object> => {
    this.asked.push([reason, attempt]);
    if (reason === "refused" || reason === "reauth") {
      this.fetches++;
      await this.gate;
      if (!this.isDead) this.held = this.current;
    }
    return { token: this.held };
  };

  guard(server: RunningSocketIo, ...names: string[]): void {
    for (const name of ["/", ...names])
      server.io.of(name).use((socket, enter) => {
        const isValid = socket.handshake.auth["token"] === this.current;
        enter(isValid ? undefined : new Error("token expired"));
      });
  }
}

describe.each(modes)("A token that has expired, over $name", (mode) => {
  async function setUp(
    options: ClientOptions = {},
    serverOptions: Parameters<typeof serve>[0] = {},
  ) {
    const tokens = new Tokens();
    const server = await serve({ ...mode.server, ...serverOptions });
    tokens.guard(server, "/orders", "/users");
    server.io.on("connection", (peer) => peer.on("echo", (value, answer) => answer(value)));
    const proxy = await proxyTo(server);
    const network = networkDouble();
    const socket = client(proxy.url, {
      ...mode.options,
      network,
      auth: tokens.auth,
      autoConnect: false,
      ...options,
    });
    // counts from here on
    stats(socket.io);
    const sessions: unknown[] = [];
    server.io.engine.on("connection", (session: unknown) => sessions.push(session));
    return { tokens, server, proxy, network, socket, sessions };
  }

  type Setting = Awaited<ReturnType<typeof setUp>>;

  async function lost({ socket }: Setting, lose: () => unknown): Promise<void> {
    const gone = next(socket, "disconnect");
    lose();
    await gone;
  }

  async function back(socket: Socket, act: () => unknown): Promise<void> {
    const connect = next(socket, "connect");
    act();
    await connect;
  }

  const kept = {
    connectionStateRecovery: { maxDisconnectionDuration: 60_000, skipMiddlewares: false },
  };

  /** `sessions`: connections that the path makes by itself. */
  const paths: [name: string, sessions: number, walk: (setting: Setting) => Promise<unknown>][] = [
    [
      "the first connect",
      1,
      async ({ socket, tokens }) => {
        tokens.expire();
        await connected(socket.connect());
      },
    ],
    [
      "a connection that was cut",
      2,
      async (setting) => {
        const { socket, tokens, proxy } = setting;
        await settled(socket.connect(), mode);
        tokens.expire();
        await back(socket, () => {
          proxy.cut();
          // polling between two requests has nothing to cut
          socket.io.engine?.close();
        });
      },
    ],
    [
      "a wake while it waits",
      2,
      async (setting) => {
        const { socket, tokens, network } = setting;
        socket.io.reconnectionDelay(60_000).reconnectionDelayMax(60_000);
        await settled(socket.connect(), mode);
        await lost(setting, () => socket.io.engine?.close());
        tokens.expire();
        await back(socket, () => network.tell("wake"));
      },
    ],
    [
      "the page cache",
      2,
      async (setting) => {
        const { socket, tokens, network } = setting;
        await settled(socket.connect(), mode);
        await lost(setting, () => network.tell("sleep"));
        tokens.expire();
        await back(socket, () => network.tell("wake"));
      },
    ],
    [
      "disconnect() and connect()",
      2,
      async ({ socket, tokens }) => {
        await settled(socket.connect(), mode);
        socket.disconnect();
        tokens.expire();
        await back(socket, () => socket.connect());
      },
    ],
    [
      "a server that has disconnected the socket",
      2,
      async (setting) => {
        const { socket, tokens, server } = setting;
        await settled(socket.connect(), mode);
        await lost(setting, () => server.io.disconnectSockets());
        tokens.expire();
        await back(socket, () => socket.connect());
      },
    ],
    [
      "another namespace on the open connection",
      1,
      async ({ socket, tokens }) => {
        await settled(socket.connect(), mode);
        tokens.expire();
        await connected(socket.io.socket("/orders", { auth: tokens.auth }).connect());
      },
    ],
    [
      "three namespaces at once",
      1,
      async ({ socket, tokens }) => {
        tokens.expire();
        const others = ["/orders", "/users"].map((name) =>
          socket.io.socket(name, { auth: tokens.auth }).connect(),
        );
        socket.connect();
        await Promise.all([socket, ...others].map(connected));
      },
    ],
    [
      "a connection that is lost while the function is asked",
      3,
      async ({ socket, tokens }) => {
        await settled(socket.connect(), mode);
        tokens.expire();
        let open = (): void => {};
        tokens.gate = new Promise((resolve) => (open = resolve));
        const refused = next(socket, "connect_error");
        socket.io.engine?.close();
        await refused;
        await until(() => tokens.fetches === 1);
        await back(socket, () => {
          socket.io.engine?.close();
          open();
        });
      },
    ],
    [
      "a connection that is lost between the refusal and the next question",
      3,
      async ({ socket, tokens }) => {
        await settled(socket.connect(), mode);
        tokens.expire();
        socket.once("connect_error", () => socket.io.engine?.close());
        await back(socket, () => socket.io.engine?.close());
      },
    ],
    [
      "a socket that was replaced by one with the same function",
      2,
      async ({ socket, tokens, proxy }) => {
        await settled(socket.connect(), mode);
        tokens.expire();
        socket.disconnect();
        await connected(client(proxy.url, { ...mode.options, auth: tokens.auth }));
      },
    ],
  ];

  it.each(paths)(
    "is replaced with one fetch, and no connection of its own: %s (AUT-25)",
    async (_name, sessions, walk) => {
      const setting = await setUp();
      await walk(setting);
      expect([setting.tokens.fetches, setting.sessions.length]).toEqual([1, sessions]);
    },
  );

  it("is replaced with one fetch: another address", async () => {
    const { tokens, server, proxy } = await setUp();
    const other = await serve(mode.server);
    tokens.guard(other);
    const socket = client(proxy.url, {
      ...mode.options,
      auth: tokens.auth,
      addresses: [proxy.url, other.url],
    });
    await settled(socket, mode);
    tokens.expire();
    const connect = next(socket, "connect");
    const { engine } = socket.io;
    await server.close();
    // polling between two requests has noticed nothing
    engine.close();
    await connect;
    expect([other.io.sockets.sockets.size, tokens.fetches]).toEqual([1, 1]);
  });

  it("is replaced with one fetch: a session that the server has kept", async () => {
    const { socket, tokens, server } = await setUp({}, kept);
    await settled(socket.connect(), mode);
    server.io.emit("one");
    await next(socket, "one");
    tokens.expire();
    await back(socket, () => socket.io.engine?.close());
    expect(tokens.fetches).toBe(1);
  });

  it("is replaced with one fetch: a server that was restarted", async () => {
    const { socket, tokens, server } = await setUp();
    await settled(socket.connect(), mode);
    tokens.expire();
    await server.close();
    const connect = next(socket, "connect");
    tokens.guard(await serve(mode.server, server.port));
    await connect;
    expect(tokens.fetches).toBe(1);
  });

  it("says what it is asked for (AUT-8)", async () => {
    const { socket, tokens } = await setUp();
    await settled(socket.connect(), mode);
    tokens.expire();
    await back(socket, () => socket.io.engine?.close());
    await back(socket, () => socket.io.engine?.close());
    expect(tokens.asked).toEqual([
      ["connect", 1],
      ["reconnect", 1],
      ["refused", 2],
      ["reconnect", 1],
    ]);
  });

  it("ends as unauthorized after three questions, and connect() leads out (AUT-14)", async () => {
    const { socket, tokens } = await setUp();
    tokens.expire();
    tokens.isDead = true;
    const errors: unknown[] = [];
    socket.on("connect_error", ({ code, message }) => errors.push([code, message, socket.active]));
    socket.connect();
    await until(() => socket.state === "unauthorized");
    expect(errors).toEqual([
      ["refused", "token expired", true],
      ["refused", "token expired", true],
      ["unauthorized", "token expired", false],
    ]);
    expect(tokens.asked).toHaveLength(3);
    tokens.isDead = false;
    await back(socket, () => socket.connect());
    expect([socket.state, tokens.asked[3]]).toEqual(["connected", ["connect", 1]]);
  });

  it("waits for a login server that is down, however often it is asked (AUT-15)", async () => {
    const { socket, tokens } = await setUp({ reconnectionDelay: 5, reconnectionDelayMax: 10 });
    let failures = 0;
    socket.auth = (ask: AuthCallback) => {
      if (failures < 6) {
        failures++;
        return Promise.reject(new TypeError("fetch failed"));
      }
      return tokens.auth(ask);
    };
    const codes: unknown[] = [];
    socket.on("connect_error", ({ code }) => codes.push([code, socket.active]));
    await connected(socket.connect());
    expect(codes).toEqual(Array(6).fill(["auth-failed", true]));
    expect(tokens.asked).toEqual([["connect", 7]]);
  });

  it("is replaced for all, though they connect one after the other while the server thinks (AUT-26)", async () => {
    const tokens = new Tokens();
    const server = await serve(mode.server);
    const waiting: (() => void)[] = [];
    server.io.use(({ handshake }, enter) => {
      const isValid = handshake.auth["token"] === tokens.current;
      if (isValid) return enter();
      waiting.push(() => enter(new Error("token expired")));
    });
    tokens.expire();
    const sockets: Socket[] = [];
    const codes: unknown[] = [];
    // all are let down only after all have asked with the same old token
    for (let count = 1; count <= 4; count++) {
      const one = client(server.url, { ...mode.options, auth: tokens.auth });
      one.on("connect_error", ({ code }) => codes.push(code));
      sockets.push(one);
      await until(() => waiting.length === count);
    }
    for (const [index, one] of sockets.entries()) {
      waiting[index]?.();
      await connected(one);
    }
    expect([codes, tokens.fetches]).toEqual([Array(4).fill("refused"), 1]);
  });

  describe("is refreshed in place by reauth()", () => {
    async function live(check?: (token: unknown) => void) {
      const setting = await setUp();
      const { server, socket, tokens } = setting;
      const seen: unknown[] = [];
      if (check)
        onReauth(server.io, (peer, { token }) => {
          check(token);
          seen.push([peer.handshake.auth["token"], token]);
        });
      await settled(socket.connect(), mode);
      tokens.expire();
      return { ...setting, seen };
    }

    it("where the server listens for it (AUT-27)", async () => {
      const { socket, server, seen } = await live(() => {});
      const { id } = socket;
      expect(await socket.reauth()).toBe(true);
      expect(seen).toEqual([[1, 2]]);
      expect([...server.io.sockets.sockets.values()][0]?.handshake.auth).toEqual({ token: 2 });
      expect([socket.id, stats(socket.io).reconnects]).toEqual([id, 0]);
    });

    it("unless the server refuses: then the connection stays (AUT-28)", async () => {
      const { socket } = await live(() => {
        throw Object.assign(new Error("not you"), { data: { code: 7 } });
      });
      await expect(socket.reauth()).rejects.toMatchObject({
        code: "refused",
        message: "not you",
        data: { code: 7 },
      });
      expect(socket.connected).toBe(true);
    });

    it.each([
      ["the words of an unknown namespace", new Error("Invalid namespace"), "Invalid namespace"],
      ["nothing", undefined, "refused"],
      [
        "what can't be read",
        new Proxy(
          {},
          {
            get() {
              throw new Error("no");
            },
          },
        ),
        "refused",
      ],
      ["what can't be sent", Object.assign(new Error("not you"), { data: { big: 1n } }), "not you"],
    ])("unless the helper throws %s, again and again", async (_name, thrown, message) => {
      const { socket } = await live(() => {
        throw thrown as Error;
      });
      for (let count = 0; count < 2; count++)
        await expect(socket.reauth()).rejects.toMatchObject({ code: "refused", message });
    });

    it("and otherwise with the next CONNECT (AUT-29)", async () => {
      const { socket, tokens } = await live();
      socket.disconnect();
      expect(await socket.reauth()).toBe(false);
      await back(socket, () => socket.connect());
      expect(tokens.asked.at(-1)?.[0]).toBe("refused");
    });

    it("though the function hangs: it settles when the connection is lost, and the next CONNECT asks anew", async () => {
      const { socket, tokens } = await live(() => {});
      const { auth } = tokens;
      let signal: AbortSignal | undefined;
      socket.auth = async (ask: AuthCallback) => {
        if (ask.reason !== "reauth") return auth(ask);
        ({ signal } = ask);
        await new Promise(() => {});
        return {};
      };
      const asked = socket.reauth();
      await until(() => !!signal);
      await back(socket, () => socket.io.engine.close());
      expect([await asked, signal?.aborted]).toEqual([false, true]);
    });

    const cause = new TautlineError("disconnected", "the other socket");
    const unsendable: [what: string, code: string, auth: unknown, details?: object][] = [
      ["what JSON cannot hold", "unserializable", { big: 1n }],
      ["what takes time to read", "unserializable", { file: new Blob(["x"]) }],
      ["a text", "invalid-option", async ({ reason }: AuthCallback) => reason],
      ["an array", "invalid-option", () => []],
      ["more than the server takes", "too-large", { token: "x".repeat(2_000_000) }],
      ["nothing, since it rejects", "auth-failed", () => Promise.reject(cause), { cause }],
      [
        "nothing, since it throws",
        "auth-failed",
        () => {
          throw cause;
        },
        { cause },
      ],
    ];

    it.each(unsendable)(
      "unless auth gives %s: %s, and the connection stays",
      async (_what, code, auth, details) => {
        const { socket, seen } = await live(() => {});
        const { id } = socket;
        socket.auth = auth as object;
        await expect(socket.reauth()).rejects.toMatchObject({ code, ...details });
        expect([socket.id, seen]).toEqual([id, []]);
      },
    );

    it.each([
      ["an object", { token: 7 }, 7],
      ["no data", async ({ reason }: AuthCallback) => (reason === "reauth" ? null : {}), undefined],
    ])("with %s (AUT-27)", async (_what, auth, token) => {
      const { socket, seen } = await live(() => {});
      socket.auth = auth;
      expect(await socket.reauth()).toBe(true);
      expect(seen).toEqual([[1, token]]);
    });

    it("unless the socket is disconnected meanwhile (AUT-29)", async () => {
      const { socket, seen } = await live(() => {});
      const first = socket.reauth();
      socket.disconnect();
      expect([await first, await socket.reauth(), seen]).toEqual([false, false, []]);
    });

    it("by its own call, though another namespace waits for one that began before", async () => {
      const { socket, tokens, seen } = await live(() => {});
      let open = (): void => {};
      const held = new Promise<void>((resolve) => (open = resolve));
      let pending = 0;
      const auth = async (ask: AuthCallback): Promise<object> => {
        if (ask.reason !== "connect") return tokens.auth(ask);
        pending++;
        await held;
        return { token: "old" };
      };
      socket.auth = auth;
      socket.io.socket("/orders", { auth }).connect();
      await until(() => pending === 1);
      const asked = socket.reauth();
      open();
      expect([await asked, seen]).toEqual([true, [[1, 2]]]);
    });

    it("and keeps nothing else waiting, with retries", async () => {
      const { socket } = await setUp({ retries: 3, ackTimeout: 60_000 });
      await settled(socket.connect(), mode);
      const drop = vi.fn();
      socket.io.on("drop", drop);
      void socket.reauth();
      expect(await socket.emitWithAck("echo", 1)).toBe(1);
      expect(drop).not.toHaveBeenCalled();
    });

    it("once for all namespaces that share the function (AUT-31)", async () => {
      const { socket, tokens, server } = await live(() => {});
      onReauth(server.io.of("/orders"), () => {});
      const other = socket.io.socket("/orders", { auth: tokens.auth }).connect();
      await connected(other);
      tokens.fetches = 0;
      expect(await Promise.all([socket.reauth(), other.reauth()])).toEqual([true, true]);
      expect(tokens.fetches).toBe(1);
    });
  });
});

describe("reauth() of a server without the helper", () => {
  it.each<[answer: unknown[], outcome: unknown]>([
    [[], true],
    [[null], true],
    [[undefined], true],
    [[false], "refused the server refused the auth data"],
    [[0], "refused the server refused the auth data"],
    [[""], "refused "],
    [[true], "refused the server refused the auth data"],
    [[{}], "refused the server refused the auth data"],
    [["expired"], "refused expired"],
    [[{ message: "expired" }], "refused expired"],
  ])("takes only nothing for a yes: %j", async (answer, outcome) => {
    const server = await serve();
    server.io.on("connection", (peer) =>
      peer.on("$tautline:reauth", (_auth, ack) => ack(...answer)),
    );
    const socket = await connected(client(server.url));
    const said = await socket.reauth().catch(({ code, message }) => `${code} ${message}`);
    expect(said).toBe(outcome);
  });
});

describe("onReauth()", () => {
  const unreadable = new Proxy(
    {},
    {
      get() {
        throw new Error("not readable");
      },
    },
  );

  it.each<[what: string, thrown: unknown, message: string]>([
    ["what cannot be read", unreadable, "refused"],
    [
      "data that cannot be read",
      {
        message: "no",
        get data() {
          throw new Error("not readable");
        },
      },
      "no",
    ],
    ["data that cannot be sent", Object.assign(new Error("no"), { data: 1n }), "no"],
    ["nothing", undefined, "refused"],
    ["a text", "no", "refused"],
  ])("answers, also the next time, when a handler throws %s", async (_what, thrown, message) => {
    const server = await serve();
    onReauth(server.io, (_socket, { isBad }) => {
      if (isBad) throw thrown;
    });
    const socket = await connected(client(server.url));
    socket.auth = { isBad: true };
    await expect(socket.reauth()).rejects.toMatchObject({ code: "refused", message });
    socket.auth = {};
    expect(await socket.reauth()).toBe(true);
  });

  it("takes nothing but objects, and of those that wait only the newest", async () => {
    const server = await serve();
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    onTestFinished(() => open());
    const checked: unknown[] = [];
    const received: unknown[] = [];
    server.io.on("connection", (far) => {
      far.on("$tautline:reauth", (auth) => received.push(auth));
    });
    onReauth(server.io, async (_socket, auth) => {
      checked.push(auth["n"]);
      await gate;
    });
    const socket = await connected(client(server.url));
    const ask = (data: unknown): Promise<unknown> => socket.emitWithAck("$tautline:reauth", data);
    expect(await Promise.all([ask("text"), ask(null), ask([1])])).toEqual(
      Array(3).fill({ message: "auth must be an object" }),
    );
    socket.emit("$tautline:reauth", { n: 0 });
    const answers = [1, 2, 3].map((n) => ask({ n }));
    await until(() => received.length === 7);
    open();
    expect(await Promise.all(answers)).toEqual([undefined, undefined, undefined]);
    expect(checked).toEqual([1, 3]);
  });

  it.each([
    [undefined, () => {}],
    [{}, () => {}],
    [{ on() {} }, undefined],
  ])("refuses %o and %o", (server, handler) => {
    expect(() => onReauth(server as never, handler as never)).toThrow(
      expect.objectContaining({ code: "invalid-option" }),
    );
  });
});
