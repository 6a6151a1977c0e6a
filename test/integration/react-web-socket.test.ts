// @vitest-environment jsdom
import { act, cleanup, render } from "@testing-library/react";
import { createElement, Fragment, useEffect, useLayoutEffect } from "react";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { ReadyState, useWebSocket, type UseWebSocketOptions } from "../../src/react/index.js";
import { echoWebSocketServer } from "../support/adapter-servers.js";
import { until } from "../support/harness.js";
import { inMode, modes, renderIn, shown } from "../support/react/rendering.js";

const h = createElement;

// what lingers ends before its page does
afterAll(() => new Promise((resolve) => setTimeout(resolve, 100)));
afterEach(cleanup);

const echo = () => echoWebSocketServer("ping");

const quickly: UseWebSocketOptions = { linger: 30, reconnectInterval: 10 };

describe.each(modes)("useWebSocket (%s)", (mode) => {
  it("opens one connection, sends, and shows what comes (REA-48)", async () => {
    const server = await echo();
    const states = new Set<number>();
    const hook = renderIn(mode, () => {
      const result = useWebSocket<{ n: number }>(server.address, quickly);
      states.add(result.readyState);
      return result;
    });
    expect(hook.result.current).toMatchObject({ lastMessage: null, lastJsonMessage: null });
    hook.result.current.sendMessage("early");
    await shown(() => hook.result.current.lastMessage?.data === "early");
    expect(hook.result.current.lastJsonMessage).toEqual({});
    hook.result.current.sendJsonMessage({ n: 7 });
    await shown(() => hook.result.current.lastJsonMessage?.n === 7);
    const { lastJsonMessage } = hook.result.current;
    hook.rerender();
    expect(hook.result.current.lastJsonMessage).toBe(lastJsonMessage);
    expect([...states]).toEqual([ReadyState.CONNECTING, ReadyState.OPEN]);
    expect(hook.result.current.getWebSocket()?.readyState).toBe(1);
    expect(server.addresses).toEqual(["/"]);
    hook.unmount();
    await until(() => server.clients() === 0);
  });

  it("disconnects, and connects the same address again", async () => {
    const server = await echo();
    const hook = renderIn(mode, () => useWebSocket(server.address, quickly));
    await shown(() => hook.result.current.readyState === ReadyState.OPEN);
    act(() => hook.result.current.disconnect(4000, "later"));
    await shown(() => hook.result.current.readyState === ReadyState.CLOSED);
    hook.result.current.sendMessage("dropped", false);
    hook.result.current.sendMessage("kept");
    act(() => hook.result.current.connect());
    await shown(() => hook.result.current.lastMessage?.data === "kept");
    expect(server.messages).toEqual(["kept"]);
    expect(server.addresses.length).toBe(2);
  });

  it("is not connected without an address, or when it is not wanted, and loses nothing (REA-48)", async () => {
    const server = await echo();
    type Props = { url: string | null; isWanted: boolean };
    const hook = renderIn(
      mode,
      ({ url, isWanted }: Props) => useWebSocket(url, quickly, isWanted),
      { url: null, isWanted: true } as Props,
    );
    const state = () => hook.result.current.readyState;
    expect([state(), hook.result.current.getWebSocket()]).toEqual([
      ReadyState.UNINSTANTIATED,
      null,
    ]);
    hook.result.current.sendMessage("first");
    hook.rerender({ url: server.address, isWanted: false });
    expect(state()).toBe(ReadyState.UNINSTANTIATED);
    hook.result.current.sendMessage("second");
    hook.rerender({ url: server.address, isWanted: true });
    await shown(() => hook.result.current.lastMessage?.data === "second");
    expect(server.messages).toEqual(["first", "second"]);
    hook.rerender({ url: server.address, isWanted: false });
    expect([state(), hook.result.current.lastMessage]).toEqual([ReadyState.CLOSED, null]);
    await until(() => server.clients() === 0);
  });

  it("takes what waits along to another address (REA-49)", async () => {
    const server = await echo();
    const { address } = server;
    const hook = renderIn(mode, ({ url }) => useWebSocket(url, quickly), {
      url: "ws://127.0.0.1:9/nobody",
    });
    hook.result.current.sendMessage("kept");
    hook.rerender({ url: address + "?token=2" });
    await shown(() => hook.result.current.lastMessage?.data === "kept");
    expect(server.addresses).toEqual(["/?token=2"]);
  });

  it("asks a function for the address, and adds parameters and protocols (REA-50)", async () => {
    const server = await echo();
    let asked = 0;
    const url = async () => `${server.address}chat?n=${++asked}`;
    const hook = renderIn(mode, () =>
      useWebSocket(url, { ...quickly, queryParams: { a: "b c", d: 1 }, protocols: ["x", "y"] }),
    );
    await shown(() => hook.result.current.readyState === ReadyState.OPEN);
    expect(server.addresses).toEqual(["/chat?n=1&a=b%20c&d=1"]);
    expect(server.protocols).toEqual(["y"]);
    server.cut();
    await until(() => server.addresses.length === 2);
    expect(server.addresses[1]).toBe("/chat?n=2&a=b%20c&d=1");
  });

  it("shares one connection where components want that, each with its own filter (REA-51)", async () => {
    const server = await echo();
    const shownBy: Record<string, string[]> = { odd: [], even: [], own: [] };
    let send!: (text: string) => void;
    const User = ({ name, share }: { name: string; share: boolean }) => {
      const { lastMessage, sendMessage } = useWebSocket(server.address, {
        ...quickly,
        share,
        filter: ({ data }) => name === "own" || (data % 2 === 0) === (name === "even"),
      });
      if (share) send = sendMessage;
      useEffect(() => {
        if (lastMessage) shownBy[name]?.push(String(lastMessage.data));
      }, [lastMessage, name]);
      return null;
    };
    render(
      h(
        Fragment,
        null,
        h(User, { name: "odd", share: true }),
        h(User, { name: "even", share: true }),
        h(User, { name: "own", share: false }),
      ),
      inMode(mode),
    );
    await until(() => server.clients() === 2);
    for (const n of ["1", "2", "3"]) {
      send(n);
      await shown(() => Object.values(shownBy).some((list) => list.at(-1) === n));
    }
    expect([...new Set(shownBy["odd"])]).toEqual(["1", "3"]);
    expect([...new Set(shownBy["even"])]).toEqual(["2"]);
    expect(shownBy["own"]).toEqual([]);
  });

  it("calls the handlers of the last render, and onMessage for each message (REA-52)", async () => {
    const server = await echo();
    const log: unknown[] = [];
    const heard: number[] = [];
    let renders = 0;
    const hook = renderIn(
      mode,
      ({ n }) => {
        renders++;
        return useWebSocket(server.address, {
          ...quickly,
          onOpen: () => log.push(["open", n]),
          onClose: ({ code }) => log.push(["close", code, n]),
          onMessage: ({ data }) => heard.push(Number(data)),
        });
      },
      { n: 1 },
    );
    await until(() => log.length === 1);
    hook.rerender({ n: 2 });
    const before = renders;
    for (let n = 0; n < 10_000; n++) hook.result.current.sendMessage(String(n));
    await until(() => heard.length === 10_000);
    expect(heard).toEqual([...Array(10_000).keys()]);
    // nothing of it was read
    expect(renders).toBe(before);
    server.cut();
    await until(() => log.length === 3);
    expect(log).toEqual([
      ["open", 1],
      ["close", 1006, 2],
      ["open", 2],
    ]);
  });

  it("misses nothing that a shared connection says between its render and its effects", async () => {
    const server = await echo();
    const first = renderIn(mode, () => useWebSocket(server.address, { ...quickly, share: true }));
    await shown(() => first.result.current.readyState === ReadyState.OPEN);
    const ws = first.result.current.getWebSocket();
    const heard: unknown[] = [];
    renderIn(mode, () => {
      useWebSocket(server.address, {
        ...quickly,
        share: true,
        onMessage: ({ data }) => heard.push(data),
      });
      useLayoutEffect(() => {
        if (!heard.length) ws?.dispatchEvent(new MessageEvent("message", { data: "between" }));
      }, []);
    });
    expect(heard[0]).toBe("between");
    expect(server.addresses.length).toBe(1);
  });

  it("reconnects as it is told, and says when it stops (REA-53)", async () => {
    const server = await echo();
    const asked: number[] = [];
    const stopped: number[] = [];
    const errors: string[] = [];
    const hook = renderIn(mode, () =>
      useWebSocket(server.address, {
        ...quickly,
        shouldReconnect: ({ code }) => code !== 4001,
        reconnectInterval: (n) => (asked.push(n), 5 + n),
        reconnectAttempts: 3,
        onReconnectStop: (n) => stopped.push(n),
        onError: ({ error }) => errors.push(error.code),
      }),
    );
    await shown(() => hook.result.current.readyState === ReadyState.OPEN);
    hook.result.current.sendMessage("close 4001");
    await shown(() => hook.result.current.readyState === ReadyState.CLOSED);
    // no attempts were used up: it was told not to
    expect(stopped).toEqual([]);
    act(() => hook.result.current.connect());
    await shown(() => hook.result.current.readyState === ReadyState.OPEN);
    asked.length = 0;
    await server.close();
    await until(() => stopped.length > 0);
    expect(asked.slice(0, 3)).toEqual([0, 1, 2]);
    expect(stopped).toEqual([3]);
    expect(errors.length).toBeGreaterThan(0);
    await shown(() => hook.result.current.readyState === ReadyState.CLOSED);
  });

  it("asks whether the server is alive, and leaves one that is not (REA-53)", async () => {
    const server = await echo();
    const closes: number[] = [];
    renderIn(mode, () =>
      useWebSocket(server.address, {
        ...quickly,
        heartbeat: { interval: 20, timeout: 50, returnMessage: "pong" },
        onClose: ({ code }) => closes.push(code),
      }),
    );
    await until(() => server.messages.includes("ping"));
    await until(() => closes.length > 0 && server.addresses.length > 1);
  });

  it("leaves nothing behind after 1,000 mounts and unmounts", async () => {
    const server = await echo();
    const User = ({ share }: { share: boolean }) => {
      const { readyState } = useWebSocket(server.address, { linger: 0, share });
      return h("p", null, readyState);
    };
    for (let n = 0; n < 1000; n++) render(h(User, { share: n % 10 !== 0 }), inMode(mode)).unmount();
    await until(() => server.clients() === 0);
    // each that began was over before the server could see it, or is closed
    const last = renderIn(mode, () => useWebSocket(server.address, quickly));
    await shown(() => last.result.current.readyState === ReadyState.OPEN);
    await until(() => server.clients() === 1);
  }, 60_000);
});
