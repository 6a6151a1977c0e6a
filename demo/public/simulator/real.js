/** The page's own frames and clock. The network takes their place in the page while it is open: this module comes before it. */
const page = globalThis;
export const nextFrame = page.requestAnimationFrame.bind(page);
export const realNow = performance.now.bind(performance);
