// @vitest-environment jsdom
import { act, cleanup, render, renderHook } from "@testing-library/react";
import { createElement, Fragment, useEffect, useLayoutEffect, useState } from "react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Socket, TautlineError } from "../../src/index.js";
import {
  SocketProvider,
  useEvents,
  useSocket,
  useSocketEvent,
  type UseSocketOptions,
  type UseSocketResult,
  useSocketState,
} from "../../src/react/index.js";
import { inMode, modes, quietly, renderIn, shown } from "../support/react/rendering.js";
import { echoServer } from "../support/adapter-servers.js";
import { proxyTo, serve, until } from "../support/harness.js";

afterEach(cleanup);

const h = createElement;

const quickly: Omit<UseSocketOptions, "key"> = {
  linger: 30,
  reconnectionDelay: 20,
  reconnectionDelayMax: 50,
  // polling from another origin leaves a session behind that only the server's patience ends
  transports: ["websocket"],
};

describe.each(modes)("useSocket (%s)", (mode) => {
  it("gives what a small app needs (REA-1)", async () => {
    const server = await echoServer();
    const seen = new Set<Socket>();
    let last!: UseSocketResult<Socket>;
    const App = () => {
      last = useSocket(server.url, quickly);
      seen.add(last.socket);
      return h("p", null, last.isConnected ? "on" : "off", " ", String(last.latestMessage));
    };
    const { container } = render(h(App), inMode(mode));
    expect(container.textContent).toBe("off undefined");
    await shown(() => container.textContent === "on undefined");
    act(() => last.sendMessage("hello"));
    await shown(() => last.latestMessage === "hello");
    await act(async () => last.disconnect());
    expect(container.textContent).toBe("off hello");
    act(() => last.connect());
    await shown(() => last.isConnected);
    expect(server.connections()).toBe(2);
    expect(seen.size).toBe(1);
  });

  it("shares one connection among all who ask for the same, however the options are written (REA-2)", async () => {
    const server = await echoServer();
    const sockets = new Set<Socket>();
    const User = ({ options }: { options: UseSocketOptions }) => {
      sockets.add(useSocket(server.url, options).socket);
      return null;
    };
    const App = () =>
      h(
        Fragment,
        null,
        h(User, { options: { ...quickly, query: { a: "1", b: "2" } } }),
        h(User, {
          options: { query: { b: "2", a: "1" }, ...quickly, retries: undefined } as never,
        }),
        h(User, {
          options: { ...quickly, query: { a: "1", b: "2" }, retryConnectError: () => false },
        }),
        h(User, {
          options: { ...quickly, query: { a: "1", b: "2" }, retryConnectError: () => true },
        }),
      );
    const { rerender } = render(h(App), inMode(mode));
    for (let n = 0; n < 5; n++) rerender(h(App));
    await until(() => [...sockets].every((socket) => socket.connected));
    // a function makes another one, its text does not
    expect(sockets.size).toBe(2);
    expect(server.connections()).toBe(2);
  });

  it("opens a connection of its own for other options or another address (REA-3)", async () => {
    const server = await echoServer();
    server.io.of("/other").on("connection", () => {});
    const hook = renderIn(mode, () => [
      useSocket(server.url, quickly).socket,
      useSocket(server.url, { ...quickly, query: { a: "1" } }).socket,
      useSocket(`${server.url}/other`, quickly).socket,
    ]);
    const sockets = hook.result.current;
    expect(new Set(sockets).size).toBe(3);
    await until(() => sockets.every(({ connected }) => connected));
  });

  it("closes it a while after the last user, and opens it again for the next, on the same socket (REA-5)", async () => {
    const server = await echoServer();
    const one = renderIn(mode, () => useSocket(server.url, quickly).socket);
    const socket = one.result.current;
    await until(() => socket.connected);
    const two = renderIn(mode, () => useSocket(server.url, quickly).socket);
    one.unmount();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(socket.connected).toBe(true);
    two.unmount();
    expect(socket.connected).toBe(true);
    await until(() => server.clients() === 0);
    expect(socket.active).toBe(false);
    const three = renderIn(mode, () => useSocket(server.url, quickly).socket);
    expect(three.result.current).toBe(socket);
    await until(() => socket.connected);
    expect(server.connections()).toBe(2);
  });

  it("keeps the connection from one page of an app to the next (REA-7)", async () => {
    const server = await echoServer();
    const Page = ({ name }: { name: string }) => {
      const { socket } = useSocket(server.url, quickly);
      return h("p", { title: socket.id }, name);
    };
    let go!: (name: string) => void;
    const App = () => {
      const [name, setName] = useState("0");
      go = setName;
      return h(Page, { key: name, name });
    };
    const { container } = render(h(App), inMode(mode));
    await until(() => server.connections() === 1);
    for (let n = 1; n < 50; n++) await act(async () => go(String(n)));
    expect(container.textContent).toBe("49");
    expect([server.connections(), server.clients()]).toEqual([1, 1]);
  });

  it("opens none without an address, or when it is not enabled (REA-8)", async () => {
    const server = await echoServer();
    const hook = renderIn(
      mode,
      ({ url, enabled }: { url: string | null; enabled: boolean }) =>
        useSocket(url, { ...quickly, enabled }),
      { url: null as string | null, enabled: true },
    );
    expect([hook.result.current.socket, hook.result.current.isConnected]).toEqual([
      undefined,
      false,
    ]);
    hook.result.current.connect();
    hook.rerender({ url: server.url, enabled: false });
    const { socket } = hook.result.current;
    expect(socket?.active).toBe(false);
    hook.rerender({ url: server.url, enabled: true });
    await shown(() => hook.result.current.isConnected);
    hook.rerender({ url: server.url, enabled: false });
    await shown(() => !hook.result.current.isConnected);
    expect(hook.result.current.socket).toBe(socket);
    hook.rerender({ url: null, enabled: true });
    expect(hook.result.current.socket).toBeUndefined();
    expect(server.connections()).toBe(1);
  });

  it("opens none while its address is not known", async () => {
    const asked = vi.spyOn(globalThis, "WebSocket");
    const urls = [null, undefined, ""];
    const hook = renderIn(mode, () => [
      ...urls.map((url) => useSocket(url).socket),
      ...urls.map((url) => useSocket(url, quickly).socket),
    ]);
    expect(hook.result.current).toEqual(Array(6).fill(undefined));
    for (const url of urls) {
      const below = renderHook(() => [useSocket().socket, useSocket(undefined).socket], {
        ...inMode(mode),
        wrapper: ({ children }) => h(SocketProvider, { url, ...quickly }, children),
      });
      expect(below.result.current).toEqual([undefined, undefined]);
    }
    expect(asked).not.toHaveBeenCalled();
    asked.mockRestore();
  });

  it("is the page's origin without any argument, and for '/' (REA-9)", () => {
    const hook = renderIn(mode, () => [
      useSocket().socket,
      useSocket("/").socket,
      useSocket("/", { autoConnect: false }).socket,
    ]);
    const [none, root, own] = hook.result.current;
    expect(none).toBe(root);
    expect([none?.io.uri, own?.io.uri]).toEqual([location.origin, location.origin]);
    hook.unmount();
  });

  it("leaves connecting to the app with autoConnect: false (REA-10)", async () => {
    const server = await echoServer();
    const hook = renderIn(mode, () => useSocket(server.url, { ...quickly, autoConnect: false }));
    expect(hook.result.current.socket.active).toBe(false);
    act(() => hook.result.current.connect());
    await shown(() => hook.result.current.isConnected);
    hook.unmount();
    await until(() => server.clients() === 0);
  });

  it("stays the same when only credentials change: nothing unsent is lost (REA-11)", async () => {
    const server = await serve();
    const proxy = await proxyTo(server);
    const hook = renderIn(
      mode,
      ({ token }) => useSocket(proxy.url, { ...quickly, auth: { token } }),
      { token: "one" },
    );
    const { socket } = hook.result.current;
    await until(() => socket.connected);
    proxy.set({ refuseConnections: true });
    proxy.cut();
    await until(() => !socket.connected);
    socket.emit("unsent", 1);
    hook.rerender({ token: "two" });
    expect(hook.result.current.socket).toBe(socket);
    expect(socket.auth).toEqual({ token: "two" });
    const heard = new Promise((resolve) => {
      server.io.on("connection", (client) => {
        client.on("unsent", (n) => resolve([client.handshake.auth, n]));
      });
    });
    proxy.heal();
    expect(await heard).toEqual([{ token: "two" }, 1]);
    hook.unmount();
  });

  it("forgets the credentials of former users", async () => {
    const server = await echoServer();
    const one = renderIn(mode, () => useSocket(server.url, { ...quickly, auth: { token: "one" } }));
    const { socket } = one.result.current;
    const other = renderIn(mode, () => useSocket(server.url, quickly));
    expect([other.result.current.socket, socket.auth]).toEqual([socket, { token: "one" }]);
    one.unmount();
    other.unmount();
    await until(() => !socket.active);
    renderIn(mode, () => useSocket(server.url, quickly));
    expect(socket.auth).toEqual({});
  });

  it("does not render again for what is not read (REA-16)", async () => {
    const server = await echoServer();
    const renders = { message: 0, state: 0, none: 0 };
    const Message = () => {
      renders.message++;
      return h("p", null, String(useSocket(server.url, quickly).latestMessage));
    };
    const State = () => {
      renders.state++;
      return h("p", null, String(useSocket(server.url, quickly).isConnected));
    };
    const None = () => {
      renders.none++;
      const { sendMessage } = useSocket(server.url, quickly);
      return h("button", { onClick: () => sendMessage("x") });
    };
    const { container } = render(h(Fragment, null, h(Message), h(State), h(None)), inMode(mode));
    const once = mode === "plain" ? 1 : 2;
    await shown(() => container.textContent === "undefinedtrue");
    expect(renders).toEqual({ message: once, state: 2 * once, none: once });
    act(() => container.querySelector("button")?.click());
    await shown(() => container.textContent === "xtrue");
    expect(renders).toEqual({ message: 2 * once, state: 2 * once, none: once });
  });

  it("misses none of 10,000 messages in a burst, and renders a list of them once a frame (REA-17)", async () => {
    const server = await serve();
    server.io.on("connection", (socket) => {
      socket.on("go", () => {
        for (let n = 0; n < 10_000; n++) socket.emit("n", n);
      });
    });
    const heard: number[] = [];
    let renders = 0;
    let frames = 0;
    vi.stubGlobal("requestAnimationFrame", (task: () => void) => {
      return setTimeout(() => {
        frames++;
        task();
      }, 16) as unknown as number;
    });
    vi.stubGlobal("cancelAnimationFrame", (id: number) => clearTimeout(id));
    const hook = renderIn(mode, () => {
      const { socket } = useSocket(server.url, quickly);
      useSocketEvent(socket, "n", (n) => heard.push(n));
      const list = useEvents(socket, "n", { limit: 20 });
      useEffect(() => {
        socket.emit("go");
      }, [socket]);
      renders++;
      return list;
    });
    const rounds = mode === "plain" ? 1 : 2;
    await shown(() => heard.length === rounds * 10_000 && hook.result.current.at(-1)?.[0] === 9999);
    vi.unstubAllGlobals();
    expect(heard.slice(0, 10_000)).toEqual([...Array(10_000).keys()]);
    expect(hook.result.current.map(([n]) => n)).toEqual([...Array(20).keys()].map((n) => 9980 + n));
    // the first render, and then one for each frame
    expect(renders).toBeLessThanOrEqual(rounds * (1 + frames));
  });

  it("leaves nothing behind after 1,000 mounts and unmounts (REA-18)", async () => {
    const server = await echoServer();
    const User = () => {
      const { socket, isConnected, latestMessage } = useSocket(server.url, quickly);
      const { state } = useSocketState(socket);
      useSocketEvent(socket, "n", () => {});
      useEvents(socket, "n");
      return h("p", null, String([isConnected, latestMessage, state]));
    };
    let socket!: Socket;
    const Spy = () => {
      ({ socket } = useSocket(server.url, quickly));
      return null;
    };
    for (let n = 0; n < 1000; n++) {
      const { unmount } = render(h(Fragment, null, h(User), h(Spy)), inMode(mode));
      if (n === 0) await until(() => socket.connected);
      unmount();
    }
    expect(server.connections()).toBe(1);
    await until(() => server.clients() === 0);
    // what is recorded for a render that was never shown is kept for 5 seconds
    const names = ["n", "message", "connect", "connect_error"];
    const left = () => [
      ...names.filter((name) => socket.hasListeners(name as "n")),
      ...["state", "ping"].filter((name) => socket.io.hasListeners(name as "state")),
    ];
    await expect.poll(left, { timeout: 30_000 }).toEqual([]);
    expect(socket.active).toBe(false);
    expect(socket.io.state).toBe("closed");
  }, 60_000);
});

describe("useSocket", () => {
  it("refuses wrong options in the render (REA-19)", () => {
    const rendering = (hook: () => unknown) => quietly(() => renderHook(hook));
    expect(rendering(() => useSocket("http://here.test", { linger: -1 }))).toThrow(TautlineError);
    expect(rendering(() => useSocket("mailto:nobody", {}))).toThrow(TautlineError);
  });

  it("leaves alone a namespace of a manager of the app's whose render is never shown", async () => {
    const server = await echoServer();
    server.io.of("/aside").on("connection", () => {});
    const { io } = await import("../../src/index.js");
    const own = io(server.url);
    await until(() => own.connected);
    let aside!: Socket;
    const Never = () => {
      aside = useSocket(`${server.url}/aside`, quickly).socket;
      throw new Error("not shown");
    };
    expect(quietly(() => render(h(Never)))).toThrow("not shown");
    expect(aside.io).toBe(own.io);
    await until(() => !aside.active);
    expect(own.connected).toBe(true);
    own.disconnect();
  });

  it("changes no setting of a manager that the app has made, and hands none on to others", async () => {
    const server = await echoServer();
    for (const name of ["/aside", "/later"]) server.io.of(name).on("connection", () => {});
    const { io } = await import("../../src/index.js");
    const own = io(server.url, { autoConnect: false });
    const aside = renderHook(() => useSocket(`${server.url}/aside`, quickly).socket);
    expect(aside.result.current.io).toBe(own.io);
    expect(own.io.opts.autoConnect).toBe(false);
    await until(() => aside.result.current.connected);
    aside.unmount();
    // and the other way round
    const second = await echoServer();
    second.io.of("/later").on("connection", () => {});
    const first = renderHook(() => useSocket(second.url, quickly).socket);
    const later = io(`${second.url}/later`);
    expect(later.io).toBe(first.result.current.io);
    await until(() => later.connected);
    later.disconnect();
  });

  it("shows what is read for the first time as it is", async () => {
    const server = await echoServer();
    let read = false;
    const hook = renderHook(() => {
      const result = useSocket(server.url, quickly);
      return [result.isConnected, read ? result.latestMessage : "unread", result.socket] as const;
    });
    await shown(() => hook.result.current[0]);
    const [, , socket] = hook.result.current;
    socket.send("one");
    await until(() => server.connections() === 1);
    socket.emit("settled");
    await new Promise((resolve) => socket.once("settled", resolve));
    expect(hook.result.current[1]).toBe("unread");
    read = true;
    hook.rerender();
    expect(hook.result.current[1]).toBe("one");
    socket.send("two");
    await shown(() => hook.result.current[1] === "two");
  });

  it("finds what is open when all modules are evaluated again, fifty times", async () => {
    const server = await echoServer();
    const sockets = new Set<unknown>();
    let unmount: (() => void) | undefined;
    for (let n = 0; n < 50; n++) {
      vi.resetModules();
      const react = await import("react");
      const { render: renderAnew } = await import("@testing-library/react");
      const hooks = await import("../../src/react/index.js");
      const App = () => {
        sockets.add(hooks.useSocket(server.url, { transports: ["websocket"] }).socket);
        return null;
      };
      unmount?.();
      ({ unmount } = renderAnew(
        react.createElement(react.StrictMode, null, react.createElement(App)),
      ));
      if (!n) await until(() => server.connections() === 1);
    }
    expect(sockets.size).toBe(1);
    expect([server.connections(), server.clients()]).toEqual([1, 1]);
    unmount?.();
    await until(() => server.clients() === 0);
  });
});

describe.each(modes)("SocketProvider (%s)", (mode) => {
  it("keeps one connection for what is below it (REA-20)", async () => {
    const server = await echoServer();
    const sockets = new Set<Socket>();
    const Page = () => {
      const { socket, isConnected } = useSocket();
      sockets.add(socket);
      return h("p", null, String(isConnected));
    };
    let show!: (is: boolean) => void;
    const App = () => {
      const [isShown, setShown] = useState(true);
      show = setShown;
      return h(SocketProvider, { url: server.url, ...quickly }, isShown ? h(Page) : null);
    };
    const { container, unmount } = render(h(App), inMode(mode));
    await shown(() => container.textContent === "true");
    await act(async () => show(false));
    await new Promise((resolve) => setTimeout(resolve, 60));
    await act(async () => show(true));
    expect(container.textContent).toBe("true");
    expect([sockets.size, server.connections()]).toEqual([1, 1]);
    unmount();
    await until(() => server.clients() === 0);
  });

  it("hands on a socket of the app's, and never closes it (REA-21)", async () => {
    const server = await echoServer();
    const { io } = await import("../../src/index.js");
    const own = io(server.url, { forceNew: true });
    const hook = renderHook(() => useSocket(), {
      ...inMode(mode),
      wrapper: ({ children }) => h(SocketProvider, { socket: own }, children),
    });
    expect(hook.result.current.socket).toBe(own);
    await shown(() => hook.result.current.isConnected);
    hook.unmount();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(own.connected).toBe(true);
    own.disconnect();
  });
});

describe.each(modes)("useSocketState (%s)", (mode) => {
  it("tells what the connection does (REA-22)", async () => {
    const server = await echoServer();
    const proxy = await proxyTo(server);
    const log: unknown[] = [];
    const hook = renderIn(mode, () => {
      const { socket } = useSocket(proxy.url, quickly);
      const { state, transport, attempt, delay, isConnected } = useSocketState(socket);
      const now = JSON.stringify([state, transport, attempt, typeof delay, isConnected]);
      useLayoutEffect(() => {
        if (log.at(-1) !== now) log.push(now);
      });
    });
    const open = '["open","websocket",null,"undefined",true]';
    await shown(() => log.at(-1) === open);
    proxy.set({ refuseConnections: true });
    proxy.cut();
    await shown(() => log.includes('["waiting",null,1,"number",false]'));
    proxy.heal();
    await shown(() => log.at(-1) === open);
    hook.unmount();
    await until(() => server.clients() === 0);
  });

  it("measures the round trip while somebody reads it (REA-23)", async () => {
    const server = await serve({ pingInterval: 50 });
    const hook = renderIn(mode, () => {
      const { socket } = useSocket(server.url, quickly);
      return useSocketState(socket).rtt;
    });
    await shown(() => hook.result.current !== undefined);
    const first = hook.result.current;
    expect(first).toBeGreaterThan(0);
    await shown(() => hook.result.current !== first);
  });

  it("says why the server refused (REA-24)", async () => {
    const server = await serve();
    server.io.use((_socket, next) => next(new Error("not you")));
    const hook = renderIn(mode, () => {
      const { socket } = useSocket(server.url, quickly);
      return useSocketState(socket).error;
    });
    await shown(() => hook.result.current !== undefined);
    expect(hook.result.current?.message).toBe("not you");
  });

  it("follows an upgrade", async () => {
    const server = await serve();
    const hook = renderIn(mode, () => {
      const { socket } = useSocket(server.url, {
        ...quickly,
        transports: ["polling", "websocket"],
      });
      return useSocketState(socket).transport;
    });
    await shown(() => hook.result.current === "websocket");
  });
});
