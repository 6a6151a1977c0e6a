// @vitest-environment jsdom
import { act } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { TautlineError } from "../../../src/index.js";
import { useEvents } from "../../../src/react/index.js";
import { modes, quietly, renderIn, spokenSocket } from "../../support/react/rendering.js";

describe.each(modes)("useEvents (%s)", (mode) => {
  /** What waits for the next frame. */
  let frames: (() => void)[];

  beforeEach(() => {
    frames = [];
    vi.stubGlobal("requestAnimationFrame", (task: () => void) => frames.push(task));
    vi.stubGlobal("cancelAnimationFrame", () => {});
  });
  afterEach(() => {
    frame();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  const frame = () => act(() => frames.splice(0).forEach((task) => task()));

  it("renders once a frame, however many come, with the last of them (REA-32)", () => {
    const { socket, say } = spokenSocket();
    let renders = 0;
    const hook = renderIn(mode, () => {
      renders++;
      return useEvents(socket, "n", { limit: 3 });
    });
    frame();
    expect(hook.result.current).toEqual([]);
    const atFirst = renders;
    const each = mode === "plain" ? 1 : 2;
    for (let round = 1; round <= 10; round++) {
      for (let n = 0; n < 1000; n++) say("n", round, n);
      expect(frames.length).toBe(1);
      frame();
      expect(renders - atFirst).toBe(round * each);
      expect(hook.result.current).toEqual([997, 998, 999].map((n) => [round, n]));
    }
    say("n", 11, 0);
    frame();
    expect(hook.result.current).toEqual([
      [10, 998],
      [10, 999],
      [11, 0],
    ]);
  });

  it("makes one render of several lists", () => {
    const { socket, say } = spokenSocket();
    let renders = 0;
    const hook = renderIn(mode, () => {
      renders++;
      return [useEvents(socket, "a"), useEvents(socket, "b")] as const;
    });
    frame();
    const atFirst = renders;
    say("a", 1);
    say("b", 2);
    frame();
    expect(hook.result.current).toEqual([[[1]], [[2]]]);
    expect(renders - atFirst).toBe(mode === "plain" ? 1 : 2);
  });

  it("keeps a hundred when nothing is said, and any number with Infinity (REA-33)", () => {
    const { socket, say } = spokenSocket();
    const hook = renderIn(mode, () => [
      useEvents(socket, "n"),
      useEvents(socket, "n", { limit: Infinity }),
      useEvents(socket, "n", { limit: 0 }),
    ]);
    for (let n = 0; n < 5000; n++) say("n", n);
    frame();
    expect(hook.result.current.map((list) => [list.length, list.at(-1)])).toEqual([
      [100, [4999]],
      [5000, [4999]],
      [0, undefined],
    ]);
  });

  it("gives the same list until something comes (REA-34)", () => {
    const { socket, say } = spokenSocket();
    const hook = renderIn(mode, () => useEvents(socket, "n"));
    say("n", 1);
    frame();
    const list = hook.result.current;
    hook.rerender();
    frame();
    expect(hook.result.current).toBe(list);
  });

  it("begins anew with another socket or event", () => {
    const one = spokenSocket();
    const two = spokenSocket();
    const hook = renderIn(mode, ({ socket, event }) => useEvents(socket, event), {
      socket: one.socket,
      event: "a",
    });
    one.say("a", 1);
    frame();
    expect(hook.result.current).toEqual([[1]]);
    hook.rerender({ socket: two.socket, event: "a" });
    expect(hook.result.current).toEqual([]);
    one.say("a", 2);
    two.say("a", 3);
    frame();
    expect(hook.result.current).toEqual([[3]]);
    hook.rerender({ socket: two.socket, event: "b" });
    expect(hook.result.current).toEqual([]);
  });

  it("takes no timer while it is not shown any more", () => {
    const { socket, say } = spokenSocket();
    const hook = renderIn(mode, () => useEvents(socket, "n"));
    say("n", 1);
    hook.unmount();
    frame();
    say("n", 2);
    expect(frames).toEqual([]);
  });

  it("refuses a limit that is none", () => {
    const { socket } = spokenSocket();
    const rendering = () => renderIn(mode, () => useEvents(socket, "n", { limit: -1 }));
    expect(quietly(rendering)).toThrow(TautlineError);
  });
});
