import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { freeze, produce } from "immer";
import { makeAutoObservable, observable, reaction, runInAction } from "mobx";
import { createPinia, defineStore, setActivePinia } from "pinia";
import { compileModule } from "svelte/compiler";
import { beforeAll, describe, expect, it } from "vitest";
import {
  createRenderer,
  defineComponent,
  nextTick,
  reactive,
  readonly,
  ref,
  shallowReactive,
  watch,
} from "vue";
import type { Socket } from "../../src/index.js";
import { client, next, serve } from "../support/harness.js";

/*
 * What an app holds when it puts a socket into the state of a framework. Each of them makes proxies of some objects:
 *
 * - Vue and Pinia: of what Object.prototype.toString() calls an Object, an Array, a Map or a Set;
 * - MobX, Svelte and Immer: of objects and arrays without a class, and of Maps and Sets.
 *
 * A socket is none of these. To extend: add a line to `holders`.
 */
type Holder = (socket: Socket) => unknown;

/** Svelte's runes are written for its compiler. */
const SVELTE = `
  export function inObject(socket) {
    let state = $state({ deep: { sockets: [socket] } });
    return state.deep.sockets[0];
  }
  class Store {
    socket = $state();
  }
  export function inClass(socket) {
    const store = new Store();
    store.socket = socket;
    return store.socket;
  }`;
let svelte: Record<"inObject" | "inClass", Holder>;

beforeAll(async () => {
  const runtime = createRequire(import.meta.url).resolve("svelte/internal/client");
  const { js } = compileModule(SVELTE, { filename: "store.svelte.js", generate: "client" });
  const code = js.code.replace("svelte/internal/client", pathToFileURL(runtime).href);
  svelte = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as typeof svelte;
});

/** A component whose elements are nothing. */
function mounted<T extends object>(data: () => T): T {
  const none = () => ({});
  const { createApp } = createRenderer<object, object>({
    createElement: none,
    createText: none,
    createComment: none,
    insert() {},
    nextSibling: () => null,
    parentNode: () => null,
    patchProp() {},
    remove() {},
    setElementText() {},
    setText() {},
  });
  return createApp(defineComponent({ data, render: () => null })).mount({}) as unknown as T;
}

class MobxStore {
  constructor(public socket: Socket) {
    makeAutoObservable(this);
  }
}

const holders: [string, Holder][] = [
  ["Vue's ref()", (socket) => ref(socket).value],
  ["Vue's reactive()", (socket) => reactive(socket)],
  ["Vue's reactive({})", (socket) => reactive({ deep: [{ socket }] }).deep[0]?.socket],
  ["Vue's reactive(Map)", (socket) => reactive(new Map([["a", socket]])).get("a")],
  ["Vue's readonly()", (socket) => readonly(reactive({ socket })).socket],
  ["Vue's shallowReactive()", (socket) => shallowReactive({ socket }).socket],
  ["Vue's data()", (socket) => mounted(() => ({ socket })).socket],
  [
    "a Pinia store of options",
    (socket) => {
      setActivePinia(createPinia());
      return defineStore("options", { state: () => ({ socket }) })().socket;
    },
  ],
  [
    "a Pinia store's setup",
    (socket) => {
      setActivePinia(createPinia());
      const store = defineStore("setup", () => ({ held: ref<Socket | null>(null) }))();
      store.$patch({ held: socket as never });
      return store.held;
    },
  ],
  ["MobX's observable()", (socket) => observable({ deep: [{ socket }] }).deep[0]?.socket],
  ["a MobX class", (socket) => new MobxStore(socket).socket],
  ["Svelte's $state in an object", (socket) => svelte.inObject(socket)],
  ["Svelte's $state in a class", (socket) => svelte.inClass(socket)],
  [
    "Immer's draft",
    (socket) => {
      let inDraft: unknown;
      produce({ socket, count: 0 }, (draft) => {
        draft.count++;
        inDraft = draft.socket;
      });
      return inDraft;
    },
  ],
  [
    "what Immer has frozen",
    (socket) =>
      freeze(
        produce({ list: [] as Socket[] }, ({ list }) => void list.push(socket as never)),
        true,
      ).list[0],
  ],
];

/** Not proxied by any of them; apps and tools do so by hand. */
const proxies: [string, Holder][] = [
  ["new Proxy(socket, {})", (socket) => new Proxy(socket, {})],
  ["a proxy of a proxy", (socket) => new Proxy(new Proxy(socket, {}), {})],
  [
    "a proxy that reflects",
    (socket) =>
      new Proxy(socket, {
        get: (target, name, self) => Reflect.get(target, name, self) as unknown,
        set: (target, name, value, self) => Reflect.set(target, name, value, self),
      }),
  ],
  [
    "a proxy whose methods are bound to the socket",
    (socket) =>
      new Proxy(socket, {
        get(target, name) {
          const value = Reflect.get(target, name) as unknown;
          return typeof value === "function" ? (value.bind(target) as unknown) : value;
        },
      }),
  ],
  [
    "a getter of a reactive class",
    (raw) => {
      class Chat {
        inner = { socket: raw };
        get socket(): Socket {
          return this.inner.socket;
        }
      }
      return new Proxy(reactive(new Chat()), {}).socket;
    },
  ],
];

async function start(): Promise<Socket> {
  const server = await serve();
  server.io.on("connection", (socket) => {
    socket.on("echo", (value: unknown, answer: (value: unknown) => void) => answer(value));
    socket.on("say", (value: unknown) => socket.emit("said", value));
  });
  return client(server.url, { autoConnect: false });
}

/** All that an app does with a socket. */
async function use(held: Socket, raw: Socket): Promise<void> {
  const first = next(held, "connect");
  expect(held.connect()).toBeDefined();
  await first;
  expect([held.connected, held.disconnected, held.active]).toEqual([true, false, true]);
  expect([held.id, held.nsp, held.recovered]).toEqual([raw.id, "/", false]);
  expect(await held.emitWithAck("echo", 1)).toBe(1);
  expect(await held.timeout(5000).emitWithAck("echo", { deep: [2] })).toEqual({ deep: [2] });
  const answered = new Promise((resolve) => {
    held.timeout(5000).emit("echo", "a", (...answer: unknown[]) => resolve(answer));
  });
  expect(await answered).toEqual([null, "a"]);

  const heard: unknown[] = [];
  const listener = (value: unknown): unknown => heard.push(value);
  const any = (name: unknown, value: unknown): unknown => heard.push(name, value);
  held.on("said", listener).onAny(any);
  expect([held.listeners("said"), held.listenersAny()]).toEqual([[listener], [any]]);
  const said = next(held, "said");
  held.emit("say", "hello");
  await said;
  expect(heard.splice(0)).toEqual(["said", "hello", "hello"]);
  held.off("said", listener).offAny(any);
  expect([raw.hasListeners("said"), raw.listenersAny()]).toEqual([false, []]);

  expect(held.io.engine.id).toBe(raw.io.engine.id);
  const back = next(held, "connect");
  held.io.engine.close();
  await back;
  const gone = next(held, "disconnect");
  held.disconnect();
  expect((await gone)[0]).toBe("io client disconnect");
  held.auth = { token: "x" };
  expect(held.auth).toEqual({ token: "x" });
  held.emit("waits");
  expect(raw.sendBuffer.map(({ data }) => data)).toEqual([["waits"]]);
  held.sendBuffer = [];
  expect(raw.sendBuffer).toEqual([]);
  const again = next(held, "connect");
  held.connect();
  await again;
  expect(raw.connected).toBe(true);
}

describe("A socket", () => {
  it.each(holders)("is itself in %s, and works (FRW-13)", async (_name, hold) => {
    const socket = await start();
    const held = hold(socket) as Socket;
    expect(held).toBe(socket);
    expect(Object.isFrozen(held)).toBe(false);
    await use(held, socket);
  });

  it.each(proxies)("works as %s (FRW-14)", async (_name, hold) => {
    const socket = await start();
    await use(hold(socket) as Socket, socket);
  });
});

describe("A manager", () => {
  it("is itself in each state that a socket is in", async () => {
    const { io: manager } = await start();
    expect(reactive({ manager }).manager).toBe(manager);
    expect(observable({ manager }).manager).toBe(manager);
    expect(produce({ manager, n: 0 }, (draft) => void draft.n++).manager).toBe(manager);
    expect(Object.isFrozen(manager)).toBe(false);
  });

  it("works as a proxy (FRW-14)", async () => {
    const { io: manager } = await start();
    const held = new Proxy(manager, {});
    const socket = held.socket("/");
    const open = next(held, "open");
    const connect = next(socket, "connect");
    held.open();
    socket.connect();
    await Promise.all([open, connect]);
    expect([held.state, held.engine.id]).toEqual(["open", manager.engine.id]);
    expect(held.engine.transport.name).toBe(manager.engine.transport.name);
    expect(held.reconnection(false).reconnection()).toBe(false);
    held._close();
    expect([manager.state, socket.connected]).toEqual(["closed", false]);
  });
});

describe("What an app shows of a socket", () => {
  it("follows its events, in Vue and in MobX", async () => {
    const socket = await start();
    const view = reactive({ socket, isConnected: false });
    const store = observable({ socket, isConnected: false });
    const seen: unknown[] = [];
    watch(view, ({ isConnected }) => seen.push(["vue", isConnected]), { deep: true });
    reaction(
      () => store.isConnected,
      (isConnected) => seen.push(["mobx", isConnected]),
    );
    socket.on("connect", () => {
      view.isConnected = socket.connected;
      runInAction(() => (store.isConnected = socket.connected));
    });
    socket.connect();
    await next(socket, "connect");
    await nextTick();
    expect(seen).toEqual([
      ["mobx", true],
      ["vue", true],
    ]);
  });

  it("may be emitted as it is, and given as auth", async () => {
    const socket = await start();
    const state = reactive({ text: "hello", tags: ["a"], bytes: new Uint8Array([1, 2]) });
    socket.auth = reactive({ token: "t" });
    socket.connect();
    for (const value of [state, readonly(state), observable({ ...state })])
      expect(await socket.emitWithAck("echo", value)).toMatchObject({ text: "hello", tags: ["a"] });
  });
});
