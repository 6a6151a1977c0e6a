// @vitest-environment jsdom
import { act, cleanup, render, waitFor } from "@testing-library/react";
import { Component, createElement, type PropsWithChildren, Suspense } from "react";
import * as React from "react";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Socket } from "../../src/index.js";
import { socketReady, useSocket } from "../../src/react/index.js";
import { inMode, modes } from "../support/react/rendering.js";
import { client, serve, until } from "../support/harness.js";

const h = createElement;
const quickly = { linger: 30, reconnectionDelay: 20, transports: ["websocket" as const] };

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

class Boundary extends Component<PropsWithChildren, { error?: Error }> {
  override state: { error?: Error } = {};
  static getDerivedStateFromError(error: Error) {
    return { error };
  }
  override render() {
    return this.state.error ? `caught ${this.state.error.message}` : this.props.children;
  }
}

/** React 18 has no `use()`. */
const use = React["use" as never] as (<T>(promise: Promise<T>) => T) | undefined;

if (use)
  describe.each(modes)("use(socketReady(socket)) (%s)", (mode) => {
    let socket!: Socket;
    const Page = ({ url }: { url: string }) => {
      ({ socket } = useSocket(url, quickly));
      use?.(socketReady(socket));
      return h("p", null, socket.id && "ready");
    };
    const app = (url: string) =>
      h(Boundary, null, h(Suspense, { fallback: "waiting" }, h(Page, { url })));

    const show = (url: string) => act(async () => render(app(url), inMode(mode)));
    const shows = (container: HTMLElement, text: string) =>
      waitFor(() => expect(container.textContent).toBe(text), { timeout: 5000 });

    it("waits for the connection that its own component asks for (REA-39)", async () => {
      const server = await serve();
      let letIn = (): void => {};
      const asked = new Promise<void>((resolve) => (letIn = resolve));
      server.io.use((_socket, next) => void asked.then(() => next()));
      const { container, unmount } = await show(server.url);
      expect(container.textContent).toBe("waiting");
      letIn();
      await shows(container, "ready");
      expect(server.io.engine.clientsCount).toBe(1);
      unmount();
      await until(() => server.io.engine.clientsCount === 0);
    });

    it("does not wait again while a lost connection comes back (REA-40)", async () => {
      const server = await serve();
      const { container, rerender } = await show(server.url);
      await shows(container, "ready");
      // nobody listens there until the test ends
      await server.close();
      await until(() => !socket.connected);
      await act(async () => rerender(app(server.url)));
      expect(container.textContent).not.toBe("waiting");
    });

    it("throws what the server refused it for, and asks again later (REA-41)", async () => {
      const server = await serve();
      let isOpen = false;
      server.io.use((_socket, next) => next(isOpen ? undefined : new Error("not you")));
      vi.spyOn(console, "error").mockImplementation(() => {});
      const { container, unmount } = await show(server.url);
      await shows(container, "caught not you");
      unmount();
      isOpen = true;
      await new Promise((resolve) => setTimeout(resolve, 1100));
      const again = await show(server.url);
      await shows(again.container, "ready");
    });
  });

describe("socketReady", () => {
  it("gives the same promise while it waits, and one that is read at once when it is connected", async () => {
    const server = await serve();
    const socket = client(server.url);
    const ready = socketReady(socket);
    expect(socketReady(socket)).toBe(ready);
    expect(await ready).toBe(socket);
    expect(socketReady(socket)).toBe(ready);
    const other = client(server.url);
    await until(() => other.connected);
    expect(socketReady(other)).toMatchObject({ status: "fulfilled", value: other });
  });

  it("rejects for a socket that is over, and when it ends (REA-41)", async () => {
    const server = await serve();
    const over = client(server.url, { autoConnect: false });
    over.connect().disconnect();
    await expect(socketReady(over)).rejects.toMatchObject({ code: "disconnected" });
    const ending = client(server.url);
    const ready = socketReady(ending);
    ending.disconnect();
    await expect(ready).rejects.toMatchObject({ code: "disconnected" });
  });

  it("holds the connection of a component that is never shown for half a minute (REA-42)", async () => {
    const server = await serve();
    server.io.use(() => {});
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    let socket!: Socket;
    let ready!: Promise<Socket>;
    const Never = () => {
      ({ socket } = useSocket(server.url, quickly));
      ready = socketReady(socket);
      throw ready;
    };
    const { unmount } = render(h(Suspense, { fallback: null }, h(Never)));
    unmount();
    await Promise.resolve();
    expect(socket.active).toBe(true);
    const settled = ready.catch((error) => error.code);
    vi.advanceTimersByTime(30_000);
    expect(socket.active).toBe(true);
    vi.advanceTimersByTime(1000);
    expect(socket.active).toBe(false);
    vi.useRealTimers();
    expect(await settled).toBe("disconnected");
  });
});
