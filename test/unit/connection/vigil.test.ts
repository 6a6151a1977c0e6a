import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { Vigil, type Watched } from "../../../src/connection/vigil.js";
import { TautlineError } from "../../../src/errors.js";
import type { ProbeAnswer } from "../../../src/pipeline/line.js";
import { hostTimers } from "../../../src/platform/browser.js";
import { elapse } from "../../support/clock.js";
import { networkDouble } from "../../support/network-double.js";

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

function setUp() {
  const log: string[] = [];
  const probes: ProbeAnswer[] = [];
  const watched = {
    timers: hostTimers(),
    isOpen: true as boolean,
    heard: 0,
    probeTimeout: 2000,
    probe: (answered: ProbeAnswer) => void probes.push(answered),
    wake: () => void log.push("wake"),
    networkChanged: () => void log.push("networkChanged"),
    networkLost: () => void log.push("networkLost"),
    sleep: () => void log.push("sleep"),
    prove: () => void log.push("prove"),
    silent: () => void log.push("silent"),
  } satisfies Watched;
  const network = networkDouble();
  const vigil = new Vigil(network, watched);
  vigil.start();
  return { log, probes, watched, network, vigil };
}

describe("Vigil", () => {
  it("subscribes once, and lets go", () => {
    const { vigil, network } = setUp();
    vigil.start();
    expect(network.subscribers).toBe(1);
    vigil.stop();
    vigil.stop();
    expect(network.subscribers).toBe(0);
  });

  it("subscribes to nothing where there is nothing to subscribe to", () => {
    const { watched } = setUp();
    const vigil = new Vigil(false, watched);
    expect(() => {
      vigil.start();
      vigil.stop();
    }).not.toThrow();
  });

  it("hears nothing of what a careless host tells it after it has let go", () => {
    const { vigil, network, log, probes } = setUp();
    vigil.stop();
    network.leak("wake");
    expect([log, probes]).toEqual([[], []]);
  });

  it("believes that the network is gone until it hears of it again, but not because of a wake", () => {
    const { vigil, network } = setUp();
    const seen = (["offline", "wake", "online", "offline", "networkchange"] as const).map(
      (event) => {
        network.tell(event);
        return vigil.isOffline;
      },
    );
    expect(seen).toEqual([true, true, false, true, false]);
    network.tell("offline");
    vigil.stop();
    expect(vigil.isOffline).toBe(false);
  });

  it("forgets at once what was learnt of another network, and wakes a little later (TRA-24, SIG-17)", () => {
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    onTestFinished(() => void vi.restoreAllMocks());
    const { network, log } = setUp();
    network.tell("networkchange");
    vi.advanceTimersByTime(124);
    expect(log).toEqual(["networkChanged"]);
    vi.advanceTimersByTime(1);
    expect(log).toEqual(["networkChanged", "wake"]);
  });

  describe("in doubt", () => {
    it("asks once, and believes an answer", () => {
      const { vigil, log, probes } = setUp();
      vigil.doubt();
      vigil.doubt();
      expect([vigil.isDoubting, probes.length]).toEqual([true, 1]);
      probes[0]?.();
      expect([vigil.isDoubting, log, vi.getTimerCount()]).toEqual([false, ["prove"], 0]);
    });

    it("believes whatever came in", () => {
      const { vigil, watched, log } = setUp();
      vigil.doubt();
      watched.heard++;
      vi.advanceTimersByTime(2000);
      expect([vigil.isDoubting, log]).toEqual([false, ["prove"]]);
    });

    it("tells of silence when the time is over, while it is still in doubt", () => {
      const { vigil, watched, log } = setUp();
      watched.silent = () => void log.push(`silent ${vigil.isDoubting}`);
      vigil.doubt();
      vi.advanceTimersByTime(1999);
      expect(log).toEqual([]);
      vi.advanceTimersByTime(1);
      expect(log).toEqual(["silent true"]);
    });

    it("asks again when it was frozen with its page, for so was the answer", () => {
      const { vigil, log, probes } = setUp();
      vigil.doubt();
      elapse(60_000);
      vi.advanceTimersByTime(2000);
      expect([log, probes.length, vigil.isDoubting]).toEqual([[], 2, true]);
      vi.advanceTimersByTime(2000);
      expect(log).toEqual(["silent"]);
    });

    it("takes neither an error nor a late answer for one", () => {
      const { vigil, log, probes } = setUp();
      vigil.doubt();
      probes[0]?.(new TautlineError("disconnected", "x"));
      expect([vigil.isDoubting, log]).toEqual([true, []]);
      vigil.rest();
      probes[0]?.();
      expect([vigil.isDoubting, log, vi.getTimerCount()]).toEqual([false, [], 0]);
    });

    it("asks nothing of a connection that isn't open", () => {
      const { vigil, watched, probes } = setUp();
      watched.isOpen = false;
      vigil.doubt();
      expect([vigil.isDoubting, probes.length]).toEqual([false, 0]);
    });
  });
});
