/** `tautline/server` is written for Node, and takes this of it. The demo's server puts it in the place of `process`. */
export const process = globalThis.process ?? {
  nextTick: (task, ...args) => queueMicrotask(() => task(...args)),
  emitWarning: (warning) => console.warn(String(warning)),
};
