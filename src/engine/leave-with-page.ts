import { listenTo } from "../platform/browser.js";
import type { Cancel, Timers } from "../platform/platform.js";

/**
 * Closes when the page is about to be left.
 *
 * @param stayed - called in the next task, which runs only if the user stays
 */
export function leaveWithPage(timers: Timers, close: () => void, stayed: () => void): Cancel {
  let cancel: Cancel | undefined;
  const stop = listenTo(globalThis, "beforeunload", () => {
    close();
    cancel = timers.after(0, stayed);
  });
  return () => {
    stop();
    cancel?.();
  };
}
