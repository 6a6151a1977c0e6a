/**
 * Runs `work` and tells how long the event loop was blocked at most, in milliseconds, until `done()` holds.
 * It looks at every turn of the loop through a MessageChannel, which nothing throttles.
 */
export function longestBlock(work, done, limitMs = 60_000) {
  return new Promise((resolve, reject) => {
    const { port1, port2 } = new MessageChannel();
    let longest = 0;
    const started = performance.now();
    let last = started;
    const finish = (settle, value) => {
      port1.close();
      port2.close();
      settle(value);
    };
    port1.onmessage = () => {
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
      if (done()) finish(resolve, longest);
      else if (now - started > limitMs) finish(reject, new Error("the work did not end"));
      else port2.postMessage(undefined);
    };
    // The first look comes after the work, so that work done at once is seen as well.
    port2.postMessage(undefined);
    last = performance.now();
    work();
  });
}
