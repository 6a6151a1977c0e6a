import { describe, expect, it, onTestFinished, vi } from "vitest";
import { TautlineError } from "../../src/errors.js";
import { stats } from "../../src/stats/index.js";
import type { AuthCallback, AuthReason, Socket } from "../../src/index.js";
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
    "is replaced with one fetch, and no connection of its own: %s",
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
    await back(socket, () => void server.close().then(() => socket.io.engine?.close()));
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

  it("says what it is asked for", async () => {
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

  it("ends as unauthorized after three questions, and connect() leads out", async () => {
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

  it("is nobody's end: sockets that come one after the other are let in, with a slow server", async () => {
    const { tokens, server, proxy } = await setUp();
    server.io.of("/slow").use((socket, enter) => {
      setTimeout(() => {
        const isValid = socket.handshake.auth["token"] === tokens.current;
        enter(isValid ? undefined : new Error("token expired"));
      }, 60);
    });
    tokens.expire();
    const sockets: Socket[] = [];
    const failures: unknown[] = [];
    for (let count = 0; count < 6; count++) {
      const one = client(`${proxy.url}/slow`, { ...mode.options, auth: tokens.auth });
      one.on("connect_error", ({ code }) => failures.push(code));
      sockets.push(one);
      await next(one.io, "open");
    }
    await Promise.all(sockets.map(connected));
    expect(failures).not.toContain("unauthorized");
    expect(tokens.fetches).toBeLessThanOrEqual(sockets.length);
  });

  it.each([
    new TypeError("Failed to fetch"),
    new TypeError("fetch failed"),
    new Error("Network Error"),
  ])("is waited for while there is no way to get one: %s", async (outage) => {
    const { socket, tokens } = await setUp({ reconnectionDelay: 1, reconnectionDelayMax: 2 });
    let failures = 0;
    const errors: unknown[] = [];
    socket.auth = async (ask: AuthCallback) => {
      if (failures++ < 6) throw outage;
      return tokens.auth(ask);
    };
    socket.on("connect_error", ({ code, cause }) => errors.push([code, cause === outage]));
    tokens.expire();
    await connected(socket.connect());
    expect(errors).toEqual([...Array(6).fill(["unreachable", true]), ["refused", false]]);
    expect(tokens.asked).toEqual([
      ["connect", 1],
      ["refused", 2],
    ]);
  });

  it("is asked for three times of a function that rejects, whatever with", async () => {
    const { socket } = await setUp({ reconnectionDelay: 1 });
    let asked = 0;
    const cause = new TautlineError("contract", "of a call of its own");
    socket.auth = async () => {
      asked++;
      throw cause;
    };
    const errors: unknown[] = [];
    socket.on("connect_error", (error) => errors.push([error.code, error.cause === cause]));
    socket.connect();
    await until(() => socket.state === "unauthorized");
    expect([asked, errors]).toEqual([
      3,
      [
        ["refused", true],
        ["refused", true],
        ["unauthorized", true],
      ],
    ]);
    expect(await socket.reauth()).toBe(false);
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

    it("where the server listens for it", async () => {
      const { socket, server, seen } = await live(() => {});
      const { id } = socket;
      expect(await socket.reauth()).toBe(true);
      expect(seen).toEqual([[1, 2]]);
      expect([...server.io.sockets.sockets.values()][0]?.handshake.auth).toEqual({ token: 2 });
      expect([socket.id, stats(socket.io).reconnects]).toEqual([id, 0]);
    });

    it("unless the server refuses: then the connection stays", async () => {
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

    it("and otherwise with the next CONNECT", async () => {
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

    it.each<[string, (ask: AuthCallback) => unknown]>([
      ["returns null", (_ask) => null],
      ["brings null", async (_ask) => Promise.resolve(null)],
      ["brings null without a parameter", async () => Promise.resolve(null)],
    ])("without data when the function %s", async (_name, auth) => {
      const { socket, seen } = await live(() => {});
      socket.auth = auth as never;
      expect([await socket.reauth(), seen]).toEqual([true, [[1, undefined]]]);
    });

    it("with an object that was put in the place of the function", async () => {
      const { socket, seen } = await live(() => {});
      socket.auth = { token: "new" };
      expect([await socket.reauth(), seen]).toEqual([true, [[1, "new"]]]);
    });

    it("with fresh data, though another namespace connects with the same function meanwhile", async () => {
      const { socket, tokens, seen } = await live(() => {});
      let open = (): void => {};
      const gate = new Promise<void>((resolve) => (open = resolve));
      const auth = async (ask: AuthCallback): Promise<object> => {
        if (ask.reason === "connect") await gate;
        return tokens.auth(ask);
      };
      socket.auth = auth;
      socket.io.socket("/orders", { auth }).connect();
      const asked = socket.reauth();
      open();
      expect([await asked, seen]).toEqual([true, [[1, 2]]]);
    });

    it("unless the data is more than the server takes: then the connection stays", async () => {
      const { socket, server } = await setUp({}, { maxHttpBufferSize: 2000 });
      onReauth(server.io, () => {});
      await settled(socket.connect(), mode);
      socket.auth = { token: "x".repeat(5000) };
      await expect(socket.reauth()).rejects.toMatchObject({ code: "too-large" });
      expect(socket.connected).toBe(true);
    });

    it.each([false, 0, "", [], {}])("unless the server answers with %j", async (answer) => {
      const { socket, server } = await setUp();
      server.io.on("connection", (peer) =>
        peer.on("$tautline:reauth", (_auth, ack) => ack(answer)),
      );
      await settled(socket.connect(), mode);
      await expect(socket.reauth()).rejects.toMatchObject({ code: "refused" });
    });

    it("unless the function fails: the code says whether somebody has said no", async () => {
      const { socket } = await live(() => {});
      const failing = (cause: Error) => async (): Promise<object> => {
        throw cause;
      };
      socket.auth = failing(new TypeError("Load failed"));
      await expect(socket.reauth()).rejects.toMatchObject({ code: "unreachable" });
      socket.auth = failing(new Error("logged out"));
      await expect(socket.reauth()).rejects.toMatchObject({ code: "refused" });
      socket.auth = () => {
        throw new Error("at once");
      };
      await expect(socket.reauth()).rejects.toMatchObject({ code: "refused" });
      expect(socket.connected).toBe(true);
    });

    it("unless the socket is disconnected meanwhile", async () => {
      const { socket, seen } = await live(() => {});
      const first = socket.reauth();
      socket.disconnect();
      expect([await first, await socket.reauth(), seen]).toEqual([false, false, []]);
    });

    it("and rejects what cannot be sent", async () => {
      const { socket } = await live(() => {});
      socket.auth = { big: 1n };
      await expect(socket.reauth()).rejects.toMatchObject({ code: "unserializable" });
      socket.auth = () => "text";
      await expect(socket.reauth()).rejects.toMatchObject({ code: "invalid-option" });
      expect(socket.connected).toBe(true);
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

    it("once for all namespaces that share the function", async () => {
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

describe("onReauth()", () => {
  it("takes nothing but objects, and of those that wait only the newest", async () => {
    const server = await serve();
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    onTestFinished(() => open());
    const checked: unknown[] = [];
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
