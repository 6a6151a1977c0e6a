// @vitest-environment jsdom
import { cleanup } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { nextTick, ref } from "vue";
import { createIo, type Socket, WebSocket } from "../../src/slim.js";
import * as react from "../../src/react/index.js";
import { onReauth } from "../../src/server/index.js";
import * as vue from "../../src/vue/index.js";
import { echoServer } from "../support/adapter-servers.js";
import { next, proxyTo, until } from "../support/harness.js";
import { renderIn } from "../support/react/rendering.js";
import { mountWith } from "../support/vue/mounting.js";

afterEach(cleanup);

type Options = Pick<
  react.UseSocketOptions & vue.UseSocketOptions,
  "auth" | "authKey" | "query" | "extraHeaders"
>;

/** A component that uses a socket with options that change. */
interface User {
  socket: Socket;
  change(options: Options): Promise<void>;
}

const quickly = {
  linger: 30,
  reconnectionDelay: 20,
  reconnectionDelayMax: 50,
  transports: ["websocket" as const],
};

const inReact =
  (mode: "plain" | "StrictMode") =>
  (url: string, initial: Options): User => {
    const hook = renderIn(
      mode,
      (options) => react.useSocket(url, { ...quickly, ...options }).socket,
      initial,
    );
    return {
      socket: hook.result.current,
      async change(options) {
        hook.rerender(options);
        await Promise.resolve();
      },
    };
  };

const inVue = (url: string, initial: Options): User => {
  const options = ref(initial);
  const { result } = mountWith(() =>
    vue.useSocket(url, () => ({ ...quickly, ...(options.value as Options) })),
  );
  return {
    socket: result.instance.value,
    async change(next) {
      options.value = next;
      await nextTick();
    },
  };
};

const adapters = [
  ["React", inReact("plain")],
  ["React under StrictMode", inReact("StrictMode")],
  ["Vue", inVue],
] as const;

/** A server that takes fresh data in place, and lets only some tokens in. */
async function guarded() {
  const server = await echoServer();
  const allowed = new Set<unknown>(["one", "two"]);
  const fresh: unknown[] = [];
  const asked: unknown[] = [];
  server.io.use((socket, next) => {
    const { token } = socket.handshake.auth;
    asked.push(token);
    next(allowed.has(token) ? undefined : new Error("not you"));
  });
  onReauth(server.io, (_socket, auth) => {
    fresh.push(auth);
    if (!allowed.has(auth["token"])) throw new Error("no longer you");
  });
  return { ...server, allowed, asked, fresh };
}

describe.each(adapters)("Credentials that change (%s)", (_name, use) => {
  it("are told to the server over the open connection, once (REA-12)", async () => {
    const server = await guarded();
    const { socket, change } = use(server.url, { auth: { token: "one" } });
    await until(() => socket.connected);
    const { id } = socket;
    await change({ auth: { token: "one" } });
    await change({ auth: { token: "two" } });
    await change({ auth: { token: "two" } });
    await until(() => server.fresh.length > 0);
    await socket.emitWithAck("settled", 1);
    expect(server.fresh).toEqual([{ token: "two" }]);
    expect([socket.id, server.connections()]).toEqual([id, 1]);
  });

  it("keep what is unsent, and count when it connects next (REA-11)", async () => {
    const server = await guarded();
    const proxy = await proxyTo(server);
    const { socket, change } = use(proxy.url, { auth: { token: "one" } });
    await until(() => socket.connected);
    const lost = next(socket, "disconnect");
    proxy.cut();
    await lost;
    const answer = socket.emitWithAck("unsent", 7);
    await change({ auth: { token: "two" } });
    expect(await answer).toBe(7);
    expect(server.auths).toEqual([{ token: "one" }, { token: "two" }]);
    expect(server.fresh).toEqual([]);
  });

  it("are told once the server has answered to the former ones", async () => {
    const server = await guarded();
    let letIn = (): void => {};
    server.io.use((_socket, next) => (letIn = next));
    const { socket, change } = use(server.url, { auth: { token: "one" } });
    await until(() => server.asked.length > 0);
    await change({ auth: { token: "two" } });
    expect(socket.connected).toBe(false);
    letIn();
    await until(() => server.fresh.length > 0);
    expect([server.auths, server.fresh]).toEqual([[{ token: "one" }], [{ token: "two" }]]);
  });

  it("lead out of a refusal (REA-13)", async () => {
    const server = await guarded();
    server.allowed.delete("one");
    const { socket, change } = use(server.url, { auth: { token: "one" } });
    await until(() => server.asked.length > 0 && !socket.active);
    await change({ auth: { token: "two" } });
    await until(() => socket.connected);
    expect([server.asked, server.fresh]).toEqual([["one", "two"], []]);
  });

  it("lead out of a refusal that comes when they are there already", async () => {
    const server = await echoServer();
    const asked: unknown[] = [];
    let refuse = (): void => {};
    server.io.use((far, enter) => {
      asked.push(far.handshake.auth["token"]);
      if (asked.length > 1) enter();
      else refuse = () => enter(new Error("not you"));
    });
    const { socket, change } = use(server.url, { auth: { token: "one" } });
    await until(() => asked.length === 1);
    await change({ auth: { token: "two" } });
    refuse();
    await until(() => socket.connected);
    expect(asked).toEqual(["one", "two"]);
  });

  it("lead out of unauthorized by authKey, where auth is a function that is new each time", async () => {
    const server = await guarded();
    let token = "stale";
    const options = (authKey: unknown): Options => ({
      auth: async () => ({ token }),
      authKey,
    });
    const { socket, change } = use(server.url, options("nobody"));
    await until(() => socket.state === "unauthorized");
    expect(server.asked).toEqual(["stale", "stale", "stale"]);
    await change(options("nobody"));
    expect(socket.active).toBe(false);
    token = "one";
    await change(options("alice"));
    await until(() => socket.connected);
    expect(server.asked).toEqual(["stale", "stale", "stale", "one"]);
    token = "two";
    await change(options("alice"));
    await change(options("bob"));
    await until(() => server.fresh.length > 0);
    expect([server.fresh, server.connections()]).toEqual([[{ token: "two" }], 1]);
  });

  it("are not asked for by functions that are new at each render", async () => {
    const server = await guarded();
    const reasons: unknown[] = [];
    const options = (): Options => ({
      auth: async ({ reason }: { reason: string }) => {
        reasons.push(reason);
        return { token: "one" };
      },
    });
    const { socket, change } = use(server.url, options());
    await until(() => socket.connected);
    for (let n = 0; n < 20; n++) await change(options());
    await socket.emitWithAck("settled", 1);
    expect(reasons).toEqual(["connect"]);
  });

  it("don't connect what the app has disconnected (REA-14)", async () => {
    const server = await guarded();
    const { socket, change } = use(server.url, { auth: { token: "one" } });
    await until(() => socket.connected);
    socket.disconnect();
    await change({ auth: { token: "two" } });
    expect(socket.active).toBe(false);
  });

  it("go to the host's error handler when the server refuses them in place (REA-15)", async () => {
    const server = await guarded();
    const reported: unknown[] = [];
    vi.stubGlobal("reportError", (error: unknown) => reported.push(error));
    const { socket, change } = use(server.url, { auth: { token: "one" } });
    await until(() => socket.connected);
    await change({ auth: { token: "nobody's" } });
    await until(() => reported.length > 0);
    vi.unstubAllGlobals();
    expect(reported).toMatchObject([{ code: "refused", message: "no longer you" }]);
    expect([socket.connected, server.connections()]).toEqual([true, 1]);
  });

  it("are sent no more, headers too, when they are taken away", async () => {
    const server = await guarded();
    const extraHeaders = { authorization: "one" };
    const { socket, change } = use(server.url, { auth: { token: "one" }, extraHeaders });
    await until(() => socket.connected);
    expect(socket.io.opts.extraHeaders).toEqual(extraHeaders);
    server.allowed.add(undefined);
    await change({});
    expect([socket.auth, socket.io.opts.extraHeaders]).toEqual([{}, {}]);
  });

  it("are one thing for all who share the connection", async () => {
    const server = await guarded();
    const one = use(server.url, { auth: { token: "one" } });
    const two = use(server.url, { auth: { token: "two" } });
    expect(two.socket).toBe(one.socket);
    await until(() => one.socket.connected);
    // one that says again what it has always said changes nothing
    await one.change({ auth: { token: "one" } });
    await one.socket.emitWithAck("settled", 1);
    expect([one.socket.auth, server.auths, server.fresh]).toEqual([
      { token: "two" },
      [{ token: "two" }],
      [],
    ]);
  });
});

const parts = { transports: { websocket: WebSocket } };
const reactSocket = (use: typeof react.useSocket) => (url: string) =>
  renderIn("plain", () => use(url, quickly).socket).result.current;
const vueSocket = (use: typeof vue.useSocket) => (url: string) =>
  mountWith(() => use(url, quickly)).result.instance.value;

describe.each([
  [
    "React",
    reactSocket(react.useSocket),
    () => reactSocket(react.createSocketHooks(createIo(parts)).useSocket),
  ],
  [
    "Vue",
    vueSocket(vue.useSocket),
    () => vueSocket(vue.createSocketComposables(createIo(parts)).useSocket),
  ],
] as const)("An io of its own parts (%s)", (_name, byDefault, create) => {
  it("shares no connection with another one", async () => {
    const server = await echoServer();
    const [one, two] = [create(), create()];
    const sockets = [one, one, two, byDefault].map((socketOf) => socketOf(server.url));
    expect(sockets[0]).toBe(sockets[1]);
    expect(new Set(sockets).size).toBe(3);
    await until(() => sockets.every(({ connected }) => connected));
    expect(server.connections()).toBe(3);
  });
});

describe("Leases of React and Vue on one page", () => {
  it("are the same for the same address and options", async () => {
    const server = await echoServer();
    const inReact = renderIn("plain", () => react.useSocket(server.url, quickly).socket);
    const inVue = mountWith(() => vue.useSocket(server.url, quickly));
    expect(inVue.result.instance.value).toBe(inReact.result.current);
    await until(() => inReact.result.current.connected);
    inReact.unmount();
    expect(inVue.result.isConnected.value).toBe(true);
    expect(server.connections()).toBe(1);
  });
});
