// @vitest-environment jsdom
import { act, cleanup, render } from "@testing-library/react";
import { createElement, useEffect } from "react";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Socket } from "../../../src/index.js";
import { useAck, useEmit } from "../../../src/react/index.js";
import { inMode, modes, renderIn } from "../../support/react/rendering.js";
import { connectedSocket } from "../../support/line-socket.js";

afterEach(cleanup);

/** A connected socket, and how its server answers the call of a number. */
function askable() {
  const { socket, line } = connectedSocket();
  const requests: { args: unknown[]; answer(value: unknown): void; fail(error: unknown): void }[] =
    [];
  const real = socket.requestWith.bind(socket);
  vi.spyOn(socket, "requestWith").mockImplementation((options, args) => {
    const own = real(options, args);
    return new Promise((resolve, reject) => {
      own.catch(reject);
      requests.push({ args, answer: resolve, fail: reject });
    });
  });
  return { socket: socket as Socket, line, requests };
}

const code = (promise: Promise<unknown>) => promise.catch((error) => error.code);

describe.each(modes)("useAck (%s)", (mode) => {
  it("tells that it waits, and then the answer or the error (REA-35)", async () => {
    const { socket, requests } = askable();
    const hook = renderIn(mode, () => useAck(socket, "order", { timeout: 1000 }));
    const told = () => {
      const { pending, data, error } = hook.result.current;
      return [pending, data, error];
    };
    expect(told()).toEqual([false, undefined, undefined]);
    act(() => void hook.result.current.emit("rope"));
    expect(told()).toEqual([true, undefined, undefined]);
    expect(requests[0]?.args).toEqual(["order", "rope"]);
    await act(async () => requests[0]?.answer(7));
    expect(told()).toEqual([false, 7, undefined]);
    // nobody catches it: no unhandled rejection
    act(() => void hook.result.current.emit("knot"));
    const error = new Error("no");
    await act(async () => requests[1]?.fail(error));
    expect(told()).toEqual([false, 7, error]);
    act(() => void hook.result.current.emit("tar"));
    expect(told()).toEqual([true, 7, undefined]);
  });

  it("shows the last call, whichever is answered first (REA-35)", async () => {
    const { socket, requests } = askable();
    const hook = renderIn(mode, () => useAck(socket, "order"));
    let first!: Promise<unknown>;
    act(() => {
      first = hook.result.current.emit(1);
      void hook.result.current.emit(2);
    });
    await act(async () => requests[0]?.answer("one"));
    expect(await first).toBe("one");
    expect(hook.result.current.pending).toBe(true);
    await act(async () => requests[1]?.answer("two"));
    expect(hook.result.current.data).toBe("two");
  });

  it("aborts what isn't answered when it is gone, and when it gets another event (REA-36)", async () => {
    const { socket } = askable();
    const hook = renderIn(mode, ({ event }) => useAck(socket, event), { event: "a" });
    let call!: Promise<unknown>;
    act(() => void (call = code(hook.result.current.emit())));
    hook.rerender({ event: "b" });
    expect(await act(() => call)).toBe("aborted");
    expect([hook.result.current.pending, hook.result.current.error]).toEqual([false, undefined]);
    act(() => void (call = code(hook.result.current.emit())));
    hook.unmount();
    expect(await call).toBe("aborted");
  });

  it("gives the same function until the socket, the event or the timeout is another", () => {
    const { socket } = askable();
    const hook = renderIn(mode, ({ event }) => useAck(socket, event), { event: "a" });
    const { emit } = hook.result.current;
    hook.rerender({ event: "a" });
    expect(hook.result.current.emit).toBe(emit);
    hook.rerender({ event: "b" });
    expect(hook.result.current.emit).not.toBe(emit);
  });

  it("may be called from the effects of children, which run first", async () => {
    const { socket, requests } = askable();
    let settled: Promise<unknown> | undefined;
    const Child = ({ ask }: { ask: () => Promise<unknown> }) => {
      useEffect(() => {
        settled = code(ask());
      }, [ask]);
      return null;
    };
    let data: unknown;
    const App = () => {
      const ack = useAck(socket, "hello");
      data = ack.data;
      return createElement(Child, { ask: ack.emit });
    };
    render(createElement(App), inMode(mode));
    await act(async () => requests.at(-1)?.answer("hi"));
    expect(await settled).toBe("hi");
    expect(data).toBe("hi");
  });

  it("rejects without a socket (REA-37)", async () => {
    const hook = renderIn(mode, () => useAck(undefined as Socket | undefined, "order"));
    let call!: Promise<unknown>;
    await act(async () => void (call = code(hook.result.current.emit())));
    expect(await call).toBe("disconnected");
    expect(hook.result.current.error?.code).toBe("disconnected");
  });
});

describe.each(modes)("useEmit (%s)", (mode) => {
  it("gives one function that emits (REA-38)", () => {
    const { socket, line } = askable();
    const hook = renderIn(mode, () => useEmit(socket, "chat"));
    const emit = hook.result.current;
    emit("hello", 1);
    hook.rerender();
    expect(hook.result.current).toBe(emit);
    expect(line.told()).toContain('2["chat","hello",1]');
  });

  it("throws without a socket", () => {
    const hook = renderIn(mode, () => useEmit(null as Socket | null, "chat"));
    expect(() => hook.result.current("hello")).toThrow("disconnected");
  });
});
