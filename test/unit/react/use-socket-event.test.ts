// @vitest-environment jsdom
import { act, cleanup, render } from "@testing-library/react";
import {
  createElement,
  Fragment,
  startTransition,
  Suspense,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { flushSync } from "react-dom";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { useSocketEvent } from "../../../src/react/index.js";
import { inMode, modes, renderIn, spokenSocket } from "../../support/react/rendering.js";

/** The longest that a render waits for its effects. */
const PATIENCE = 5000;

afterEach(cleanup);

describe.each(modes)("useSocketEvent (%s)", (mode) => {
  it("calls the handler of the last render, with all arguments (REA-25)", () => {
    const { socket, say } = spokenSocket();
    const heard: unknown[] = [];
    const hook = renderIn(
      mode,
      ({ n }) => useSocketEvent(socket, "chat", (...args) => heard.push([n, ...args])),
      { n: 1 },
    );
    say("chat", "a", "b");
    hook.rerender({ n: 2 });
    say("chat", "c");
    say("other", "d");
    expect(heard).toEqual([
      [1, "a", "b"],
      [2, "c"],
    ]);
  });

  it("listens once, however often it is rendered, and leaves nothing behind (REA-26)", () => {
    vi.useFakeTimers();
    const { socket } = spokenSocket();
    const on = vi.spyOn(socket, "addEventListener");
    const hook = renderIn(mode, () => useSocketEvent(socket, "chat", () => {}));
    const calls = on.mock.calls.length;
    for (let i = 0; i < 20; i++) hook.rerender();
    expect(on).toHaveBeenCalledTimes(calls);
    vi.advanceTimersByTime(PATIENCE);
    expect(socket.listeners("chat").length).toBe(1);
    hook.unmount();
    expect(socket.listeners("chat").length).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it("misses nothing that comes between its render and its effects (REA-27)", () => {
    const { socket, say } = spokenSocket();
    const heard: unknown[] = [];
    let spoken = 0;
    const Listener = () => {
      useSocketEvent(socket, "n", (n) => heard.push(n));
      return null;
    };
    const Speaker = () => {
      // both before any passive effect has run
      say("n", spoken++);
      const isSaid = useRef(false);
      useLayoutEffect(() => {
        // the second round of StrictMode takes all effects back first
        if (!isSaid.current) say("n", spoken++);
        isSaid.current = true;
      }, []);
      return null;
    };
    render(
      createElement(Fragment, null, createElement(Listener), createElement(Speaker)),
      inMode(mode),
    );
    say("n", spoken++);
    expect(spoken).toBeGreaterThanOrEqual(3);
    expect(heard).toEqual([...Array(spoken).keys()]);
  });

  it("misses nothing when it is given another event, nor hears the old one", () => {
    const { socket, say } = spokenSocket();
    const heard: unknown[] = [];
    const hook = renderIn(
      mode,
      ({ event }) => {
        useSocketEvent(socket, event, (n) => heard.push(`${event} ${n}`));
        useLayoutEffect(() => {
          say("b", 1);
        }, [event]);
      },
      { event: "a" },
    );
    heard.length = 0;
    hook.rerender({ event: "b" });
    say("b", 2);
    say("a", 3);
    expect(heard).toEqual(["b 1", "b 2"]);
  });

  it("goes over to another socket, and to none (REA-29)", () => {
    const one = spokenSocket();
    const two = spokenSocket();
    const heard: unknown[] = [];
    const hook = renderIn(mode, ({ socket }) => useSocketEvent(socket, "n", (n) => heard.push(n)), {
      socket: one.socket as typeof one.socket | undefined,
    });
    one.say("n", 1);
    hook.rerender({ socket: two.socket });
    one.say("n", 2);
    two.say("n", 3);
    hook.rerender({ socket: undefined });
    two.say("n", 4);
    expect(heard).toEqual([1, 3]);
  });

  it("reports what a handler throws, and goes on (REA-30)", () => {
    const reported: unknown[] = [];
    vi.stubGlobal("reportError", (error: unknown) => reported.push(error));
    const { socket, say } = spokenSocket();
    const heard: unknown[] = [];
    renderIn(mode, () => {
      useSocketEvent(socket, "n", (n) => {
        heard.push(n);
        if (n < 3) throw new Error(`no ${n}`);
      });
      // the first comes before the effects
      useLayoutEffect(() => say("n", 1), []);
    });
    say("n", 2);
    say("n", 3);
    vi.unstubAllGlobals();
    expect(heard.filter((n) => n !== 1)).toEqual([2, 3]);
    expect(reported.map(String)).toContain("Error: no 1");
    expect(reported.map(String)).toContain("Error: no 2");
  });

  it("hears nothing more once a handler has unmounted it", () => {
    const { socket, say } = spokenSocket();
    const heard: string[] = [];
    let close!: () => void;
    const Child = ({ name }: { name: string }) => {
      useSocketEvent(socket, "n", () => {
        heard.push(name);
        close();
      });
      return null;
    };
    const App = () => {
      const [isOpen, setOpen] = useState(true);
      close = () => flushSync(() => setOpen(false));
      return isOpen
        ? createElement(
            Fragment,
            null,
            createElement(Child, { name: "a" }),
            createElement(Child, { name: "b" }),
          )
        : null;
    };
    render(createElement(App), inMode(mode));
    act(() => say("n"));
    expect(heard).toEqual(["a"]);
    expect(socket.listeners("n").length).toBe(mode === "plain" ? 0 : 1);
  });

  it("hears what comes while Suspense hides it (REA-31)", async () => {
    const { socket, say } = spokenSocket();
    const heard: unknown[] = [];
    let wait: Promise<void> | undefined;
    let arrive!: () => void;
    const Waiting = () => {
      if (wait) throw wait;
      return null;
    };
    const Listener = () => {
      useSocketEvent(socket, "n", (n) => heard.push(n));
      return null;
    };
    const app = () =>
      createElement(
        Suspense,
        { fallback: "waiting" },
        createElement(Listener),
        createElement(Waiting),
      );
    const { rerender, container } = render(app(), inMode(mode));
    say("n", 1);
    wait = new Promise((resolve) => (arrive = resolve));
    rerender(app());
    expect(container.textContent).toBe("waiting");
    say("n", 2);
    wait = undefined;
    await act(async () => arrive());
    say("n", 3);
    expect(heard).toEqual([1, 2, 3]);
  });

  it("misses nothing while a transition to it waits", async () => {
    const { socket, say } = spokenSocket();
    const heard: unknown[] = [];
    let wait: Promise<void> | undefined;
    let arrive!: () => void;
    let show!: () => void;
    const Waiting = () => {
      if (wait) throw wait;
      return null;
    };
    const Listener = () => {
      useSocketEvent(socket, "n", (n) => heard.push(n));
      // the last render that comes before the effects
      say("n", "rendered");
      return createElement(Waiting);
    };
    const App = () => {
      const [isShown, setShown] = useState(false);
      show = () => startTransition(() => setShown(true));
      return createElement(
        Suspense,
        { fallback: "waiting" },
        isShown ? createElement(Listener) : "none",
      );
    };
    const { container } = render(createElement(App), inMode(mode));
    wait = new Promise((resolve) => (arrive = resolve));
    await act(async () => show());
    expect(container.textContent).toBe("none");
    heard.length = 0;
    wait = undefined;
    await act(async () => arrive());
    say("n", 3);
    expect(heard[0]).toBe("rendered");
    expect(heard.at(-1)).toBe(3);
  });
});

describe("A render that is never shown", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("records for five seconds at most (REA-28)", () => {
    const { socket } = spokenSocket();
    const Listener = () => {
      useSocketEvent(socket, "n", () => {});
      throw new Promise(() => {});
    };
    const { unmount } = render(
      createElement(Suspense, { fallback: null }, createElement(Listener)),
    );
    expect(socket.listeners("n").length).toBe(1);
    unmount();
    vi.advanceTimersByTime(PATIENCE);
    expect(socket.listeners("n").length).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});
