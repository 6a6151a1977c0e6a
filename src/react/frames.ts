import { beforeFrame } from "../platform/browser.js";
import type { Cancel } from "../platform/platform.js";

const tasks = /* @__PURE__ */ new Set<Cancel>();
let stop: Cancel | undefined;

/** Runs `task` with the others before the next frame, so that they make one render. A task that waits already waits once. */
export function inFrame(task: () => void): Cancel {
  if (!tasks.size)
    stop = beforeFrame(() => {
      const due = [...tasks];
      tasks.clear();
      for (const run of due) run();
    });
  tasks.add(task);
  return () => {
    if (tasks.delete(task) && !tasks.size) stop?.();
  };
}
