import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { TransportMemory } from "../../../src/engine/memory.js";
import { Race } from "../../../src/engine/race.js";
import { hostTimers } from "../../../src/platform/browser.js";
import { optionsFor } from "../../contract/transport-contract.js";
import { scriptedTransport } from "../../support/scripted-transport.js";

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

let count = 0;

function setUp(names: string[], headStart = 1000, options = {}) {
  const log: string[] = [];
  const classes = names.map((name) => scriptedTransport(name, options));
  const memory = new TransportMemory(`http://race-${++count}.test/`);
  const race = new Race(
    {
      candidates: names.map((name, at) => ({
        name,
        create: () => new (classes[at] as (typeof classes)[number])(optionsFor(name, 1)),
      })),
      headStart,
      memory,
      timers: hostTimers(),
    },
    {
      trying: ({ name }) => log.push(`trying ${name}`),
      won: ({ name }, { sid }) => log.push(`won ${name} ${sid}`),
      lost: (failures) => log.push(`lost ${failures.map(({ message }) => message).join()}`),
    },
  );
  const the = (name: string) => {
    const made = classes[names.indexOf(name)]?.latest;
    if (!made) throw new Error(`${name} doesn't run`);
    return made;
  };
  const codes = () => race.attempts.map(({ transport, code }) => `${transport} ${code}`);
  return { race, log, memory, the, codes };
}

describe("Race", () => {
  it("is won by the first that shakes hands, without the others being tried (TRA-4)", () => {
    const { race, log, the, memory } = setUp(["websocket", "polling"]);
    race.start();
    vi.advanceTimersByTime(20);
    the("websocket").shakeHands({ sid: "a" });
    expect(log).toEqual(["trying websocket", "won websocket a"]);
    expect(memory.recall("websocket")).toMatchObject({ worked: true });
    expect(vi.getTimerCount()).toBe(0);
  });

  it("goes on at once when one fails, and holds it against it when another works (TRA-6)", () => {
    const { race, log, the, memory, codes } = setUp(["websocket", "polling"]);
    race.start();
    the("websocket").fail({ status: 502 });
    expect(log).toEqual(["trying websocket", "trying polling"]);
    the("polling").shakeHands();
    expect(log.at(-1)).toBe("won polling session");
    expect(codes()).toEqual(["websocket websocket-blocked"]);
    expect(memory.recall("websocket")?.worked).toBe(false);
  });

  it("lets the next one join when the first is silent, and takes whichever is first (TRA-7)", () => {
    const { race, log, the, memory } = setUp(["websocket", "polling"]);
    race.start();
    vi.advanceTimersByTime(1000);
    expect(log).toEqual(["trying websocket", "trying polling"]);
    the("polling").shakeHands();
    expect(log.at(-1)).toBe("won polling session");
    expect([the("websocket").state, memory.recall("websocket")?.worked]).toEqual(["closed", false]);
  });

  it("may be won by the slow one, which is not blamed (TRA-8)", () => {
    const { race, log, the, memory } = setUp(["websocket", "polling"]);
    race.start();
    vi.advanceTimersByTime(1001);
    the("websocket").shakeHands();
    expect([log.at(-1), the("polling").state]).toEqual(["won websocket session", "closed"]);
    expect([memory.recall("websocket")?.worked, memory.recall("polling")]).toEqual([
      true,
      undefined,
    ]);
  });

  it("tries all at once without a head start (TRA-9)", () => {
    const { race, log } = setUp(["a", "b", "c"], 0);
    race.start();
    vi.runAllTimers();
    expect(log).toEqual(["trying a", "trying b", "trying c"]);
  });

  it("tries one after the other with an endless head start (TRA-10)", () => {
    const { race, log, the } = setUp(["polling", "websocket"], Infinity);
    race.start();
    vi.advanceTimersByTime(3_600_000);
    expect(log).toEqual(["trying polling"]);
    the("polling").fail();
    expect(log).toEqual(["trying polling", "trying websocket"]);
  });

  it("is lost when all have failed, and blames nobody (TRA-14)", () => {
    const { race, log, the, memory, codes } = setUp(["websocket", "polling"]);
    race.start();
    the("websocket").fail();
    the("polling").fail({ message: "xhr poll error" });
    expect(log.at(-1)).toBe("lost websocket error,xhr poll error");
    expect(codes()).toEqual(["websocket unreachable", "polling unreachable"]);
    expect([memory.recall("websocket"), vi.getTimerCount()]).toEqual([undefined, 0]);
  });

  it("is lost after the last, even if an earlier one fails later", () => {
    const { race, log, the } = setUp(["websocket", "polling"]);
    race.start();
    vi.advanceTimersByTime(1000);
    the("polling").fail();
    expect(log).not.toContain("lost xhr poll error");
    the("websocket").fail();
    expect(log.at(-1)).toBe("lost polling error,websocket error");
  });

  it.each([
    ["an echo server's greeting", "hello", "not-socketio"],
    ["an old server's handshake", '96:0{"sid":"x"}', "unsupported-version"],
    ["another packet", "40", "not-socketio"],
    ["nothing", "", "not-socketio"],
  ])("takes %s for no handshake", (_what, text, code) => {
    const { race, log, the, codes } = setUp(["websocket"]);
    race.start();
    the("websocket").stand().say(text);
    expect([log.at(-1), codes()]).toEqual(["lost websocket error", [`websocket ${code}`]]);
    expect(the("websocket").state).toBe("closed");
  });

  it("takes binary data for no handshake", () => {
    const { race, the, codes } = setUp(["websocket"]);
    race.start();
    the("websocket").stand().sink.binary(new ArrayBuffer(1));
    expect(codes()).toEqual(["websocket not-socketio"]);
  });

  it("doesn't wait for an open but silent WebSocket where HTTP is answered by somebody else", () => {
    const { race, log, the, codes } = setUp(["websocket", "polling"]);
    race.start();
    the("websocket").stand();
    vi.advanceTimersByTime(1000);
    the("polling").stand().say("<html>");
    expect(codes()).toEqual(["polling not-socketio", "websocket not-socketio"]);
    expect(log.at(-1)).toContain("lost polling error");
  });

  it("is lost once, when the last of those that run has failed", () => {
    const { race, log, the } = setUp(["websocket", "webtransport", "polling"]);
    race.start();
    vi.advanceTimersByTime(2000);
    for (const name of ["polling", "websocket", "webtransport"]) {
      expect(log).toEqual(["trying websocket", "trying webtransport", "trying polling"]);
      the(name).fail();
    }
    expect(log.slice(3)).toEqual(["lost polling error,websocket error,webtransport error"]);
  });

  it("counts those that were silent when it is stopped, and hears nothing more", () => {
    const { race, log, the, codes } = setUp(["websocket", "polling"]);
    race.start();
    vi.advanceTimersByTime(1000);
    const { sink } = the("polling");
    the("websocket").stand();
    race.stop();
    expect(codes()).toEqual(["websocket timeout", "polling timeout"]);
    sink.closed({ kind: "error", message: "late" });
    expect(log.filter((line) => !line.startsWith("trying"))).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("takes an open stream that never greets for another kind of server (TRA-15)", () => {
    const { race, log, the, codes } = setUp(["websocket"]);
    race.start();
    the("websocket").stand();
    vi.advanceTimersByTime(2499);
    expect(codes()).toEqual([]);
    vi.advanceTimersByTime(1);
    expect([codes(), log.at(-1)]).toEqual([["websocket not-socketio"], "lost websocket error"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("doesn't count the time for which the page was busy (TRA-16)", () => {
    const { race, the, log } = setUp(["websocket"]);
    race.start();
    the("websocket").stand();
    // a long task: the clock goes on, and no timer runs
    const later = performance.now() + 10_000;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => later);
    vi.advanceTimersByTime(500);
    clock.mockRestore();
    vi.advanceTimersByTime(2400);
    the("websocket").say('0{"sid":"s","upgrades":[],"pingInterval":1,"pingTimeout":1}');
    expect(log.at(-1)).toBe("won websocket s");
  });

  it("holds no silence against one that others overtake: it is slow, and didn't fail (TRA-21)", () => {
    const { race, the, memory } = setUp(["websocket", "polling"]);
    race.start();
    vi.advanceTimersByTime(1000);
    the("polling").shakeHands();
    expect(memory.recall("websocket")).toMatchObject({ worked: false, fails: 0 });
  });

  it("goes on when a class throws while it opens or closes", () => {
    const report = vi.fn();
    vi.stubGlobal("reportError", report);
    onTestFinished(() => void vi.unstubAllGlobals());
    const { race, the, log } = setUp(["websocket", "polling"]);
    race.start();
    the("websocket").close = () => {
      throw new Error("can't");
    };
    the("websocket").sink.closed({ kind: "error", message: "websocket error" });
    the("polling").shakeHands();
    expect(log.at(-1)).toBe("won polling session");
    expect(report).toHaveBeenCalledOnce();
  });

  it.each([
    [{ status: 413 }, "too-large"],
    [{ status: 503, body: '{"code":1,"message":"busy"}' }, "http-status"],
    [{ status: 400, body: '{"code":1,"message":"Session ID unknown"}' }, "session-unknown"],
    [
      { status: 400, body: '{"code":5,"message":"Unsupported protocol version"}' },
      "unsupported-version",
    ],
    [{ status: 400, body: "Bad request" }, "http-status"],
    [{ status: 403, body: '{"code":4,"message":"Forbidden"}' }, "http-status"],
    [{ status: 426 }, "not-socketio"],
    [{ status: 502 }, "http-status"],
    [{}, "unreachable"],
  ])("knows what %j means", (failure, code) => {
    const { race, the, codes } = setUp(["polling"]);
    race.start();
    the("polling").fail(failure);
    expect(codes()).toEqual([`polling ${code}`]);
    expect(race.attempts[0]?.status).toBe((failure as { status?: number }).status);
  });

  it("knows that the device is offline", () => {
    vi.stubGlobal("navigator", { onLine: false });
    onTestFinished(() => void vi.unstubAllGlobals());
    const { race, the, codes } = setUp(["polling"]);
    race.start();
    the("polling").fail();
    expect(codes()).toEqual(["polling offline"]);
  });

  it("gives each that joins a head start of its own", () => {
    const { race, log, the } = setUp(["a", "b", "c"]);
    race.start();
    vi.advanceTimersByTime(500);
    the("a").fail();
    vi.advanceTimersByTime(999);
    expect(log).toEqual(["trying a", "trying b"]);
    vi.advanceTimersByTime(1);
    expect(log.at(-1)).toBe("trying c");
  });

  it.each([
    [1000, 999, []],
    [1000, 1000, ["a timeout"]],
    // without a head start, a second counts as slow
    [0, 999, []],
    [0, 1000, ["a timeout"]],
  ])("with a head start of %i ms, counts what was silent for %i ms: %j", (headStart, ms, slow) => {
    const { race, the, codes } = setUp(["a", "b"], headStart);
    race.start();
    if (headStart) race.start();
    vi.advanceTimersByTime(ms);
    the("b").shakeHands();
    expect(codes()).toEqual(slow);
  });

  it("tells how long each try took, and what went wrong", () => {
    const { race, the } = setUp(["websocket", "polling"]);
    race.start();
    vi.advanceTimersByTime(20);
    const cause = new Error("refused");
    the("websocket").fail({ status: 502, cause });
    vi.advanceTimersByTime(7);
    race.stop();
    expect(race.attempts).toEqual([
      { transport: "websocket", ms: 20, code: "http-status", status: 502, cause },
      { transport: "polling", ms: 7, code: "timeout", status: undefined, cause: undefined },
    ]);
  });

  it("holds nothing against polling, whose failure keeps its code", () => {
    const { race, the, memory, codes } = setUp(["polling", "websocket"]);
    race.start();
    the("polling").fail({ status: 502 });
    the("websocket").shakeHands();
    expect([codes(), memory.recall("polling")]).toEqual([["polling http-status"], undefined]);
  });

  it.each([
    ["websocket", { status: 502 }, "websocket-blocked", 1],
    ["websocket", {}, "websocket-blocked", 1],
    ["websocket", { status: 413 }, "too-large", 1],
    ["webtransport", { status: 502 }, "http-status", 1],
    ["webtransport", {}, "unreachable", 1],
    ["websocket", { code: "timeout" }, "timeout", 0],
    // polling has shown that it is a Socket.IO server: its handshake was lost on the way
    ["websocket", { code: "not-socketio" }, "timeout", 0],
  ] as const)(
    "says of a %s that failed with %j while polling works: %s",
    (name, failure, code, fails) => {
      const { race, the, memory, codes } = setUp([name, "polling"]);
      race.start();
      the(name).fail(failure);
      the("polling").shakeHands();
      expect(codes()).toEqual([`${name} ${code}`]);
      expect(memory.recall(name)).toMatchObject({ worked: false, fails });
    },
  );

  it("says of an open, silent WebSocket what HTTP was answered, in its words", () => {
    const { race, the, log, codes } = setUp(["websocket", "polling"]);
    race.start();
    the("websocket").stand();
    vi.advanceTimersByTime(1000);
    the("polling").fail({ code: "unsupported-version", message: "xhr poll error" });
    expect(codes()).toEqual(["polling unsupported-version", "websocket unsupported-version"]);
    expect(log.at(-1)).toBe("lost xhr poll error,xhr poll error");
  });

  it("waits for a WebSocket that is not open yet, whatever HTTP was answered", () => {
    const { race, the, log } = setUp(["websocket", "polling"]);
    race.start();
    vi.advanceTimersByTime(1000);
    the("polling").fail({ code: "not-socketio" });
    the("websocket").shakeHands();
    expect(log.at(-1)).toBe("won websocket session");
  });

  it("waits for an open, silent WebSocket where HTTP failed otherwise", () => {
    const { race, the, log } = setUp(["websocket", "polling"]);
    race.start();
    the("websocket").stand();
    vi.advanceTimersByTime(1000);
    the("polling").fail({ status: 502 });
    the("websocket").shakeHands();
    expect(log.at(-1)).toBe("won websocket session");
  });

  it("waits for what a carrier without a stream brings, however long it is silent", () => {
    const { race, the, log } = setUp(["polling"], 1000, { streams: false });
    race.start();
    the("polling").stand();
    vi.advanceTimersByTime(60_000);
    the("polling").shakeHands();
    expect(log.at(-1)).toBe("won polling session");
  });

  it("does nothing when nothing is left to try", () => {
    const { race, log } = setUp(["websocket"]);
    race.start();
    race.start();
    expect(log).toEqual(["trying websocket"]);
  });

  it("hears no handshake of one that lost", () => {
    const { race, the, log } = setUp(["a", "b"], 0);
    race.start();
    vi.advanceTimersByTime(0);
    const { sink } = the("a");
    the("b").shakeHands();
    sink.text('0{"sid":"late","upgrades":[],"pingInterval":1,"pingTimeout":1}');
    expect(log.filter((line) => line.startsWith("won"))).toEqual(["won b session"]);
  });
});
