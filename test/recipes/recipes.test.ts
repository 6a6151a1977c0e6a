// @vitest-environment jsdom
import { createPinia } from "pinia";
import { applyMiddleware, createStore } from "redux";
import { firstValueFrom, lastValueFrom, retry, Subscription, take, timeout, toArray } from "rxjs";
import { createEffect, createRoot } from "solid-js";
import { flushSync, mount as mountSvelte, unmount as unmountSvelte } from "svelte";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { type App, createSSRApp, defineComponent, h, ref } from "vue";
import { renderToString } from "vue/server-renderer";
import { createStore as createZustand } from "zustand/vanilla";
import type { Socket } from "../../src/index.js";
import { createTautline, useSocket } from "../../src/vue/index.js";
import { client, connected as connecting, until } from "../support/harness.js";
import { echoServer } from "../support/adapter-servers.js";
import { mountWith } from "../support/vue/mounting.js";
import { LivePrice } from "./live-price.js";
import { useChat } from "./pinia-chat.js";
import { socketMiddleware } from "./redux-socket.js";
import { ask, connected, events, socketOf } from "./rxjs-socket.js";
import { createConnected, createList, createSocket } from "./solid-socket.js";
import SvelteChat from "./svelte-chat.svelte";
import { withSocket, type WithSocket } from "./zustand-socket.js";

/** Recipes name no transports: on a busy machine polling would join, and its session stay for a while. */
const server = () => echoServer({ transports: ["websocket"] });

describe("Svelte: createSubscriber", () => {
  it("connects for its first reader, misses nothing, and disconnects with the last (FRW-2)", async () => {
    const { url, connections, clients, io } = await server();
    const target = document.createElement("div");
    const chat = mountSvelte(SvelteChat, { target, props: { url } });
    flushSync();
    await until(() => target.querySelector("p")?.textContent === "connected");
    target.querySelector("button")?.click();
    await until(() => target.querySelectorAll("li").length === 1);
    for (let n = 0; n < 1000; n++) io.emit("line", n);
    await until(() => target.querySelectorAll("li").length === 1001);
    expect(target.querySelector("ul")?.textContent).toBe(
      "hello" + [...Array(1000).keys()].join(""),
    );
    expect(connections()).toBe(1);
    await unmountSvelte(chat);
    await until(() => clients() === 0);
  });
});

describe("Solid: from", () => {
  it("follows a socket, misses nothing, and ends with its owner (FRW-3)", async () => {
    const { url, clients, io } = await server();
    let socket!: Socket;
    const shown: boolean[] = [];
    const [dispose, list] = createRoot((dispose) => {
      socket = createSocket(url);
      const isConnected = createConnected(socket);
      createEffect(() => shown.push(isConnected()));
      return [dispose, createList<number>(socket, "n", 20)] as const;
    });
    await until(() => shown.at(-1) === true);
    for (let n = 0; n < 1000; n++) io.emit("n", n);
    await until(() => list().at(-1) === 999);
    expect(list()).toEqual([...Array(20).keys()].map((n) => 980 + n));
    expect(shown).toEqual([false, true]);
    dispose();
    await until(() => clients() === 0);
    expect(socket.hasListeners("n") || socket.hasListeners("connect")).toBe(false);
  });
});

describe("RxJS", () => {
  it("connects while somebody subscribes, and shares one connection (FRW-5)", async () => {
    const { url, clients, connections, io } = await server();
    const socket$ = socketOf(url);
    const all = new Subscription();
    const sockets: Socket[] = [];
    all.add(socket$.subscribe((socket) => sockets.push(socket)));
    all.add(socket$.subscribe((socket) => sockets.push(socket)));
    expect(new Set(sockets).size).toBe(1);
    const [socket] = sockets as [Socket];
    const states = firstValueFrom(connected(socket).pipe(take(2), toArray()));
    expect(await states).toEqual([false, true]);
    const numbers = lastValueFrom(events<number>(socket, "n").pipe(take(1000), toArray()));
    for (let n = 0; n < 1000; n++) io.emit("n", n);
    expect(await numbers).toEqual([...Array(1000).keys()]);
    expect(socket.hasListeners("n")).toBe(false);
    all.unsubscribe();
    await until(() => clients() === 0);
    expect(connections()).toBe(1);
  });

  it("asks, and takes back what nobody waits for any more", async () => {
    const { url, io } = await server();
    const heard: unknown[] = [];
    io.on("connection", (socket) => socket.onAny((...args) => heard.push(args.slice(0, 2))));
    const socket = client(url, { autoConnect: false });
    ask(socket, "never", 1).subscribe().unsubscribe();
    const answer = firstValueFrom(ask<number>(socket, "sum", 42));
    socket.connect();
    expect(await answer).toBe(42);
    expect(heard).toEqual([["sum", 42]]);
    io.removeAllListeners("connection");
    io.on("connection", () => {});
    await connecting(socket.disconnect().connect());
    let tries = 0;
    const silent = ask(socket, "silent").pipe(
      timeout(20),
      retry({ count: 2, delay: () => (tries++, [0]) }),
    );
    await expect(firstValueFrom(silent)).rejects.toThrow(/timeout/i);
    expect(tries).toBe(2);
  });

  it("fails when the server refuses", async () => {
    const { url, io } = await server();
    io.of("/admin").use((_socket, next) => next(new Error("not you")));
    await expect(lastValueFrom(connected(client(`${url}/admin`)))).rejects.toThrow("not you");
  });
});

describe("A custom element", () => {
  it("is connected while it is in the page (FRW-6)", async () => {
    const { url, clients, io } = await server();
    const watched: unknown[] = [];
    io.on("connection", (socket) =>
      socket.on("watch", (item) => {
        watched.push(item);
        socket.emit("price", item === "rope" ? 7 : 8);
      }),
    );
    customElements.define("live-price", LivePrice);
    const element = document.createElement("live-price");
    element.setAttribute("server", url);
    element.setAttribute("item", "rope");
    expect(watched).toEqual([]);
    document.body.append(element);
    await until(() => element.textContent === "7");
    element.setAttribute("item", "sail");
    await until(() => element.textContent === "8");
    await until(() => clients() === 1);
    element.remove();
    await until(() => clients() === 0);
    expect(element.hasAttribute("stale")).toBe(true);
    document.body.append(element);
    await until(() => !element.hasAttribute("stale"));
    element.remove();
    await until(() => clients() === 0);
    expect(watched).toEqual(["rope", "sail", "sail"]);
  });
});

describe("Redux middleware", () => {
  it("hands events in as actions and sends what is dispatched (FRW-7)", async () => {
    const { url, io } = await server();
    const socket = client(url, { autoConnect: false });
    const store = createStore(
      (actions: unknown[] = [], action) => [...actions, action],
      applyMiddleware(socketMiddleware(socket)),
    );
    const actions = () => store.getState().slice(1);
    await connecting(socket.connect());
    const emit = (event: string, ...args: unknown[]): unknown =>
      store.dispatch({ type: "socket.emit", event, args });
    const ask = (event: string, ...args: unknown[]): unknown =>
      store.dispatch({ type: "socket.ask", event, args });
    expect(await ask("sum", 42)).toBe(42);
    emit("emit", "by a client");
    await until(() => actions().length === 2);
    for (let n = 0; n < 1000; n++) io.emit("n", n);
    io.emit("emit", "by a server");
    await until(() => actions().length === 1003);
    socket.disconnect();
    expect(actions()).toEqual([
      { type: "socket.connected", args: [] },
      { type: "socket/emit", args: ["by a client"] },
      ...[...Array(1000).keys()].map((n) => ({ type: "socket/n", args: [n] })),
      { type: "socket/emit", args: ["by a server"] },
      { type: "socket.disconnected", args: ["io client disconnect"] },
    ]);
  });
});

describe("Zustand middleware", () => {
  it("keeps the connection's state, and hands events to handlers (FRW-8)", async () => {
    const { url, io } = await server();
    const socket = client(url);
    interface Chat {
      lines: string[];
      say(text: string): void;
    }
    const store = createZustand<Chat & WithSocket>(
      withSocket<Chat>(socket, () => ({ lines: [], say: (text) => socket.emit("line", text) }), {
        line: ({ lines }, text: string) => ({ lines: [...lines, text] }),
      }),
    );
    expect(store.getState().isConnected).toBe(false);
    await until(() => store.getState().isConnected);
    store.getState().say("hello");
    await until(() => store.getState().lines.length === 1);
    for (let n = 0; n < 1000; n++) io.emit("line", `${n}`);
    await until(() => store.getState().lines.length === 1001);
    socket.disconnect();
    const { isConnected, lines } = store.getState();
    expect(isConnected).toBe(false);
    expect(lines).toEqual(["hello", ...[...Array(1000).keys()].map(String)]);
  });
});

describe("Pinia", () => {
  it("has one connection for all who use a store, until that is disposed (FRW-9)", async () => {
    const { url, connections, clients } = await server();
    const prepare = (app: App) =>
      app.use(createTautline(url, { linger: 20, transports: ["websocket"] })).use(createPinia());
    const {
      result: chat,
      unmount,
      app,
    } = mountWith(() => {
      useChat();
      return useChat();
    }, prepare);
    await until(() => chat.isConnected);
    chat.say("hello");
    await until(() => chat.lines.length === 1);
    expect(await chat.ask("why?")).toBe("why?");
    expect(connections()).toBe(1);
    expect(JSON.stringify(app.config.globalProperties.$pinia.state.value)).toBe(
      `{"chat":{"lines":["hello"]}}`,
    );
    chat.$dispose();
    unmount();
    await until(() => clients() === 0);
  });

  it("opens nothing on a server, and goes on in the browser with what the server knew (FRW-9)", async () => {
    const { url, clients, io } = await server();
    const Page = defineComponent(() => {
      const chat = useChat();
      return () => h("p", [String(chat.isConnected), ...chat.lines]);
    });
    const isShown = ref(true);
    const use = () => {
      const pinia = createPinia();
      const app = createSSRApp({ render: () => (isShown.value ? h(Page) : h("p", "gone")) })
        .use(createTautline(url, { linger: 20, transports: ["websocket"] }))
        .use(pinia);
      return { pinia, app };
    };
    vi.stubGlobal("window", undefined);
    const there = use();
    there.pinia.state.value = { chat: { lines: ["before"] } };
    const html = await renderToString(there.app);
    const state = JSON.stringify(there.pinia.state.value);
    vi.unstubAllGlobals();
    expect(html).toBe("<p>falsebefore</p>");
    expect(clients()).toBe(0);

    const warned = vi.spyOn(console, "warn");
    const here = use();
    here.pinia.state.value = JSON.parse(state);
    const container = document.createElement("div");
    container.innerHTML = html;
    here.app.mount(container);
    await until(() => container.textContent === "truebefore");
    io.emit("line", "after");
    await until(() => container.textContent === "truebeforeafter");
    expect(warned).not.toHaveBeenCalled();
    warned.mockRestore();
    // the store outlives the component that was taken over
    isShown.value = false;
    await until(() => container.textContent === "gone");
    const chat = useChat(here.pinia);
    expect(chat.isConnected).toBe(true);
    io.disconnectSockets();
    await until(() => !chat.isConnected);
    here.app.unmount();
    here.pinia._s.get("chat")?.$dispose();
    await until(() => clients() === 0);
  });
});

describe("Nuxt", () => {
  it("has a plugin that opens nothing on the server and one connection in the browser (FRW-10)", async () => {
    const { url, connections, clients } = await server();
    vi.stubGlobal("defineNuxtPlugin", (plugin: unknown) => plugin);
    vi.stubGlobal("useRuntimeConfig", () => ({ public: { socketUrl: url } }));
    const { default: plugin } = (await import("./nuxt-plugin.js")) as never as {
      default: (nuxtApp: object) => void;
    };
    const Page = defineComponent(() => {
      const { isConnected } = useSocket();
      return () => h("p", String(isConnected.value));
    });
    const start = () => {
      const vueApp = createSSRApp(Page);
      plugin({ vueApp });
      return vueApp;
    };
    vi.stubGlobal("window", undefined);
    const html = await renderToString(start());
    vi.stubGlobal("window", globalThis);
    expect([html, connections()]).toEqual(["<p>false</p>", 0]);
    const container = document.createElement("div");
    container.innerHTML = html;
    const warned = vi.spyOn(console, "warn");
    const app = start();
    app.mount(container);
    await until(() => container.textContent === "true");
    expect(warned).not.toHaveBeenCalled();
    expect(connections()).toBe(1);
    app.unmount();
    await until(() => clients() === 0);
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });
});

describe("Next", () => {
  it("renders a client component on the server, and takes it over in the browser (FRW-11)", async () => {
    const { url, connections, clients } = await server();
    const { createElement } = await import("react");
    const { renderToString: render } = await import("react-dom/server");
    const { hydrateRoot } = await import("react-dom/client");
    const { Chat } = await import("./next-chat.js");
    vi.stubGlobal("window", undefined);
    const html = render(createElement(Chat, { url }));
    vi.unstubAllGlobals();
    expect(html).toContain("<p>connecting</p>");
    expect(connections()).toBe(0);
    const container = document.createElement("div");
    container.innerHTML = html;
    document.body.append(container);
    const mismatches: unknown[] = [];
    const root = hydrateRoot(container, createElement(Chat, { url }), {
      onRecoverableError: (error) => mismatches.push(error),
    });
    onTestFinished(() => container.remove());
    await until(() => container.querySelector("p")?.textContent === "connected");
    container.querySelector("button")?.click();
    await until(() => container.querySelector("li")?.textContent === "hello");
    expect(mismatches).toEqual([]);
    root.unmount();
    await until(() => clients() === 0);
  });
});
