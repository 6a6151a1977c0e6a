import { beforeFrame } from "../platform/browser.js";

const tasks = /* @__PURE__ */ new Set<() => void>();

/** Runs `task` with the others before the next frame, so that they make one render. A task that waits already waits once. */
export function inFrame(task: () => void): void {
  if (!tasks.size)
    beforeFrame(() => {
      const due = [...tasks];
      tasks.clear();
      for (const run of due) run();
    });
  tasks.add(task);
}
