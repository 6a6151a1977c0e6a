/** What Node's fetch and WebSocket send their requests with. To extend: it knows the place where undici keeps it, and no more. */
import { onTestFinished } from "vitest";

const KEY = Symbol.for("undici.globalDispatcher.1");
const place = globalThis as { [KEY]?: object | undefined };

/** The class of Node's own, which Node doesn't export. */
export function agentClass(): new (options: object) => object {
  // makes Node set it up
  void globalThis.fetch;
  void new Request("http://a.test");
  return (place[KEY] as object).constructor as never;
}

/** For the rest of the test. */
export function setDispatcher(dispatcher: object | undefined): void {
  const before = place[KEY];
  place[KEY] = dispatcher;
  onTestFinished(() => {
    place[KEY] = before;
  });
}
