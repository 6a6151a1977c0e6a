import { browserIsRequired, findBrowser, missingBrowser } from "./browser-path.ts";

/** Global setup of the browser tests: says once why they are skipped, and how to have them run. */
export default function setup(): void {
  if (!findBrowser() && !browserIsRequired) console.warn(`\n${missingBrowser}\n`);
}
