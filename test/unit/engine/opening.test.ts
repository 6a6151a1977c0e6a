import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { Connector } from "../../../src/engine/connector.js";
import { diagnosis } from "../../../src/engine/diagnosis.js";
import { inOrder, Opening } from "../../../src/engine/opening.js";
import { TransportMemory } from "../../../src/engine/memory.js";
import type { EngineParts, Outage } from "../../../src/engine/parts.js";
import type { TautlineError } from "../../../src/errors.js";
import { hostTimers } from "../../../src/platform/browser.js";
import { scriptedTransport } from "../../support/scripted-transport.js";

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
});

function setUp(parts: EngineParts = {}, outage: Outage = new Map()) {
  const Scripted = scriptedTransport("polling");
  const timers = hostTimers();
  const connector = new Connector("http://o.test", { transports: [Scripted] }, {}, timers);
  const failed = vi.fn<(error: TautlineError) => void>();
  const opening = new Opening(connector, { parts, timers, outage }, undefined, {
    trying() {},
    won() {},
    failed,
  });
  return { opening, failed, Scripted };
}

describe("Opening", () => {
  it("reports at once where no diagnosis was handed in", () => {
    const { opening, failed, Scripted } = setUp();
    opening.start();
    Scripted.latest.fail();
    expect(failed).toHaveBeenCalledOnce();
  });

  it.each(["file:", "about:", "blob:"])("reports at once on a page from %s", async (protocol) => {
    vi.stubGlobal("location", { protocol, host: "" });
    vi.stubGlobal("document", {});
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("failed")));
    const { opening, failed, Scripted } = setUp({ diagnosis });
    opening.start();
    Scripted.latest.fail();
    await vi.advanceTimersByTimeAsync(0);
    expect(failed.mock.calls).toMatchObject([[{ code: "unreachable" }]]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("does without a diagnosis that takes too long, or fails", async () => {
    const stop = vi.fn();
    for (const [investigate, ms] of [
      [() => new Promise<never>(() => {}), 2000],
      [() => Promise.reject(new Error("bug")), 0],
    ] as const) {
      const { opening, failed, Scripted } = setUp({ diagnosis: () => ({ investigate, stop }) });
      opening.start();
      Scripted.latest.fail();
      await vi.advanceTimersByTimeAsync(ms);
      expect(failed).toHaveBeenCalledOnce();
    }
    expect(stop).toHaveBeenCalledTimes(2);
  });

  it("says nothing more once it was stopped, or a diagnosis came too late", async () => {
    let tell = (_finding: undefined): void => {};
    const investigate = (): Promise<undefined> => new Promise((resolve) => (tell = resolve));
    const parts = { diagnosis: () => ({ investigate, stop() {} }) };
    const late = setUp(parts);
    late.opening.start();
    late.Scripted.latest.fail();
    await vi.advanceTimersByTimeAsync(2000);
    tell(undefined);
    await vi.advanceTimersByTimeAsync(0);
    expect(late.failed).toHaveBeenCalledOnce();
    const stopped = setUp(parts);
    stopped.opening.start();
    stopped.Scripted.latest.fail();
    stopped.opening.stop();
    tell(undefined);
    await vi.advanceTimersByTimeAsync(5000);
    expect(stopped.failed).not.toHaveBeenCalled();
  });

  it("may be stopped before it begins", () => {
    const { opening, failed, Scripted } = setUp();
    opening.stop();
    expect([failed.mock.calls, Scripted.opened]).toEqual([[], []]);
  });

  it("hands on what is known already", async () => {
    const investigate = vi.fn(() => Promise.resolve(undefined));
    const outage: Outage = new Map();
    const { opening, Scripted } = setUp({ diagnosis: () => ({ investigate, stop() {} }) }, outage);
    opening.start();
    Scripted.latest.fail();
    await vi.advanceTimersByTimeAsync(0);
    expect(investigate).toHaveBeenCalledOnce();
    expect((investigate.mock.calls[0] as unknown[])[2]).toBe(outage);
  });
});

describe("Opening > what joins when", () => {
  function race(names: string[], options = {}) {
    const opened: string[] = [];
    const Classes = names.map((name) =>
      scriptedTransport(name, { played: () => opened.push(name) }),
    );
    const timers = hostTimers();
    const connector = new Connector(
      "http://o.test",
      { transports: Classes, ...options },
      {},
      timers,
    );
    const failed = vi.fn<(error: TautlineError) => void>();
    const outcome = { trying() {}, won() {}, failed };
    const opening = new Opening(
      connector,
      { parts: {}, timers, outage: new Map() },
      undefined,
      outcome,
    );
    opening.start();
    return { opening, opened, failed, Classes };
  }

  it("is the second transport after a second, by default (TRA-7)", () => {
    const { opened } = race(["websocket", "polling"]);
    vi.advanceTimersByTime(999);
    expect(opened).toEqual(["websocket"]);
    vi.advanceTimersByTime(1);
    expect(opened).toEqual(["websocket", "polling"]);
  });

  it("is nothing beside polling, whatever `fallbackDelay` says (TRA-55)", () => {
    const { opened, Classes } = race(["polling", "websocket"], { fallbackDelay: 0 });
    vi.advanceTimersByTime(3_600_000);
    expect(opened).toEqual(["polling"]);
    Classes[0]?.latest.fail();
    expect(opened).toEqual(["polling", "websocket"]);
  });

  it("is nothing once it was given up, and what was silent is an attempt (CON-9)", () => {
    const { opening, opened, failed, Classes } = race(["websocket", "polling"]);
    vi.advanceTimersByTime(500);
    opening.giveUp();
    vi.advanceTimersByTime(60_000);
    expect([opened, Classes[0]?.latest.state]).toEqual([["websocket"], "closed"]);
    const [[error]] = failed.mock.calls as [[TautlineError]];
    expect(error).toMatchObject({
      code: "timeout",
      message: "timeout",
      attempts: [{ transport: "websocket", ms: 500, code: "timeout" }],
    });
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("inOrder", () => {
  const names = (list: string[], memory: TransportMemory | undefined, options = {}): string[] => {
    const connector = { candidates: () => list.map((name) => ({ name })), options };
    return inOrder(connector as unknown as Connector, memory).map(({ name }) => name);
  };
  const remember = { rememberUpgrade: true };

  it("is that of the list where nothing is known", () => {
    const memory = new TransportMemory("http://order-1.test/");
    for (const known of [undefined, memory])
      expect(names(["polling", "websocket"], known, remember)).toEqual(["polling", "websocket"]);
  });

  it("puts last what failed lately (TRA-53)", () => {
    const memory = new TransportMemory("http://order-2.test/");
    memory.note("websocket", false);
    expect(names(["websocket", "polling"], memory)).toEqual(["polling", "websocket"]);
    expect(names(["websocket"], memory)).toEqual(["websocket"]);
  });

  it("puts first a stream that worked lately, with rememberUpgrade (TRA-54)", () => {
    const memory = new TransportMemory("http://order-3.test/");
    memory.note("websocket", true);
    memory.note("polling", true);
    expect(names(["polling", "websocket"], memory, remember)).toEqual(["websocket", "polling"]);
    expect(names(["polling", "websocket"], memory)).toEqual(["polling", "websocket"]);
  });
});
