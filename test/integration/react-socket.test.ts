// @vitest-environment jsdom
import { act, cleanup, render } from "@testing-library/react";
import { createElement, type FunctionComponent, StrictMode } from "react";
import { afterEach, describe, expect, it } from "vitest";
import type { Socket } from "../../src/index.js";
import { useSocket } from "../../src/react/index.js";
import { serve, until } from "../support/harness.js";

afterEach(cleanup);

const strict = (component: FunctionComponent) =>
  createElement(StrictMode, null, createElement(component));

describe("useSocket", () => {
  it("gives what a small app needs, over one connection under StrictMode", async () => {
    const server = await serve();
    let connections = 0;
    server.io.on("connection", (socket) => {
      connections++;
      socket.on("message", (text) => socket.send(`echo ${text}`));
    });
    let last!: ReturnType<typeof useSocket>;
    const seen = new Set<Socket>();
    const App = () => {
      last = useSocket(server.url);
      seen.add(last.socket);
      return createElement("p", null, last.isConnected ? "on" : "off", String(last.latestMessage));
    };
    const { container } = render(strict(App));
    await act(() => until(() => container.textContent === "onundefined"));
    await act(async () => {
      last.sendMessage("hello");
      await until(() => last.latestMessage === "echo hello");
    });
    expect(container.textContent).toBe("onecho hello");
    await act(async () => {
      last.disconnect();
    });
    expect(container.textContent).toBe("offecho hello");
    await act(async () => {
      last.connect();
      await until(() => last.isConnected);
    });
    expect(connections).toBe(2);
    expect(seen.size).toBe(1);
  });
});
