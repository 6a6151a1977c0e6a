// @vitest-environment jsdom
/** What an app gets that changes its import from react-use-websocket to tautline/react: the same, as far as docs/react.md says so. */
import { cleanup, render, renderHook } from "@testing-library/react";
import { createElement, Fragment, useCallback } from "react";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import * as theirs from "react-use-websocket";
import { ReadyState, useWebSocket as ours } from "../../src/react/index.js";
import { speak } from "../support/echo-server.js";
import { until } from "../support/harness.js";
import { shown } from "../support/react/rendering.js";

/** What both take and give. */
interface Options {
  share?: boolean;
  filter?: (message: MessageEvent) => boolean;
  onOpen?: (event: Event) => void;
  onMessage?: (message: MessageEvent) => void;
  onClose?: (event: any) => void;
  onError?: (event: any) => void;
  onReconnectStop?: (attempts: number) => void;
  shouldReconnect?: (event: any) => boolean;
  reconnectInterval?: number | ((attempt: number) => number);
  reconnectAttempts?: number;
  heartbeat?: boolean | { message?: string; returnMessage?: string; interval?: number };
  queryParams?: Record<string, string | number>;
  protocols?: string | string[];
  disableJson?: boolean;
}
type Hook = (
  url: string | (() => string | Promise<string>) | null,
  options?: Options,
  connect?: boolean,
) => {
  sendMessage(message: string, keep?: boolean): void;
  sendJsonMessage(message: unknown, keep?: boolean): void;
  lastMessage: MessageEvent | null;
  lastJsonMessage: unknown;
  readyState: number;
  getWebSocket(): unknown;
};

/** A CommonJS module: bundlers and Node hand out its default export in two ways. */
const { default: module } = theirs as unknown as { default: Hook & { default?: Hook } };

const hooks: [string, Hook][] = [
  ["react-use-websocket", module.default ?? module],
  ["tautline/react", ours as Hook],
];

async function echo() {
  const addresses: string[] = [];
  const messages: string[] = [];
  const server = await speak((socket) => {
    socket.on("message", (data) => {
      messages.push(String(data));
      const code = /^close (\d+)$/.exec(String(data))?.[1];
      if (code) socket.close(+code);
      else socket.send(String(data) === "ping" ? "pong" : String(data));
    });
  });
  server.sockets.on("connection", (_socket, { url = "" }) => addresses.push(url));
  return { ...server, addresses, messages };
}

// what lingers ends before its page does
afterAll(() => new Promise((resolve) => setTimeout(resolve, 1100)));
afterEach(cleanup);

it("names the states alike", () => {
  for (const [name, value] of Object.entries(ReadyState))
    expect(theirs.ReadyState[name as "OPEN"]).toBe(value);
});

describe.each(hooks)("By %s", (_name, useWebSocket) => {
  it("an app connects, sends and shows the last message (REA-54)", async () => {
    const server = await echo();
    const states: number[] = [];
    const hook = renderHook(() => {
      const result = useWebSocket(server.address, { queryParams: { a: "1", b: 2 } });
      states.push(result.readyState);
      return result;
    });
    hook.result.current.sendMessage("early");
    await shown(() => hook.result.current.lastMessage?.data === "early");
    expect(hook.result.current.lastJsonMessage).toEqual({});
    hook.result.current.sendJsonMessage({ n: 1 });
    await shown(() => (hook.result.current.lastJsonMessage as { n: number }).n === 1);
    expect([...new Set(states)]).toEqual([0, 1]);
    expect(server.addresses).toEqual(["/?a=1&b=2"]);
    hook.unmount();
    await until(() => server.sockets.clients.size === 0);
  });

  it("an app waits with null, and with false, and what it sends is kept (REA-54)", async () => {
    const server = await echo();
    const hook = renderHook(
      ({ url, connect }: { url: string | null; connect: boolean }) =>
        useWebSocket(url, {}, connect),
      { initialProps: { url: null as string | null, connect: true } },
    );
    expect([hook.result.current.readyState, hook.result.current.getWebSocket()]).toEqual([
      -1,
      null,
    ]);
    hook.result.current.sendMessage("dropped", false);
    hook.result.current.sendMessage("kept");
    hook.rerender({ url: server.address, connect: false });
    expect(hook.result.current.readyState).toBe(-1);
    hook.rerender({ url: server.address, connect: true });
    await shown(() => hook.result.current.lastMessage?.data === "kept");
    expect(server.messages).toEqual(["kept"]);
    hook.rerender({ url: server.address, connect: false });
    await shown(() => hook.result.current.readyState === 3);
    expect(hook.result.current.lastMessage).toBe(null);
  });

  it("an app asks for the address before it connects (REA-54)", async () => {
    const server = await echo();
    const hook = renderHook(() => {
      const url = useCallback(async () => `${server.address}?token=1`, []);
      return useWebSocket(url);
    });
    await shown(() => hook.result.current.readyState === 1);
    expect(server.addresses).toEqual(["/?token=1"]);
  });

  it("an app filters what it shows, and leaves JSON alone (REA-54)", async () => {
    const server = await echo();
    const heard: unknown[] = [];
    const hook = renderHook(() =>
      useWebSocket(server.address, {
        disableJson: true,
        filter: ({ data }) => data !== "2",
        onMessage: ({ data }) => heard.push(data),
      }),
    );
    await shown(() => hook.result.current.readyState === 1);
    for (const n of ["1", "2"]) hook.result.current.sendMessage(n);
    await shown(() => heard.length === 2 && hook.result.current.lastMessage !== null);
    // what came is shown with the next frame
    await new Promise(requestAnimationFrame);
    expect(hook.result.current.lastMessage?.data).toBe("1");
    expect(hook.result.current.lastJsonMessage).toBe(null);
  });

  it("components share a connection (REA-54)", async () => {
    const server = await echo();
    const last: Record<string, unknown> = {};
    let send!: (text: string) => void;
    const User = ({ name }: { name: string }) => {
      const { lastMessage, sendMessage } = useWebSocket(server.address, { share: true });
      last[name] = lastMessage?.data;
      send = sendMessage;
      return null;
    };
    const h = createElement;
    render(h(Fragment, null, h(User, { name: "a" }), h(User, { name: "b" })));
    await until(() => server.addresses.length > 0);
    send("x");
    await shown(() => last["a"] === "x" && last["b"] === "x");
    expect(server.addresses.length).toBe(1);
  });

  it("an app reconnects as it says, and hears when that ends (REA-54)", async () => {
    const server = await echo();
    const log: unknown[] = [];
    const asked: number[] = [];
    const hook = renderHook(() =>
      useWebSocket(server.address, {
        onOpen: () => log.push("open"),
        onClose: ({ code }) => log.push(`close ${code}`),
        onError: () => log.push("error"),
        shouldReconnect: ({ code }) => code !== 4001,
        reconnectInterval: (attempt) => (asked.push(attempt), 5),
        reconnectAttempts: 2,
        onReconnectStop: (attempts) => log.push(`stop ${attempts}`),
      }),
    );
    await shown(() => hook.result.current.readyState === 1);
    hook.result.current.sendMessage("close 4002");
    await until(() => log.filter((line) => line === "open").length === 2);
    expect(log.splice(0)).toEqual(["open", "close 4002", "open"]);
    expect(asked).toEqual([0]);
    await shown(() => hook.result.current.readyState === 1);
    hook.result.current.sendMessage("close 4001");
    await shown(() => hook.result.current.readyState === 3);
    expect(log).toEqual(["close 4001"]);
  });

  it("an app hears when the attempts are used up (REA-54)", async () => {
    const log: unknown[] = [];
    const server = await echo();
    const hook = renderHook(() =>
      useWebSocket(server.address, {
        shouldReconnect: () => true,
        reconnectInterval: 5,
        reconnectAttempts: 2,
        onClose: ({ code }) => log.push(code),
        onReconnectStop: (attempts) => log.push(`stop ${attempts}`),
      }),
    );
    await shown(() => hook.result.current.readyState === 1);
    await server.close();
    await until(() => log.includes("stop 2"));
    expect(log).toEqual([1006, 1006, 1006, "stop 2"]);
  });
});
