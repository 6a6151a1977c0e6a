import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import type { UpgradeHost } from "../../../src/engine/parts.js";
import { Upgrade, upgradeTable, type UpgradeState } from "../../../src/engine/upgrade.js";
import { hostTimers, monotonicNow } from "../../../src/platform/browser.js";
import {
  deaf,
  type TransportFailure,
  type TransportSink,
} from "../../../src/transports/transport.js";
import { handshake, scriptedTransport } from "../../support/scripted-transport.js";
import { optionsFor } from "../../contract/transport-contract.js";

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

/** An upgrade from a scripted polling transport to a scripted WebSocket, and what its session is told. */
function setUp() {
  const log: string[] = [];
  const failures: TransportFailure[] = [];
  const Polling = scriptedTransport("polling", { streams: false });
  const Next = scriptedTransport("websocket");
  const current = new Polling(optionsFor("polling", 1));
  current.open();
  current.stand();
  const next = new Next(optionsFor("websocket", 1));
  const heard: unknown[] = [];
  /** The sink that the session gave to the transport which it has. */
  const session: TransportSink = {
    opened() {},
    text: (packet) => heard.push(String(packet)),
    binary: (data) => heard.push(data),
    drained() {},
    closed: ({ message }) => log.push(`failed: ${message}`),
  };
  current.sink = session;
  const host = {
    timers: hostTimers(),
    transport: current,
    handshake: { ...handshake, maxPayload: 0 },
    answered: (): void => void log.push("answered"),
  };
  const upgrade = new Upgrade(
    // without what a try on its own doesn't look at
    host as Partial<UpgradeHost> as UpgradeHost,
    next,
    (_next, failure) => {
      log.push(failure ? `abandoned: ${failure.message}` : "switched");
      if (failure) failures.push(failure);
    },
  );
  return { upgrade, current, next, log, heard, session, failures, host };
}

type Made = ReturnType<typeof setUp>;

/** The ways into each state. */
const enter: { [state in UpgradeState]: (made: Made) => void } = {
  idle: () => {},
  probing: ({ upgrade, next }) => {
    upgrade.start();
    next.stand();
  },
  pausing: (made) => {
    enter.probing(made);
    made.current.busy = true;
    made.next.say("3probe");
  },
  switching: (made) => {
    enter.pausing(made);
    made.current.busy = false;
    made.upgrade.proceed();
  },
  upgraded: (made) => {
    enter.switching(made);
    made.current.finishRetiring();
  },
  abandoned: (made) => {
    enter.probing(made);
    made.next.fail();
  },
};

/** What makes each event of the table happen. */
const cause: { [event: string]: (made: Made) => void } = {
  probe: ({ upgrade }) => upgrade.start(),
  pong: ({ next }) => void next.say("3probe"),
  paused: ({ current, upgrade }) => {
    current.busy = false;
    upgrade.proceed();
  },
  drained: ({ current }) => void current.finishRetiring(),
  probeLost: ({ next }) => void next.fail(),
  cancel: ({ upgrade }) => upgrade.cancel(),
};

const states = Object.keys(enter) as UpgradeState[];
const pairs = states.flatMap((state) => Object.keys(cause).map((event) => ({ state, event })));

describe("Upgrade", () => {
  it.each(states)("can be brought to the state %s", (state) => {
    const made = setUp();
    enter[state](made);
    expect(made.upgrade.state).toBe(state);
  });

  it.each(pairs)("follows its table on $event while $state", ({ state, event }) => {
    const made = setUp();
    enter[state](made);
    cause[event]?.(made);
    const rows = upgradeTable as Record<string, Record<string, UpgradeState>>;
    const listed = rows[state]?.[event];
    // a carrier that is lost after the switch is the session's loss
    const lostLate = event === "probeLost" && state === "switching" ? "abandoned" : undefined;
    const answer = event === "pong" && state === "probing" ? "switching" : undefined;
    expect(made.upgrade.state).toBe(answer ?? lostLate ?? listed ?? state);
  });

  it.each(states)("leaves no timer after it is cancelled while %s", (state) => {
    const made = setUp();
    enter[state](made);
    made.upgrade.cancel();
    expect(vi.getTimerCount()).toBe(0);
    expect(made.next.state).toBe(state === "upgraded" ? "open" : "closed");
  });

  it("probes, says that it moves, and hands over when the old transport is through", () => {
    const { upgrade, current, next, log, session } = setUp();
    upgrade.start();
    expect([next.state, next.sent]).toEqual(["opening", []]);
    next.stand();
    expect(next.sent).toEqual(["2probe"]);
    next.say("3probe");
    expect(next.sent).toEqual(["2probe", "5"]);
    expect([log, current.isRetired]).toEqual([["answered", "switched"], true]);
    expect(next.sink).not.toBe(session);
    current.finishRetiring();
    expect(log).toEqual(["answered", "switched"]);
    expect([next.sink, current.sink]).toEqual([session, deaf]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("waits for a POST that is under way before it says that it moves", () => {
    const made = setUp();
    enter.pausing(made);
    expect(made.next.sent).toEqual(["2probe"]);
    made.upgrade.proceed();
    expect(made.next.sent).toEqual(["2probe"]);
    made.current.busy = false;
    made.upgrade.proceed();
    expect(made.next.sent).toEqual(["2probe", "5"]);
  });

  it("waits for a poll that was begun just now, and lets writing go on meanwhile (UPG-3)", () => {
    const made = setUp();
    enter.probing(made);
    made.current.askedAt = monotonicNow();
    made.next.say("3probe");
    expect([made.upgrade.state, made.upgrade.isPausing, made.next.sent]).toEqual([
      "pausing",
      false,
      ["2probe"],
    ]);
    made.current.busy = true;
    made.current.finishRetiring();
    expect([made.upgrade.isPausing, made.next.sent]).toEqual([true, ["2probe"]]);
    made.current.busy = false;
    made.upgrade.proceed();
    expect([made.upgrade.state, made.next.sent]).toEqual(["upgraded", ["2probe", "5"]]);
    made.next.say("4a");
    expect(made.heard).toEqual(["4a"]);
  });

  it.each([
    ["50 ms", 30, 50],
    ["most of what the probe took", 200, 180],
  ])("gives a poll that was begun behind the probe %s to arrive", (_what, took, limit) => {
    const made = setUp();
    made.upgrade.start();
    vi.advanceTimersByTime(30);
    made.next.stand();
    vi.advanceTimersByTime(took);
    made.current.askedAt = monotonicNow();
    made.next.say("3probe");
    vi.advanceTimersByTime(limit - 1);
    expect([made.upgrade.isPausing, made.next.sent]).toEqual([false, ["2probe"]]);
    vi.advanceTimersByTime(1);
    expect([made.upgrade.state, made.next.sent]).toEqual(["switching", ["2probe", "5"]]);
  });

  it("doesn't wait for a poll that was begun before the probe", () => {
    const made = setUp();
    made.current.askedAt = monotonicNow();
    vi.advanceTimersByTime(1);
    enter.probing(made);
    made.next.say("3probe");
    expect([made.upgrade.state, made.next.sent]).toEqual(["switching", ["2probe", "5"]]);
  });

  it("gives a poll that was begun before the probe a request's time and a quarter to arrive", () => {
    const made = setUp();
    Object.assign(made.current, { askedAt: monotonicNow(), roundTrip: 100 });
    vi.advanceTimersByTime(1);
    enter.probing(made);
    made.next.say("3probe");
    vi.advanceTimersByTime(123);
    expect([made.upgrade.isPausing, made.next.sent]).toEqual([false, ["2probe"]]);
    vi.advanceTimersByTime(1);
    expect([made.upgrade.state, made.next.sent]).toEqual(["switching", ["2probe", "5"]]);
  });

  it("waits for the poll that it has let begin, not for one that came in before", () => {
    const made = setUp();
    enter.probing(made);
    made.current.finishRetiring();
    vi.advanceTimersByTime(50);
    made.current.askedAt = monotonicNow();
    made.next.say("3probe");
    expect([made.upgrade.state, made.upgrade.isPausing, made.next.sent]).toEqual([
      "pausing",
      false,
      ["2probe"],
    ]);
  });

  it("holds back the polls of the old transport once", () => {
    const made = setUp();
    const retire = vi.spyOn(made.current, "retire");
    enter.switching(made);
    expect(retire).toHaveBeenCalledOnce();
  });

  it("begins no poll while a near server answers, for a moment", () => {
    const made = setUp();
    enter.probing(made);
    expect(made.current.isRetired).toBe(true);
    vi.advanceTimersByTime(50);
    expect([made.upgrade.state, made.current.isRetired]).toEqual(["probing", false]);
    made.next.say("3probe");
    expect(made.current.isRetired).toBe(true);
  });

  it("lets the old transport poll again when the probe dies while it is waited for (UPG-5)", () => {
    const made = setUp();
    enter.pausing(made);
    expect(made.current.isRetired).toBe(true);
    made.next.fail();
    expect(made.current.isRetired).toBe(false);
  });

  it("tells the server nothing over a transport that it has left", () => {
    const made = setUp();
    enter.upgraded(made);
    expect([made.current.closes, made.current.silentCloses]).toEqual([1, 1]);
  });

  it("gives up when the class of the new transport throws", () => {
    const made = setUp();
    made.next.open = () => {
      throw new Error("can't");
    };
    made.upgrade.start();
    expect([made.upgrade.state, made.log]).toEqual(["abandoned", ["abandoned: websocket error"]]);
  });

  it("holds what comes over the new transport until the old one has had its say (UPG-8)", () => {
    const made = setUp();
    enter.switching(made);
    const data = new ArrayBuffer(1);
    made.next.say("4a");
    made.next.sink.binary(data);
    made.next.say("4b");
    expect(made.heard).toEqual([]);
    made.current.finishRetiring();
    made.next.say("4c");
    expect(made.heard).toEqual(["4a", data, "4b", "4c"]);
  });

  it.each(["", "3", "2", "3prob", "4x", '0{"sid":"x"}'])(
    "gives up when the probe is answered by %j",
    (answer) => {
      const made = setUp();
      enter.probing(made);
      made.next.say(answer);
      expect([made.upgrade.state, made.log]).toEqual(["abandoned", ["abandoned: probe error"]]);
    },
  );

  it("says what the failure was", () => {
    const wrong = setUp();
    enter.probing(wrong);
    wrong.next.say("4x");
    const late = setUp();
    enter.probing(late);
    vi.advanceTimersByTime(10_000);
    expect([...wrong.failures, ...late.failures]).toEqual([
      { kind: "error", message: "probe error", description: "not answered by a pong" },
      { kind: "error", message: "probe timeout" },
    ]);
  });

  it.each(["probing", "pausing"] as const)("has 10 s while %s (UPG-15)", (state) => {
    const made = setUp();
    enter[state](made);
    vi.advanceTimersByTime(9999);
    expect(made.upgrade.state).toBe(state);
    vi.advanceTimersByTime(1);
    expect(made.upgrade.state).toBe("abandoned");
  });

  it.each([
    [24, true],
    [25, false],
  ])(
    "after %i ms until the new transport is open, begins no poll for a moment: %s",
    (ms, holds) => {
      vi.advanceTimersByTime(1000);
      const made = setUp();
      made.upgrade.start();
      vi.advanceTimersByTime(ms);
      made.next.stand();
      expect(made.current.isRetired).toBe(holds);
      vi.advanceTimersByTime(49);
      expect(made.current.isRetired).toBe(holds);
      vi.advanceTimersByTime(1);
      expect([made.current.isRetired, made.upgrade.state]).toEqual([false, "probing"]);
    },
  );

  it("hands on nothing more once the session has gone on with another sink", () => {
    const made = setUp();
    enter.switching(made);
    made.session.text = (packet) => {
      made.heard.push(packet);
      made.next.sink = deaf;
    };
    made.next.say("4a").say("4b");
    made.current.finishRetiring();
    expect(made.heard).toEqual(["4a"]);
  });

  it("tells the server nothing when it leaves the old transport, also when it ends after the switch", () => {
    const ways: ((made: Made) => void)[] = [
      enter.upgraded,
      (made) => (enter.switching(made), made.upgrade.cancel()),
    ];
    for (const way of ways) {
      const made = setUp();
      way(made);
      expect([made.current.closes, made.current.silentCloses]).toEqual([1, 1]);
    }
  });

  it.each([0, 100])("does nothing more when who hears of the answer ends it, %i ms away", (ms) => {
    const made = setUp();
    made.upgrade.start();
    vi.advanceTimersByTime(ms);
    made.next.stand();
    const { isRetired } = made.current;
    made.host.answered = () => made.upgrade.cancel();
    made.next.say("3probe");
    expect([made.upgrade.state, made.next.sent, made.current.closes]).toEqual([
      "abandoned",
      ["2probe"],
      0,
    ]);
    expect(made.current.isRetired).toBe(isRetired);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("gives up when the probe is answered by binary data", () => {
    const made = setUp();
    enter.probing(made);
    made.next.sink.binary(new ArrayBuffer(1));
    expect(made.upgrade.state).toBe("abandoned");
  });

  it.each(["probing", "pausing"] as const)("gives up when nothing happens while %s", (state) => {
    const made = setUp();
    enter[state](made);
    vi.advanceTimersByTime(60_000);
    expect(made.upgrade.state).toBe("abandoned");
    expect(made.log.at(-1)).toBe("abandoned: probe timeout");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("loses the session when the last poll never comes in (UPG-9)", () => {
    const made = setUp();
    enter.switching(made);
    vi.advanceTimersByTime(handshake.pingTimeout);
    expect([made.upgrade.state, made.log.at(-1)]).toEqual([
      "abandoned",
      "failed: last poll timeout",
    ]);
  });

  it("loses the session when the new transport dies after the switch (UPG-9)", () => {
    const made = setUp();
    enter.switching(made);
    made.next.fail();
    expect(made.log.at(-1)).toBe("failed: websocket error");
    made.current.finishRetiring();
    expect(made.next.sink).not.toBe(made.session);
  });

  it.each(["cancelled", "lost"])("closes both transports when it is %s after the switch", (end) => {
    const made = setUp();
    enter.switching(made);
    if (end === "lost") made.next.fail();
    else made.upgrade.cancel();
    expect([made.next.state, made.current.state]).toEqual(["closed", "closed"]);
  });

  it("hands on what the old transport still has to say after the switch", () => {
    const made = setUp();
    enter.switching(made);
    const data = new ArrayBuffer(1);
    made.current.say("4a");
    made.current.sink.binary(data);
    expect(made.heard).toEqual(["4a", data]);
    made.current.fail();
    expect(made.log.at(-1)).toBe("failed: polling error");
  });

  it("leaves the old transport alone when the new one dies before", () => {
    const made = setUp();
    enter.pausing(made);
    made.next.fail();
    expect([made.log.at(-1), made.current.state, made.current.isRetired]).toEqual([
      "abandoned: websocket error",
      "open",
      false,
    ]);
  });

  it("takes no second failure of the new transport for that of the session", () => {
    const made = setUp();
    enter.probing(made);
    const { sink } = made.next;
    made.next.fail();
    sink.closed({ kind: "error", message: "again" });
    expect([made.log, made.current.state]).toEqual([["abandoned: websocket error"], "open"]);
  });

  it("says nothing when it is cancelled", () => {
    const made = setUp();
    enter.probing(made);
    made.upgrade.cancel();
    expect(made.log).toEqual([]);
  });
});
