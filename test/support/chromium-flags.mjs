/** How every test and benchmark starts its Chromium: it calls nobody but the servers of the test, and needs no graphics hardware. */
export const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** What Puppeteer adds by itself, and has to leave out where hidden tabs are to be throttled as on a desk. */
export const UNTHROTTLING_FLAGS = [
  "--disable-background-timer-throttling",
  "--disable-backgrounding-occluded-windows",
  "--disable-renderer-backgrounding",
];
