// @vitest-environment jsdom
import { act, cleanup, render } from "@testing-library/react";
import {
  createElement,
  Fragment,
  type ReactNode,
  StrictMode,
  Suspense,
  useEffect,
  useLayoutEffect,
} from "react";
import * as React from "react";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Socket } from "../../src/index.js";
import {
  ReadyState,
  SocketProvider,
  socketReady,
  useAck,
  useEvents,
  useSocket,
  useSocketEvent,
  useSocketState,
  useWebSocket,
} from "../../src/react/index.js";
import { echoServer, echoWebSocketServer } from "../support/adapter-servers.js";
import { closedPort } from "../support/servers.js";
import { client, until } from "../support/harness.js";
import { inMode, modes, renderIn, shown, spokenSocket } from "../support/react/rendering.js";

afterEach(cleanup);

const h = createElement;
const quickly = { linger: 30, reconnectionDelay: 20, transports: ["websocket" as const] };

describe.each(modes)("A page that is visited again (%s)", (mode) => {
  it("is answered what the effects of its children ask", async () => {
    const server = await echoServer();
    const answers: unknown[] = [];
    const keep = (answer: Promise<unknown>) =>
      void answer.catch((e) => e.code).then((a) => answers.push(a));
    const Child = ({ socket }: { socket: Socket }) => {
      const { emit } = useAck(socket, "sum");
      useEffect(() => keep(emit("child")), [emit]);
      useEffect(() => keep(socket.emitWithAck("sum", "plain")), [socket]);
      return null;
    };
    const Page = ({ children }: { children?: ReactNode }) => {
      const { socket } = useSocket(server.url, quickly);
      const { emit } = useAck(socket, "sum");
      useLayoutEffect(() => keep(emit("layout")), [emit]);
      useEffect(() => keep(emit("own")), [emit]);
      return h(Fragment, null, children, h(Child, { socket }));
    };
    for (let visit = 0; visit < 3; visit++) {
      answers.length = 0;
      const { unmount } = render(h(Page), inMode(mode));
      await until(() => ["child", "layout", "own", "plain"].every((a) => answers.includes(a)));
      unmount();
      await until(() => server.clients() === 0);
    }
  });
});

describe.each(modes)("connect() of a component that keeps no connection (%s)", (mode) => {
  it("keeps it until the component is gone", async () => {
    const server = await echoServer();
    const hook = renderIn(mode, () => useSocket(server.url, { ...quickly, enabled: false }));
    act(() => hook.result.current.connect());
    await shown(() => hook.result.current.isConnected);
    await act(async () => hook.result.current.disconnect());
    await until(() => server.clients() === 0);
    act(() => hook.result.current.connect());
    await shown(() => hook.result.current.isConnected);
    const { connect, socket } = hook.result.current;
    hook.unmount();
    await until(() => server.clients() === 0);
    act(connect);
    expect(socket.active).toBe(false);
  });

  it("keeps a WebSocket until the component is gone, and shows it", async () => {
    const server = await echoWebSocketServer("");
    const hook = renderIn(mode, () => useWebSocket(server.address, { linger: 0 }, false));
    expect(hook.result.current.readyState).toBe(ReadyState.UNINSTANTIATED);
    act(() => hook.result.current.connect());
    await shown(() => hook.result.current.readyState === ReadyState.OPEN);
    const { connect, getWebSocket } = hook.result.current;
    const ws = getWebSocket();
    hook.unmount();
    await until(() => server.clients() === 0 && ws?.readyState === ReadyState.CLOSED);
    act(connect);
    expect(ws?.readyState).toBe(ReadyState.CLOSED);
  });
});

describe.each(modes)("What a handler reads of a hook's result (%s)", (mode) => {
  it("is as it is then, though no render has read it", async () => {
    const server = await echoServer();
    const plain = await echoWebSocketServer("");
    const hook = renderIn(mode, () => {
      const connection = useSocket(server.url, quickly);
      return [connection, useSocketState(connection.socket), useWebSocket(plain.address)] as const;
    });
    const [connection, state, ws] = hook.result.current;
    await until(() => connection.isConnected && ws.readyState === ReadyState.OPEN);
    expect(state.state).toBe("open");
  });
});

describe.each(modes)("useWebSocket (%s)", (mode) => {
  it("tries as often again when connect() is called after the attempts were used up", async () => {
    const stops: number[] = [];
    const port = await closedPort();
    let tries = 0;
    const hook = renderIn(mode, () =>
      useWebSocket(`ws://127.0.0.1:${port}`, {
        reconnectAttempts: 2,
        reconnectInterval: 0,
        onError: () => tries++,
        onReconnectStop: (attempts) => stops.push(attempts),
      }),
    );
    await until(() => stops.length === 1);
    const first = tries;
    act(() => hook.result.current.connect());
    await until(() => stops.length === 2);
    expect([first, tries]).toEqual([3, 6]);
  });

  it("tries again although the function for the interval throws, and says so", async () => {
    const server = await echoWebSocketServer("");
    const reported: unknown[] = [];
    vi.stubGlobal("reportError", (error: unknown) => reported.push(error));
    const closed: number[] = [];
    const hook = renderIn(mode, () =>
      useWebSocket(server.address, {
        reconnectInterval() {
          if (reported.length) return 10;
          throw new Error("mine");
        },
        onClose: ({ code }) => closed.push(code),
      }),
    );
    await shown(() => hook.result.current.readyState === ReadyState.OPEN);
    const before = server.addresses.length;
    server.cut();
    await until(() => closed.length === 1 && server.addresses.length > before);
    await shown(() => hook.result.current.readyState === ReadyState.OPEN);
    vi.unstubAllGlobals();
    expect(reported[0]).toMatchObject({ message: "mine" });
  });

  it("names the option that is wrong", () => {
    const said = vi.spyOn(console, "error").mockImplementation(() => {});
    const using = (options: object) => () =>
      renderIn(mode, () => useWebSocket("ws://x.test", options));
    for (const name of ["reconnectInterval", "reconnectAttempts"])
      expect(using({ [name]: -5 })).toThrow(
        expect.objectContaining({ code: "invalid-option", message: expect.stringContaining(name) }),
      );
    said.mockRestore();
  });
});

describe.each(modes)("Users with credentials and users without (%s)", (mode) => {
  it.each(["before", "behind"])("share a connection: without %s with", async (order) => {
    const server = await echoServer();
    const With = () => {
      useSocket(server.url, { ...quickly, auth: { token: "one" } });
      return null;
    };
    const Without = () => h("p", null, String(useSocket(server.url, quickly).isConnected));
    const children = order === "before" ? [h(Without), h(With)] : [h(With), h(Without)];
    const { container } = render(h(Fragment, null, ...children), inMode(mode));
    await shown(() => container.textContent === "true");
    expect(server.auths).toEqual([{ token: "one" }]);
  });
});

describe("useEvents", () => {
  it("shows no more than the limit when that becomes less", async () => {
    const { socket, say } = spokenSocket();
    const hook = renderIn("plain", ({ limit }) => useEvents(socket, "n", { limit }), { limit: 5 });
    for (let n = 0; n < 5; n++) say("n", n);
    await shown(() => hook.result.current.length === 5);
    hook.rerender({ limit: 2 });
    expect(hook.result.current).toEqual([[3], [4]]);
  });
});

describe("useSocketEvent", () => {
  it("goes on with the handler of the last render when one renders anew while an event is told", () => {
    const { socket, say } = spokenSocket();
    const heard: string[] = [];
    let rerender = (_version: number): void => {};
    const hook = renderIn(
      "plain",
      ({ version }) => {
        useSocketEvent(socket, "n", () => {
          heard.push(`first ${version}`);
          if (version === 1) rerender(2);
        });
        useSocketEvent(socket, "n", () => heard.push(`second ${version}`));
      },
      { version: 1 },
    );
    rerender = (version) => hook.rerender({ version });
    say("n");
    say("n");
    expect(heard).toEqual(["first 1", "second 2", "first 2", "second 2"]);
  });

  it("hears nothing more in a component that a handler before its own has taken away", () => {
    const { socket, say } = spokenSocket();
    const heard: string[] = [];
    const hook = renderIn("plain", () => {
      useSocketEvent(socket, "n", () => {
        heard.push("first");
        hook.unmount();
      });
      useSocketEvent(socket, "n", () => heard.push("second"));
    });
    act(() => say("n"));
    expect(heard).toEqual(["first"]);
  });
});

describe("Options that can't be compared", () => {
  it.each([
    { a: 10n },
    (() =>
      Object.assign(
        {},
        {
          get self(): object {
            return this;
          },
        },
      ))(),
  ])("are refused by their code", (query) => {
    const said = vi.spyOn(console, "error").mockImplementation(() => {});
    expect(() =>
      renderIn("plain", () => useSocket("http://x.test", { query: query as never })),
    ).toThrow(expect.objectContaining({ code: "invalid-option" }));
    said.mockRestore();
  });
});

const use = React["use" as never] as (<T>(promise: Promise<T>) => T) | undefined;

if (use)
  describe.each(modes)("use(socketReady(socket)) (%s)", (mode) => {
    it("leaves disconnected what the app has disconnected", async () => {
      const server = await echoServer();
      let disconnect = (): void => {};
      const Page = () => {
        const { socket, isConnected, ...actions } = useSocket(server.url, quickly);
        ({ disconnect } = actions);
        use(socketReady(socket));
        return h("p", null, String(isConnected));
      };
      const App = () => h(Suspense, { fallback: "waiting" }, h(Page));
      const { container } = await act(async () => render(h(App), inMode(mode)));
      await shown(() => container.textContent === "true");
      await act(async () => disconnect());
      await shown(() => container.textContent === "false");
      await until(() => server.clients() === 0);
      expect(server.connections()).toBe(1);
    });

    it("gives the credentials of a component that is not shown yet, at each visit", async () => {
      const server = await echoServer();
      const Page = ({ token }: { token: string }) => {
        const { socket } = useSocket(server.url, { ...quickly, auth: { token } });
        use(socketReady(socket));
        return "ready";
      };
      for (const token of ["one", "two"]) {
        const { container, unmount } = await act(async () =>
          render(h(Suspense, { fallback: "waiting" }, h(Page, { token })), inMode(mode)),
        );
        await shown(() => container.textContent === "ready");
        unmount();
        await until(() => server.clients() === 0);
      }
      expect(server.auths).toEqual([{ token: "one" }, { token: "two" }]);
    });

    it("renders no other component while this one is rendered", async () => {
      const server = await echoServer();
      const said = vi.spyOn(console, "error");
      const options = { ...quickly, autoConnect: false };
      const Bar = () => h("i", null, useSocketState(useSocket(server.url, options).socket).state);
      const Page = () => {
        const { socket } = useSocket(server.url, options);
        use(socketReady(socket));
        return "ready";
      };
      const app = (isShown: boolean) =>
        h(Fragment, null, h(Bar), isShown && h(Suspense, { fallback: "waiting" }, h(Page)));
      const { container, rerender } = await act(async () => render(app(false), inMode(mode)));
      const known = said.mock.calls.length;
      await act(async () => rerender(app(true)));
      expect(said.mock.calls.slice(known)).toEqual([]);
      said.mockRestore();
      await act(async () => container.querySelector("i"));
    });

    it("waits where there is no socket yet", async () => {
      const server = await echoServer();
      const Page = ({ url }: { url: string | null }) => {
        const { socket } = useSocket(url, quickly);
        return use(socketReady(socket)) && "ready";
      };
      const app = (url: string | null) => h(Suspense, { fallback: "waiting" }, h(Page, { url }));
      const { container, rerender } = await act(async () => render(app(null), inMode(mode)));
      expect(container.textContent).toBe("waiting");
      await act(async () => rerender(app(server.url)));
      await shown(() => container.textContent === "ready");
    });
  });

describe("SocketProvider", () => {
  it("takes a socket that is made later", async () => {
    const server = await echoServer();
    const socket = client(server.url);
    const Page = () => h("p", null, String(useSocket(undefined, { linger: 0 }).socket === socket));
    const app = (socket?: Socket) => h(StrictMode, null, h(SocketProvider, { socket }, h(Page)));
    const { container, rerender } = render(app());
    expect(container.textContent).toBe("false");
    rerender(app(socket));
    expect(container.textContent).toBe("true");
  });
});
