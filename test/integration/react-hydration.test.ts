// @vitest-environment jsdom
import { act } from "@testing-library/react";
import { createElement, StrictMode, useEffect } from "react";
import { hydrateRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { useSocket, useSocketState } from "../../src/react/index.js";
import { serve, until } from "../support/harness.js";
import { shown } from "../support/react/rendering.js";

const h = createElement;

describe("A page that a server rendered", () => {
  it("is taken over without a word, and sends what its first effects say (REA-44)", async () => {
    const server = await serve();
    const heard: unknown[] = [];
    server.io.on("connection", (socket) => socket.on("hello", (n) => heard.push(n)));
    const complaints = vi.spyOn(console, "error");
    const sockets = new Set<object>();
    const Page = () => {
      const { socket, isConnected } = useSocket(server.url, { linger: 30 });
      const { state } = useSocketState(socket);
      sockets.add(socket);
      useEffect(() => {
        socket.emit("hello", 1);
      }, [socket]);
      return h("p", null, `${isConnected} ${state}`);
    };
    vi.stubGlobal("window", undefined);
    const html = renderToString(h(Page));
    vi.unstubAllGlobals();
    sockets.clear();
    expect(html).toBe("<p>false closed</p>");
    // another part of the page is connected before this one is taken over
    const container = document.createElement("div");
    container.innerHTML = html;
    document.body.append(container);
    const mismatches: unknown[] = [];
    const root = await act(async () =>
      hydrateRoot(container, h(StrictMode, null, h(Page)), {
        onRecoverableError: (error) => mismatches.push(error),
      }),
    );
    onTestFinished(() => act(() => root.unmount()));
    await shown(() => container.textContent === "true open" && heard.length > 0);
    const second = document.createElement("div");
    second.innerHTML = html;
    document.body.append(second);
    const late = await act(async () =>
      hydrateRoot(second, h(Page), { onRecoverableError: (error) => mismatches.push(error) }),
    );
    onTestFinished(() => act(() => late.unmount()));
    expect(second.textContent).toBe("true open");
    expect(mismatches).toEqual([]);
    expect(complaints).not.toHaveBeenCalled();
    expect(sockets.size).toBe(1);
    // polling may have joined on a busy machine, and is closed then
    await until(() => server.io.engine.clientsCount === 1);
  });
});
