import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Engine } from "../../../src/index.js";
import { isolate, scriptedClient } from "../../support/scripted-client.js";
import { scriptedTransport, type ScriptedTransport } from "../../support/scripted-transport.js";

beforeEach(() => isolate());

/** Open over polling, at a server that offers two better transports. */
function polling() {
  const Polling = scriptedTransport("polling", { streams: false });
  const First = scriptedTransport("webtransport");
  const Second = scriptedTransport("websocket");
  const client = scriptedClient(
    {
      reconnection: false,
      // what is remembered of transports at a place lives as long as the module
      path: `/${Math.random()}`,
      transports: [Polling, First, Second],
    },
    Polling,
  );
  client.transport.shakeHands({ upgrades: ["webtransport", "websocket"], pingInterval: 100_000 });
  const engine = client.manager.engine as Engine;
  const errors: string[] = [];
  engine.on("upgradeError", ({ code, message }) => errors.push(`${code}: ${message}`));
  return { engine, Polling, First, Second, errors };
}

describe("Upgrader", () => {
  it("tries the next transport when one fails, and all of them again later (UPG-7)", () => {
    const { First, Second, errors } = polling();
    expect([First.opened.length, Second.opened.length]).toEqual([1, 0]);
    First.latest.fail();
    expect([First.opened.length, Second.opened.length]).toEqual([1, 1]);
    Second.latest.fail();
    expect(errors).toEqual([
      "transport-error: webtransport error",
      "websocket-blocked: websocket error",
    ]);
    vi.advanceTimersByTime(59_999);
    expect(First.opened.length).toBe(1);
    vi.advanceTimersByTime(1);
    expect([First.opened.length, Second.opened.length]).toEqual([2, 1]);
  });

  it.each(["transport", "try"])(
    "leaves no next %s behind when a listener ends the session",
    (next) => {
      const { engine, First, Second } = polling();
      if (next === "try") First.latest.fail();
      engine.on("upgradeError", () => engine.close());
      (next === "try" ? Second : First).latest.fail();
      expect([engine.readyState, Second.latest.state]).toEqual(["closed", "closed"]);
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  it("tries no other transport when the session closes meanwhile", () => {
    const { engine, Polling, First, Second, errors } = polling();
    First.latest.stand();
    // this poll has to arrive first
    Polling.latest.askedAt = performance.now();
    First.latest.say("3probe");
    engine.close();
    expect(engine.readyState).toBe("closing");
    First.latest.fail();
    expect([errors.length, Second.opened, engine.readyState]).toEqual([1, [], "closed"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("waits twice as long after each failure, up to 15 minutes (UPG-12)", () => {
    const { engine, First, Second, Polling } = polling();
    const fail = (): void => {
      First.latest.fail();
      Second.latest.fail();
    };
    /** Minutes until the next try, while the server pings. */
    const wait = (): number => {
      const { length } = First.opened;
      for (let minute = 1; ; minute++) {
        vi.advanceTimersByTime(60_000);
        Polling.latest.say("2");
        if (First.opened.length > length || minute > 60) return minute;
      }
    };
    const waits = Array.from({ length: 6 }, () => (fail(), wait()));
    expect([waits, engine.readyState]).toEqual([[1, 2, 4, 8, 15, 15], "open"]);
  });
});

describe("Upgrader > where a race has tried the stream before", () => {
  const place = { path: `/${Math.random()}` };

  /** Polling wins a race that a WebSocket has begun, and the server offers the upgrade. */
  function outrun(lose: (stream: ScriptedTransport) => void, options = {}) {
    const Stream = scriptedTransport("websocket");
    const Polling = scriptedTransport("polling", { streams: false });
    const client = scriptedClient(
      { path: `/${Math.random()}`, transports: [Stream, Polling], ...options },
      Polling,
    );
    lose(Stream.latest);
    Polling.latest.shakeHands({ upgrades: ["websocket"], pingInterval: 100_000 });
    return { client, Stream };
  }

  it("waits for a minute when it was refused just now (UPG-13)", () => {
    const { Stream } = outrun((stream) => stream.fail({ status: 403 }));
    vi.advanceTimersByTime(59_999);
    expect(Stream.opened).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(Stream.opened).toHaveLength(2);
  });

  it("tries at once when another one was refused", () => {
    const Other = scriptedTransport("webtransport");
    const Stream = scriptedTransport("websocket");
    const Polling = scriptedTransport("polling", { streams: false });
    const path = `/${Math.random()}`;
    scriptedClient({ path, transports: [Other, Polling, Stream] }, Polling);
    Other.latest.fail({ status: 403 });
    Polling.latest.shakeHands({ upgrades: ["websocket"] });
    expect(Stream.opened).toHaveLength(1);
  });

  it("begins no second upgrade beside one that is under way", () => {
    const { client, Stream } = outrun(() => void vi.advanceTimersByTime(1000));
    expect(Stream.opened).toHaveLength(2);
    client.manager.engine.retryUpgrade();
    expect(Stream.opened).toHaveLength(2);
  });

  it("tries at once when it was only silent (UPG-14)", () => {
    const { Stream } = outrun(() => void vi.advanceTimersByTime(1000));
    expect(Stream.opened).toHaveLength(2);
  });

  it("waits for a minute when it has failed repeatedly (UPG-13)", () => {
    const opened = Array.from({ length: 3 }, () => {
      const Stream = scriptedTransport("websocket");
      const Polling = scriptedTransport("polling", { streams: false });
      const transports = [Polling, Stream];
      const client = scriptedClient({ ...place, transports, reconnection: false }, Polling);
      Polling.latest.shakeHands({ upgrades: ["websocket"] });
      const { length } = Stream.opened;
      Stream.opened.at(-1)?.fail();
      client.manager._close();
      return length;
    });
    expect(opened).toEqual([1, 1, 0]);
  });
});
