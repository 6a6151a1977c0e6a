// @vitest-environment jsdom
import { describe, expect, it, vi } from "vitest";
import {
  defineComponent,
  effectScope,
  h,
  KeepAlive,
  nextTick,
  onUnmounted,
  ref,
  Suspense,
  watchEffect,
} from "vue";
import type { Socket } from "../../src/index.js";
import { next } from "../../src/reading/index.js";
import { useSocket, useSocketEvent, type UseSocketOptions } from "../../src/vue/index.js";
import { client, until } from "../support/harness.js";
import { echoServer } from "../support/adapter-servers.js";
import { mount, mountWith } from "../support/vue/mounting.js";

const quickly: UseSocketOptions = { linger: 30, transports: ["websocket"] };

describe("useSocket", () => {
  it("leaves nothing behind after 1,000 mounts and unmounts (VUE-10)", async () => {
    const server = await echoServer();
    let socket!: Socket;
    const use = () => {
      const { instance, isConnected, addEventHandler } = useSocket(server.url, quickly);
      socket = instance.value;
      addEventHandler("n", () => {});
      useSocketEvent(instance, "chat", () => {});
      watchEffect(() => isConnected.value);
    };
    const timers = new Set<unknown>();
    const { setTimeout: set, clearTimeout: clear } = globalThis;
    vi.stubGlobal("setTimeout", (task: () => void, ms: number) => {
      const id = set(() => {
        timers.delete(id);
        task();
      }, ms);
      timers.add(id);
      return id;
    });
    vi.stubGlobal("clearTimeout", (id: never) => {
      timers.delete(id);
      clear(id);
    });
    for (let n = 0; n < 1000; n++) {
      const { unmount } = mountWith(use);
      if (n === 0) await until(() => socket.connected);
      unmount();
    }
    // of all 1,000 no more than that one
    expect(socket.connected).toBe(true);
    expect(["n", "chat"].filter((name) => socket.hasListeners(name))).toEqual([]);
    expect(socket.io.hasListeners("state")).toBe(false);
    expect(socket.io.engine?.hasListeners("upgrade")).toBe(false);
    expect(server.connections()).toBe(1);
    await until(() => server.clients() === 0);
    expect([socket.active, socket.io.state]).toEqual([false, "closed"]);
    expect(["connect", "connect_error"].filter((name) => socket.hasListeners(name))).toEqual([]);
    vi.unstubAllGlobals();
    await until(() => timers.size === 0);
  });

  it("stays connected and hears on in a component that KeepAlive has put away (VUE-11)", async () => {
    const server = await echoServer();
    const isShown = ref(true);
    const heard: number[] = [];
    let socket!: Socket;
    const Page = defineComponent(() => {
      const { instance, addEventHandler } = useSocket(server.url, { ...quickly, linger: 0 });
      socket = instance.value;
      addEventHandler("n", (n: number) => heard.push(n));
      return () => h("p");
    });
    const { unmount } = mount(() => h(KeepAlive, () => (isShown.value ? h(Page) : undefined)));
    await until(() => socket.connected);
    isShown.value = false;
    await nextTick();
    socket.emit("n", 1);
    await until(() => heard.length === 1);
    isShown.value = true;
    await nextTick();
    socket.emit("n", 2);
    await until(() => heard.length === 2);
    expect(server.connections()).toBe(1);
    unmount();
    await until(() => server.clients() === 0);
  });

  it("connects for an async setup that Suspense waits for", async () => {
    const server = await echoServer();
    const Page = defineComponent(async () => {
      const { instance, isConnected } = useSocket(server.url, quickly);
      if (!isConnected.value) await next(instance.value, "connect");
      return () => h("p", String(isConnected.value));
    });
    const { element } = mount(() =>
      h(Suspense, null, { default: () => h(Page), fallback: () => "wait" }),
    );
    expect(element.textContent).toBe("wait");
    await until(() => element.textContent === "true");
  });

  it("is released by a component that Suspense has given up (VUE-12)", async () => {
    const server = await echoServer();
    const isWanted = ref(true);
    let socket!: Socket;
    const Page = defineComponent(async () => {
      const { instance } = useSocket(server.url, quickly);
      socket = instance.value;
      await new Promise(() => {});
      return () => h("p");
    });
    mount(() => h(Suspense, () => (isWanted.value ? h(Page) : h("p"))));
    await until(() => socket.connected);
    isWanted.value = false;
    await nextTick();
    await until(() => server.clients() === 0);
    expect(socket.active).toBe(false);
  });

  it("finds its connection again when the module is evaluated anew 50 times, as by hot reloads", async () => {
    const server = await echoServer();
    let unmount = () => {};
    const sockets = new Set<unknown>();
    for (let n = 0; n < 50; n++) {
      vi.resetModules();
      const { useSocket: use } = await import("../../src/vue/index.js");
      unmount();
      const mounted = mountWith(() => use(server.url, quickly));
      ({ unmount } = mounted);
      sockets.add(mounted.result.instance.value);
      await until(() => mounted.result.isConnected.value);
    }
    expect(sockets.size).toBe(1);
    expect(server.connections()).toBe(1);
  });

  it("belongs to a scope of any kind (VUE-13)", async () => {
    const server = await echoServer();
    const scope = effectScope();
    const { instance, isConnected, addEventHandler } = scope.run(() =>
      useSocket(server.url, quickly),
    )!;
    const heard: string[] = [];
    // after the setup: it belongs to the scope all the same
    addEventHandler("chat", (text: string) => heard.push(text));
    await until(() => isConnected.value);
    instance.value.emit("chat", "hello");
    await until(() => heard.length === 1);
    scope.stop();
    expect(instance.value.hasListeners("chat")).toBe(false);
    addEventHandler("chat", () => {});
    expect(instance.value.hasListeners("chat")).toBe(false);
    await until(() => server.clients() === 0);
  });

  it("is released by hand where there is no scope", async () => {
    const server = await echoServer();
    const { instance, isConnected, addEventHandler, release } = useSocket(server.url, quickly);
    const stop = addEventHandler("chat", () => {});
    await until(() => isConnected.value);
    release();
    release();
    await until(() => !isConnected.value);
    expect(instance.value.hasListeners("chat")).toBe(true);
    stop();
    expect(instance.value.hasListeners("chat")).toBe(false);
  });

  it("may be unmounted by one of its handlers", async () => {
    const server = await echoServer();
    const log: string[] = [];
    const { result, unmount } = mountWith(() => {
      const socket = useSocket(server.url, {
        ...quickly,
        onConnected() {
          log.push("connected");
          unmount();
        },
      });
      socket.addEventHandler("connect", () => log.push("too late"));
      useSocketEvent(socket.instance, "connect", () => log.push("too late"));
      onUnmounted(() => log.push("unmounted"));
      return socket;
    });
    await until(() => log.length > 0);
    await until(() => !result.instance.value.active);
    expect(log).toEqual(["connected", "unmounted"]);
  });
});

describe("useSocketEvent", () => {
  /** A socket that never connects, and hears what the test says. */
  const spoken = () => {
    const socket = client("http://nowhere.test", { autoConnect: false });
    return { socket, say: (...args: unknown[]) => socket.tell(args, false) };
  };

  it("hears from the setup on, until the component is gone or it is ended (VUE-14)", () => {
    const { socket, say } = spoken();
    const heard: unknown[] = [];
    const { result: stop, unmount } = mountWith(() => {
      const ended = useSocketEvent(socket, "n", (n) => heard.push(n));
      useSocketEvent(socket, "n", (n) => heard.push(-n));
      say("n", 1);
      return ended;
    });
    say("n", 2);
    stop();
    say("n", 3);
    unmount();
    say("n", 4);
    expect(heard).toEqual([1, -1, 2, -2, -3]);
    expect(socket.hasListeners("n")).toBe(false);
  });

  it("goes to another socket and another event at once (VUE-14)", () => {
    const [one, two] = [spoken(), spoken()];
    const socket = ref<unknown>(null);
    const event = ref("a");
    const heard: unknown[] = [];
    mountWith(() => {
      useSocketEvent(
        () => socket.value as Socket | null,
        event,
        (...args) => heard.push(args),
      );
    });
    socket.value = one.socket;
    one.say("a", 1);
    event.value = "b";
    one.say("a", 2);
    one.say("b", 3);
    socket.value = two.socket;
    one.say("b", 4);
    two.say("b", 5);
    socket.value = null;
    two.say("b", 6);
    expect(heard).toEqual([[1], [3], [5]]);
  });

  it("hears nothing more once a handler before it has ended the scope", () => {
    const { socket, say } = spoken();
    const heard: string[] = [];
    const { unmount } = mountWith(() => {
      useSocketEvent(socket, "n", () => {
        heard.push("first");
        unmount();
      });
      useSocketEvent(socket, "n", () => heard.push("second"));
    });
    say("n");
    expect(heard).toEqual(["first"]);
  });

  it("reports what a handler throws, and goes on (VUE-15)", () => {
    const { socket, say } = spoken();
    const heard: string[] = [];
    const reported: unknown[] = [];
    vi.stubGlobal("reportError", (error: unknown) => reported.push(error));
    const { unmount } = mountWith(() => {
      useSocketEvent(socket, "n", () => {
        throw new Error("mine");
      });
      useSocketEvent(socket, "n", () => heard.push("second"));
    });
    say("n");
    unmount();
    vi.unstubAllGlobals();
    expect(heard).toEqual(["second"]);
    expect(reported).toMatchObject([{ message: "mine" }]);
  });
});
