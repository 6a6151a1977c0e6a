/**
 * What tests of the hooks share. A test file of them begins with `@vitest-environment jsdom`.
 *
 *   const hook = renderIn(mode, () => useSocket(url));
 *   hook.result.current.sendMessage("hello");
 */
import { cleanup, renderHook, type RenderHookResult, waitFor } from "@testing-library/react";
import { onTestFinished, vi } from "vitest";
import { io } from "../../../src/index.js";
import type { Socket } from "../../../src/index.js";

/** With and without the second round of renders and effects. */
export const modes = ["plain", "StrictMode"] as const;
export type RenderMode = (typeof modes)[number];

/** Options of `render` and `renderHook`. StrictMode must be the root itself: only then effects run twice. */
export const inMode = (mode: RenderMode) => ({ reactStrictMode: mode === "StrictMode" });

/** Renders a hook; what is rendered is gone at the end of the test. */
export function renderIn<R, P>(
  mode: RenderMode,
  hook: (props: P) => R,
  initialProps?: P,
): RenderHookResult<R, P> {
  onTestFinished(cleanup);
  const props = initialProps === undefined ? {} : { initialProps };
  return renderHook<R, P>(hook, { ...inMode(mode), ...(props as { initialProps: P }) });
}

/** For a render that is to throw: React and the page say so too. */
export function quietly(task: () => unknown): () => void {
  return () => {
    const silence = (event: Event): void => event.preventDefault();
    const said = vi.spyOn(console, "error").mockImplementation(() => {});
    addEventListener("error", silence);
    try {
      task();
    } finally {
      removeEventListener("error", silence);
      said.mockRestore();
    }
  };
}

/** Waits, outside of `act`, where React renders by itself. */
export function shown(condition: () => boolean): Promise<void> {
  return waitFor(
    () => {
      if (!condition()) throw new Error(`still waiting for ${condition}`);
    },
    { timeout: 15_000, interval: 5 },
  );
}

/** A socket that never connects, and hears what the test says. */
export interface SpokenSocket {
  socket: Socket;
  say(event: string, ...args: unknown[]): void;
}

export function spokenSocket(): SpokenSocket {
  const socket = io("http://nowhere.test", { autoConnect: false, forceNew: true });
  return { socket, say: (...args) => socket.tell(args, false) };
}
