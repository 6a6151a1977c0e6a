import { describe, expect, it, vi } from "vitest";
import { Manager } from "../../../src/index.js";
import { hold, HostLock } from "../../../src/shared/host-lock.js";
import { watchListeners } from "../../../src/shared/listening.js";
import { messageOf } from "../../../src/shared/messages.js";
import { pipe } from "../../../src/shared/pipe.js";
import { FakeBrowser } from "../../support/tabs.js";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const settle = async (): Promise<void> => {
  for (let i = 0; i < 4; i++) await turn();
};

describe("The events that an app listens to", () => {
  const socket = () => new Manager("http://127.0.0.1:9", { autoConnect: false }).socket("/");

  it("are known by name, and all of them with onAny() (SHR-19)", () => {
    const one = socket();
    const changed = vi.fn();
    const names = watchListeners(one, changed);
    const listener = (): void => {};
    one.on("a", listener).once("b", listener);
    one.addListener("c", listener);
    expect(names()).toEqual(["a", "b", "c"]);
    one.off("a", listener);
    expect(names()).toEqual(["b", "c"]);
    one.onAny(listener);
    expect(names()).toBeNull();
    one.offAny();
    one.removeAllListeners();
    expect(names()).toEqual([]);
    expect(changed).toHaveBeenCalledTimes(7);
  });

  it("are told of when a listener of once() has been called", () => {
    const one = socket();
    const names = watchListeners(one, () => {});
    one.once("a", () => {});
    one.tell(["a"], false);
    expect(names()).toEqual([]);
  });
});

describe("A pipe", () => {
  it("hands on in order, at the end of the tick, also what was posted before it was closed", async () => {
    const [near, far] = pipe() as [ReturnType<typeof pipe>[0], ReturnType<typeof pipe>[0]];
    const heard: unknown[] = [];
    far.onmessage = ({ data }) => heard.push(data);
    near.postMessage(1);
    near.postMessage(2);
    near.close();
    expect(heard).toEqual([]);
    await turn();
    expect(heard).toEqual([1, 2]);
    far.close();
    near.postMessage(3);
    await turn();
    expect(heard).toEqual([1, 2]);
  });
});

describe("The lock of a host", () => {
  const owner = () => ({ elected: vi.fn(), robbed: vi.fn(), refused: vi.fn() });

  it("goes to one after the other, and to who steals it", async () => {
    const browser = new FakeBrowser();
    const owners = [owner(), owner(), owner()] as const;
    const [first, second, third] = owners.map(
      (one) => new HostLock(browser.open().locks, "host", one),
    ) as [HostLock, HostLock, HostLock];
    first.ask();
    second.ask();
    await settle();
    expect(owners.map(({ elected }) => elected.mock.calls.length)).toEqual([1, 0, 0]);
    third.ask(true);
    await settle();
    expect(owners[0].robbed).toHaveBeenCalledOnce();
    expect(owners.map(({ elected }) => elected.mock.calls.length)).toEqual([1, 0, 1]);
    third.release();
    await settle();
    expect(owners.map(({ elected }) => elected.mock.calls.length)).toEqual([1, 1, 1]);
    second.release();
    await settle();
    expect(browser.held).toEqual([]);
    expect(owners.map(({ robbed }) => robbed.mock.calls.length)).toEqual([1, 0, 0]);
  });

  it("is not given to who does not ask any more, and is free when its tab crashes (SHR-20)", async () => {
    const browser = new FakeBrowser();
    const tab = browser.open();
    hold(tab.locks, "host");
    const late = owner();
    const lock = new HostLock(browser.open().locks, "host", late);
    lock.ask();
    await settle();
    lock.release();
    tab.crash();
    await settle();
    expect(late.elected).not.toHaveBeenCalled();
    expect(browser.held).toEqual([]);
  });

  it("is free again when it is let go by who is told that it is held", async () => {
    const browser = new FakeBrowser();
    const release: () => void = hold(browser.open().locks, "host", () => release());
    await settle();
    expect(browser.held).toEqual([]);
  });

  it("is refused where the page may have none", async () => {
    const tab = new FakeBrowser().open();
    tab.lockError = new DOMException("no", "SecurityError");
    const one = owner();
    new HostLock(tab.locks, "host", one).ask();
    await settle();
    expect(one.refused).toHaveBeenCalledOnce();
    expect(one.robbed).not.toHaveBeenCalled();
  });
});

describe("A message", () => {
  it.each([null, 1, "a", {}, { length: 2 }, new Map()])(
    "of the shape of %j is empty (SHR-41)",
    (data) => {
      expect(messageOf(data)).toEqual([]);
    },
  );
});
