import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { browserSignals } from "../../../src/platform/browser-signals.js";
import type { NetworkEvent } from "../../../src/index.js";

/** An EventTarget that knows how many listen. */
class Target extends EventTarget {
  listeners = 0;
  override addEventListener(...args: Parameters<EventTarget["addEventListener"]>): void {
    this.listeners++;
    super.addEventListener(...args);
  }
  override removeEventListener(...args: Parameters<EventTarget["removeEventListener"]>): void {
    this.listeners--;
    super.removeEventListener(...args);
  }
  fire(type: string, fields: object = {}): void {
    this.dispatchEvent(Object.assign(new Event(type), fields));
  }
}

const page = {
  window: new Target(),
  document: new Target() as Target & { visibilityState: string },
  connection: new Target() as Target & { type?: string | undefined },
};

function changeTo(type: string | undefined): void {
  page.connection.type = type;
  page.connection.fire("change");
}

function subscribe(): { heard: NetworkEvent[]; stop: () => void } {
  const heard: NetworkEvent[] = [];
  const stop = browserSignals.subscribe((event) => heard.push(event));
  return { heard, stop };
}

beforeEach(() => {
  page.window = new Target();
  page.document = Object.assign(new Target(), { visibilityState: "visible" });
  page.connection = Object.assign(new Target(), { type: "wifi" });
  const { window } = page;
  vi.stubGlobal("addEventListener", window.addEventListener.bind(window));
  vi.stubGlobal("removeEventListener", window.removeEventListener.bind(window));
  vi.stubGlobal("document", page.document);
  vi.stubGlobal("navigator", { connection: page.connection });
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("browserSignals", () => {
  const told: { what: string; fire: () => void; signal: NetworkEvent[] }[] = [
    { what: "online", fire: () => page.window.fire("online"), signal: ["online"] },
    { what: "offline", fire: () => page.window.fire("offline"), signal: ["offline"] },
    {
      what: "pageshow from the page cache",
      fire: () => page.window.fire("pageshow", { persisted: true }),
      signal: ["wake"],
    },
    {
      what: "the first pageshow",
      fire: () => page.window.fire("pageshow", { persisted: false }),
      signal: [],
    },
    {
      what: "pagehide into the page cache",
      fire: () => page.window.fire("pagehide", { persisted: true }),
      signal: ["sleep"],
    },
    {
      what: "pagehide for good",
      fire: () => page.window.fire("pagehide", { persisted: false }),
      signal: [],
    },
    { what: "visible", fire: () => page.document.fire("visibilitychange"), signal: ["wake"] },
    {
      what: "hidden",
      fire: () => {
        page.document.visibilityState = "hidden";
        page.document.fire("visibilitychange");
      },
      signal: [],
    },
    { what: "resume", fire: () => page.document.fire("resume"), signal: ["wake"] },
    {
      what: "resume while it is still hidden",
      fire: () => {
        page.document.visibilityState = "hidden";
        page.document.fire("resume");
      },
      signal: ["wake"],
    },
    { what: "freeze", fire: () => page.document.fire("freeze"), signal: [] },
    {
      what: "another kind of network",
      fire: () => changeTo("cellular"),
      signal: ["networkchange"],
    },
    { what: "another speed of the same", fire: () => changeTo("wifi"), signal: [] },
    { what: "a network that is gone", fire: () => changeTo("none"), signal: [] },
    { what: "a kind that is not told", fire: () => changeTo(undefined), signal: [] },
    { what: "a kind that is not known", fire: () => changeTo("unknown"), signal: [] },
    {
      what: "the same network that is back",
      fire: () => {
        changeTo("none");
        changeTo("wifi");
      },
      signal: [],
    },
    { what: "focus", fire: () => page.window.fire("focus"), signal: [] },
  ];

  it.each(told)("tells of $what: $signal (SIG-19)", ({ fire, signal }) => {
    const { heard, stop } = subscribe();
    fire();
    stop();
    expect(heard).toEqual(signal);
  });

  it("tells nothing any more, and listens to nothing, when it is undone", () => {
    const { heard, stop } = subscribe();
    expect(page.window.listeners).toBeGreaterThan(0);
    stop();
    for (const { fire } of told) fire();
    expect(heard).toEqual([]);
    expect([page.window, page.document, page.connection].map(({ listeners }) => listeners)).toEqual(
      [0, 0, 0],
    );
  });

  it("tells each of several listeners, and undoes one of them", () => {
    const [first, second] = [subscribe(), subscribe()];
    first.stop();
    page.window.fire("online");
    second.stop();
    expect([first.heard, second.heard]).toEqual([[], ["online"]]);
  });

  it("listens to the page once for all, until the last one is undone (SIG-24)", () => {
    const counts = () =>
      [page.window, page.document, page.connection].map(({ listeners }) => listeners);
    const first = subscribe();
    const alone = counts();
    const second = subscribe();
    expect(counts()).toEqual(alone);
    first.stop();
    first.stop();
    expect(counts()).toEqual(alone);
    second.stop();
    second.stop();
    expect(counts()).toEqual([0, 0, 0]);
    const third = subscribe();
    page.window.fire("online");
    third.stop();
    expect(third.heard).toEqual(["online"]);
  });

  it("tells the others when a listener throws, and the host of the error", () => {
    const reportError = vi.fn();
    vi.stubGlobal("reportError", reportError);
    const error = new Error("the app's");
    const stop = browserSignals.subscribe(() => {
      throw error;
    });
    const { heard, stop: stopSecond } = subscribe();
    page.window.fire("online");
    stop();
    stopSecond();
    expect(heard).toEqual(["online"]);
    expect(reportError.mock.calls).toEqual([[error]]);
  });

  it("doesn't tell one that was undone meanwhile, nor one that came meanwhile", () => {
    const late: ReturnType<typeof subscribe>[] = [];
    const stop = browserSignals.subscribe(() => {
      second.stop();
      late.push(subscribe());
    });
    const second = subscribe();
    page.window.fire("online");
    stop();
    for (const one of late) one.stop();
    expect([second.heard, late.map(({ heard }) => heard)]).toEqual([[], [[]]]);
  });

  it.each([
    { way: "forward, as after sleep", ms: 60_000 },
    { way: "back, as when it is set", ms: -60_000 },
  ])("tells, when the window gets the focus, of a clock that jumped $way (SIG-20)", ({ ms }) => {
    vi.useFakeTimers({ toFake: ["Date", "performance"] });
    const { heard, stop } = subscribe();
    vi.setSystemTime(Date.now() + ms);
    page.window.fire("focus");
    expect(heard).toEqual(["wake"]);
    page.window.fire("focus");
    expect(heard).toEqual(["wake"]);
    stop();
  });

  it("doesn't take time that passes for a clock that jumped", () => {
    vi.useFakeTimers({ toFake: ["Date", "performance"] });
    const { heard, stop } = subscribe();
    vi.advanceTimersByTime(60_000);
    page.window.fire("focus");
    stop();
    expect(heard).toEqual([]);
  });

  it("knows of no jump where the page has no time of its own", () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    vi.stubGlobal("performance", undefined);
    const { heard, stop } = subscribe();
    vi.setSystemTime(Date.now() + 60_000);
    page.window.fire("focus");
    stop();
    expect(heard).toEqual([]);
  });

  it.each(["addEventListener", "document", "navigator", "performance"])(
    "does without %s",
    (name) => {
      vi.stubGlobal(name, undefined);
      const { heard, stop } = subscribe();
      page.window.fire("online");
      stop();
      expect(heard).toEqual(name === "addEventListener" ? [] : ["online"]);
    },
  );

  describe("on events that come in crowds", () => {
    beforeEach(() => void vi.useFakeTimers());

    it("tells of no more network changes than one a second, and of the last (SIG-21)", () => {
      const { heard, stop } = subscribe();
      for (let i = 0; i < 95; i++) {
        changeTo(i % 2 ? "wifi" : "cellular");
        vi.advanceTimersByTime(100);
      }
      expect(heard).toHaveLength(10);
      vi.advanceTimersByTime(2000);
      expect(heard).toHaveLength(11);
      vi.advanceTimersByTime(60_000);
      stop();
      expect(heard).toEqual(Array(11).fill("networkchange"));
    });

    it("leaves no timer when it is undone", () => {
      const { stop } = subscribe();
      changeTo("cellular");
      changeTo("wifi");
      expect(vi.getTimerCount()).toBe(1);
      stop();
      expect(vi.getTimerCount()).toBe(0);
      const next = subscribe();
      changeTo("cellular");
      next.stop();
      expect(next.heard).toEqual(["networkchange"]);
    });

    it("wakes no more than once a second (SIG-22)", () => {
      const { heard, stop } = subscribe();
      for (let i = 0; i < 100; i++) {
        page.document.fire("visibilitychange");
        vi.advanceTimersByTime(100);
      }
      stop();
      expect(heard).toEqual(Array(10).fill("wake"));
    });

    it("tells of each offline and online", () => {
      const { heard, stop } = subscribe();
      for (const type of ["offline", "online", "offline"]) page.window.fire(type);
      stop();
      expect(heard).toEqual(["offline", "online", "offline"]);
    });

    it("wakes once when the page comes back from the page cache, however soon", () => {
      const { heard, stop } = subscribe();
      for (let round = 0; round < 2; round++) {
        page.window.fire("pagehide", { persisted: true });
        page.document.fire("resume");
        page.window.fire("pageshow", { persisted: true });
        page.document.fire("visibilitychange");
        page.window.fire("focus");
      }
      stop();
      expect(heard).toEqual(["sleep", "wake", "sleep", "wake"]);
    });
  });
});
