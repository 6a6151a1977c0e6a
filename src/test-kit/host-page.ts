import { HostTarget } from "./host-events.js";
import type { VirtualTime } from "./virtual-time.js";

/** The page's address when its host has no pages: another origin than every server. */
const ADDRESS = "http://page.test/";

/** Events of the host. While the network is open, only the network fires them. */
const SIGNALS = [
  ...["online", "offline", "pageshow", "pagehide", "focus"],
  ...["visibilitychange", "resume"],
];

/** Milliseconds between two frames. */
const FRAME = 16;

interface Page {
  navigator?: object;
  location?: unknown;
  document?: object;
  addEventListener?: typeof addEventListener;
  removeEventListener?: typeof removeEventListener;
  requestAnimationFrame?: unknown;
}

/**
 * The properties and events of a page's host: the same in Node and in every browser, so that a seed gives the same run
 * everywhere.
 */
export class HostPage {
  isOnline = true;

  constructor(private readonly _time: VirtualTime) {
    const page = globalThis as Page;
    if (!page.navigator) _time.replace(globalThis, "navigator", {});
    // requests are checked for their origin, because a browser's own location cannot be replaced
    if (!page.location) _time.replace(globalThis, "location", new URL(ADDRESS));
    const { navigator, document } = globalThis as { navigator: object; document?: object };
    _time.replaceGetter(navigator, "onLine", () => this.isOnline);
    for (const name of ["connection", "permissions"]) this._hide(navigator, name);
    if (document) {
      _time.replaceGetter(document, "visibilityState", () => "visible");
      _time.replaceGetter(document, "hidden", () => false);
    }
    if (page.requestAnimationFrame) this._drawFrames();
    if (page.addEventListener) this._shield();
    else this._listen();
  }

  /** Fires an event of the host. A frozen page gets it when it wakes. */
  tell(type: string): void {
    const tell = (): unknown => globalThis.dispatchEvent(new Event(type));
    if (this._time.frozenUntil > this._time.now) this._time.tellAfter(0, tell);
    else tell();
  }

  private _hide(target: object, name: string): void {
    if (name in target) this._time.replaceGetter(target, name, () => undefined);
  }

  private _listen(): void {
    const events = new HostTarget([]);
    for (const name of ["addEventListener", "removeEventListener", "dispatchEvent"] as const)
      this._time.replace(globalThis, name, events[name].bind(events));
  }

  /** Hides the events of the real host. */
  private _shield(): void {
    const stop = (event: Event): void => {
      const { target } = event;
      const isOfPage = target === globalThis || target === (globalThis as Page).document;
      if (event.isTrusted && isOfPage) event.stopImmediatePropagation();
    };
    for (const type of SIGNALS) {
      globalThis.addEventListener(type, stop, true);
      this._time.onLeave(() => globalThis.removeEventListener(type, stop, true));
    }
  }

  private _drawFrames(): void {
    const time = this._time;
    time.replaceFunction(globalThis, "requestAnimationFrame", (task: (now: number) => void) =>
      setTimeout(() => task(performance.now()), FRAME),
    );
    time.replaceFunction(globalThis, "cancelAnimationFrame", (id: never) => clearTimeout(id));
  }
}
