/** Bytes in use on the heap after a full collection; needs --expose-gc, and in Chromium precise memory figures. */
export async function heapUsed() {
  for (let pass = 0; pass < 4; pass++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  const used = globalThis.process?.memoryUsage?.().heapUsed;
  return used ?? performance.memory.usedJSHeapSize;
}
