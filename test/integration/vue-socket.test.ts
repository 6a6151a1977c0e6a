// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import {
  defineComponent,
  effectScope,
  h,
  nextTick,
  reactive,
  ref,
  shallowRef,
  version,
  watch,
} from "vue";
import { createIo, type Socket, TautlineError, WebSocket } from "../../src/index.js";
import {
  createSocketComposables,
  createTautline,
  useSocket,
  useSocketIO,
  type UseSocketOptions,
} from "../../src/vue/index.js";
import { client, connected, proxyTo, until } from "../support/harness.js";
import { echoServer } from "../support/adapter-servers.js";
import { mount, mountWith } from "../support/vue/mounting.js";

const quickly: UseSocketOptions = {
  linger: 30,
  reconnectionDelay: 20,
  reconnectionDelayMax: 50,
  // polling from another origin leaves a session behind that only the server's patience ends
  transports: ["websocket"],
};

describe("Scenario 18: useSocketIO(url, { onConnected, onDisconnected, onError, autoClose })", () => {
  it("connects, hears events, emits with acks, and is released with the component's scope (VUE-1)", async () => {
    const server = await echoServer();
    const log: unknown[] = [];
    const { result, unmount } = mountWith(() => {
      const socket = useSocketIO(server.url, {
        ...quickly,
        onConnected: () => log.push("connected"),
        onDisconnected: (reason) => log.push(reason),
        onError: (error) => log.push(error.code),
        autoClose: true,
      });
      socket.addEventHandler("chat", (text, number) => log.push([text, number]));
      return socket;
    });
    const { instance, isConnected, state, transport, connect, release } = result;
    await until(() => isConnected.value);
    expect([state.value, transport.value]).toEqual(["open", "websocket"]);
    instance.value.emit("chat", "hello", 7);
    expect(await instance.value.emitWithAck("sum", 42)).toBe(42);
    expect(log).toEqual(["connected", ["hello", 7]]);

    release();
    await until(() => !isConnected.value);
    expect(log.at(-1)).toBe("io client disconnect");
    await until(() => server.clients() === 0);
    connect();
    await until(() => isConnected.value);
    expect(log.slice(2)).toEqual(["io client disconnect", "connected"]);
    expect(instance.value.connected).toBe(true);

    const socket = instance.value;
    unmount();
    await until(() => server.clients() === 0);
    expect(socket.active).toBe(false);
    expect(socket.listeners("chat")).toEqual([]);
    expect(server.connections()).toBe(2);
  });

  it("tells why it is refused, and keeps the connection where autoClose is false", async () => {
    const server = await echoServer();
    server.io.of("/admin").use((_socket, next) => next(new Error("not you")));
    const errors: TautlineError[] = [];
    const refused = mountWith(() =>
      useSocketIO(`${server.url}/admin`, { ...quickly, onError: (error) => errors.push(error) }),
    );
    await until(() => errors.length === 1);
    expect(errors[0]?.message).toContain("not you");
    expect(refused.result.error.value).toBe(errors[0]);
    refused.unmount();

    const options = { ...quickly, autoClose: false };
    const first = mountWith(() => useSocketIO(server.url, options));
    await until(() => first.result.isConnected.value);
    first.unmount();
    const second = mountWith(() => useSocketIO(server.url, options));
    expect(second.result.instance.value).toBe(first.result.instance.value);
    second.unmount();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(first.result.instance.value.connected).toBe(true);
    second.result.release();
    await until(() => !first.result.instance.value.connected);
    await until(() => server.clients() === 0);
    expect(server.connections()).toBe(1);
  });
});

describe("useSocket", () => {
  it("shares one connection among all who ask for the same, however the options are written (REA-2)", async () => {
    const server = await echoServer();
    const all = [
      { ...quickly, query: { a: "1", b: "2" } },
      { query: { b: "2", a: "1" }, ...quickly, onError() {}, linger: 50 },
      reactive({ ...quickly, query: { a: "1", b: "2" }, retries: undefined }),
      () => ({ ...quickly, query: { a: "1", b: "2" }, auth: { token: 1 } }),
    ];
    const { result } = mountWith(() => all.map((options) => useSocket(server.url, options)));
    const other = mountWith(() => useSocket(server.url, { ...quickly, query: { a: "2" } })).result;
    await until(() => [...result, other].every(({ isConnected }) => isConnected.value));
    const sockets = new Set(result.map(({ instance }) => instance.value));
    expect(sockets.size).toBe(1);
    expect(sockets).not.toContain(other.instance.value);
    expect(server.connections()).toBe(2);
  });

  it("closes it a while after the last user, and opens it again for the next, on the same socket (VUE-2)", async () => {
    const server = await echoServer();
    const use = () => mountWith(() => useSocket(server.url, quickly));
    const [one, two] = [use(), use()];
    const socket = one.result.instance.value;
    await until(() => socket.connected);
    one.unmount();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(socket.connected).toBe(true);
    two.unmount();
    expect(socket.connected).toBe(true);
    await until(() => server.clients() === 0);
    const three = use();
    expect(three.result.instance.value).toBe(socket);
    await until(() => three.result.isConnected.value);
    expect(server.connections()).toBe(2);
  });

  it("keeps the connection from one page of an app to the next", async () => {
    const server = await echoServer();
    const page = ref(0);
    const Page = defineComponent(() => {
      const { isConnected } = useSocket(server.url, quickly);
      return () => h("p", String(isConnected.value));
    });
    const { element } = mount(() => h(Page, { key: page.value }));
    await until(() => element.textContent === "true");
    for (let n = 1; n < 50; n++) {
      page.value = n;
      await nextTick();
      // the first thing that a page shows
      expect(element.textContent).toBe("true");
    }
    expect([server.connections(), server.clients()]).toEqual([1, 1]);
  });

  it("goes to another address with the url, and takes its handlers along (VUE-3)", async () => {
    const [one, two] = [await echoServer(), await echoServer()];
    const url = ref<string | null>(one.url);
    const heard: string[] = [];
    const { result } = mountWith(() => {
      const socket = useSocket(url, quickly);
      socket.addEventHandler("from", (name: string) => heard.push(name));
      return socket;
    });
    const { instance, isConnected, state } = result;
    await until(() => isConnected.value);
    const first = instance.value;
    one.io.emit("from", "one");
    await until(() => heard.length === 1);

    url.value = two.url;
    await nextTick();
    expect(instance.value).not.toBe(first);
    expect(isConnected.value).toBe(false);
    await until(() => isConnected.value);
    one.io.emit("from", "one");
    two.io.emit("from", "two");
    await until(() => heard.length === 2);
    await until(() => one.clients() === 0);
    expect(heard).toEqual(["one", "two"]);

    url.value = null;
    await nextTick();
    expect([instance.value, isConnected.value, state.value]).toEqual([undefined, false, "closed"]);
    result.connect();
    await until(() => two.clients() === 0);
    url.value = one.url;
    await nextTick();
    expect(instance.value).toBe(first);
    await until(() => isConnected.value);
  });

  it("keeps the socket, and what waits in it, when only credentials change (VUE-4)", async () => {
    const server = await echoServer();
    const proxy = await proxyTo(server);
    const token = ref("old");
    const { result } = mountWith(() =>
      useSocket(proxy.url, () => ({ ...quickly, auth: { token: token.value } })),
    );
    const { instance, isConnected } = result;
    const socket = instance.value;
    await until(() => isConnected.value);
    proxy.cut();
    await until(() => !isConnected.value);
    const answer = socket.emitWithAck("unsent", 7);
    token.value = "new";
    await nextTick();
    expect(instance.value).toBe(socket);
    expect(await answer).toBe(7);
    expect(server.auths).toEqual([{ token: "old" }, { token: "new" }]);
  });

  it("leaves alone the credentials that another user gave, and forgets those of former users", async () => {
    const server = await echoServer();
    const one = mountWith(() => useSocket(server.url, { ...quickly, auth: { token: "one" } }));
    const socket = one.result.instance.value;
    const two = mountWith(() => useSocket(server.url, quickly));
    expect(socket.auth).toEqual({ token: "one" });
    await until(() => socket.connected);
    one.unmount();
    two.unmount();
    await until(() => server.clients() === 0);
    mountWith(() => useSocket(server.url, quickly));
    expect(socket.auth).toEqual({});
  });

  it("has refs for what the connection does (VUE-5)", async () => {
    const server = await echoServer({ cors: { origin: "*" } });
    const proxy = await proxyTo(server);
    const { result } = mountWith(() =>
      useSocket(proxy.url, { ...quickly, transports: ["polling", "websocket"] }),
    );
    const { isConnected, state, transport, attempt, delay, error } = result;
    const transports: unknown[] = [];
    watch(transport, (name) => transports.push(name), { flush: "sync" });
    expect([isConnected.value, state.value]).toEqual([false, "opening"]);
    await until(() => transport.value === "websocket");
    expect(transports).toEqual(["polling", "websocket"]);
    expect(isConnected.value).toBe(true);
    await proxy.close();
    await until(() => state.value === "waiting");
    expect([isConnected.value, transport.value]).toEqual([false, undefined]);
    expect(attempt.value).toBeGreaterThan(0);
    // none, when it falls back from a transport that it had just moved to
    expect(delay.value).toBeTypeOf("number");
    await until(() => error.value instanceof TautlineError);
  });

  it("tells who comes to an open connection that it is, once its setup is done", async () => {
    const server = await echoServer();
    const first = mountWith(() => useSocket(server.url, quickly));
    await until(() => first.result.isConnected.value);
    const joined: unknown[] = [];
    const join = () => {
      const { instance, release } = useSocket(server.url, {
        ...quickly,
        onConnected: () => joined.push(instance.value.id, release.length),
      });
    };
    mountWith(join);
    mountWith(join).unmount();
    await nextTick();
    await nextTick();
    expect(joined).toEqual([first.result.instance.value.id, 0]);
  });

  it("renders a component only for what it has read, however much comes (VUE-6)", async () => {
    const server = await echoServer();
    let renders = 0;
    const heard: number[] = [];
    let socket!: Socket;
    mount(
      defineComponent(() => {
        const { instance, isConnected, addEventHandler } = useSocket(server.url, quickly);
        socket = instance.value;
        addEventHandler("n", (n: number) => heard.push(n));
        return () => h("p", [String(isConnected.value), ++renders]);
      }),
    );
    await until(() => socket.connected);
    await nextTick();
    // Vue before 3.4 also renders for computed refs that are found unchanged
    const isExact = Number(version.split(".")[1]) >= 4;
    if (isExact) expect(renders).toBe(2);
    const before = renders;
    for (let n = 0; n < 10_000; n++) socket.emit("n", n);
    await until(() => heard.length === 10_000);
    expect(heard).toEqual([...Array(10_000).keys()]);
    expect(renders).toBe(before);
  });

  it("waits for connect() with autoConnect: false, and with it is released all the same (VUE-7)", async () => {
    const server = await echoServer();
    const { result, unmount } = mountWith(() =>
      useSocket(server.url, { ...quickly, autoConnect: false }),
    );
    expect(result.instance.value.active).toBe(false);
    result.connect();
    await until(() => result.isConnected.value);
    unmount();
    await until(() => server.clients() === 0);
    result.connect();
    expect(result.instance.value.active).toBe(false);
  });

  it("neither opens nor closes a socket of the app's own", async () => {
    const server = await echoServer();
    const socket = client(server.url, { autoConnect: false });
    const own = shallowRef<Socket | null>(socket);
    const { result, unmount } = mountWith(() => useSocket(own));
    expect([result.instance.value, socket.active]).toEqual([socket, false]);
    await connected(socket.connect());
    expect(result.isConnected.value).toBe(true);
    result.release();
    unmount();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(socket.connected).toBe(true);
    const wrapped = mountWith(() => useSocket(reactive({ socket }).socket as Socket));
    expect(wrapped.result.instance.value).toBe(socket);
    expect(wrapped.result.isConnected.value).toBe(true);
  });

  it("refuses wrong options in the setup (VUE-8)", () => {
    const scope = effectScope();
    const wrong = (url: string, options: object) => () => scope.run(() => useSocket(url, options));
    expect(wrong("http://here.test", { linger: -1 })).toThrow(TautlineError);
    expect(wrong("mailto:nobody", {})).toThrow(TautlineError);
    scope.stop();
  });

  it("works with an io of the app's own parts", async () => {
    const server = await echoServer();
    const own = createSocketComposables(createIo({ transports: { websocket: WebSocket } }));
    const { result } = mountWith(() =>
      own.useSocket(server.url, { ...quickly, query: { own: 1 } }),
    );
    await until(() => result.isConnected.value);
  });
});

describe("createTautline", () => {
  it("holds one connection while the app is mounted, which useSocket() gives (VUE-9)", async () => {
    const server = await echoServer();
    const log: string[] = [];
    const { app, result, unmount } = mountWith(
      () => [
        useSocket(),
        useSocket(undefined, { onConnected: () => log.push("component") }),
        useSocket(`${server.url}/other`, quickly),
      ],
      (app) =>
        app.use(createTautline(server.url, { ...quickly, onConnected: () => log.push("plugin") })),
    );
    const [one, two, other] = result;
    await until(() => !!one?.isConnected.value);
    expect(two?.instance.value).toBe(one?.instance.value);
    expect(other?.instance.value).not.toBe(one?.instance.value);
    expect(log.sort()).toEqual(["component", "plugin"]);
    const store = effectScope();
    const { instance } = app.runWithContext(() => store.run(() => useSocket())) ?? {};
    store.stop();
    expect(instance?.value).toBe(one?.instance.value);
    // the plugin still uses it
    one?.release();
    two?.release();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(instance?.value.connected).toBe(true);
    unmount();
    await until(() => server.clients() === 0);
  });

  it("gives a socket of the app's own", async () => {
    const socket = client((await echoServer()).url, { autoConnect: false });
    const { result } = mountWith(
      () => useSocket(),
      (app) => app.use(createTautline(socket)),
    );
    expect(result.instance.value).toBe(socket);
  });

  it("is not needed: without it and an address, it is the page's origin (VUE-9)", () => {
    const { result } = mountWith(() => useSocket(undefined, { autoConnect: false }));
    expect(result.instance.value?.io.uri).toBe(location.origin);
  });

  it("gives no socket while its address is not known", async () => {
    const server = await echoServer();
    const url = ref<string | undefined>();
    const { result } = mountWith(
      () => [useSocket(), useSocket(ref(undefined)), useSocket(() => ""), useSocket(null)],
      (app) => app.use(createTautline(url, quickly)),
    );
    expect(result.map(({ instance }) => instance.value)).toEqual(Array(4).fill(undefined));
    url.value = server.url;
    await nextTick();
    await until(() => !!result[0]?.isConnected.value);
    expect(result[1]?.instance.value).toBe(undefined);
  });
});
