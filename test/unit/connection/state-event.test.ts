import { beforeEach, describe, expect, it, vi } from "vitest";
import { isolate, scriptedClient, type ScriptedClient } from "../../support/scripted-client.js";
import { networkDouble, type NetworkDouble } from "../../support/network-double.js";

beforeEach(() => isolate());

function watched(options = {}): {
  client: ScriptedClient;
  network: NetworkDouble;
  states: () => unknown[][];
} {
  const network = networkDouble();
  const client = scriptedClient({
    network,
    autoConnect: false,
    reconnectionDelay: 1000,
    reconnectionDelayMax: 60_000,
    ...options,
  });
  const log: unknown[][] = [];
  client.manager.on("state", (...args) => log.push(args));
  return { client, network, states: () => log.splice(0) };
}

describe("The event state", () => {
  it("tells new, old and why, and while waiting the attempt and the delay (STA-1)", async () => {
    const { client, states } = watched();
    client.manager.open();
    client.shakeHands();
    await client.fail({ kind: "close" });
    await vi.advanceTimersByTimeAsync(1000);
    await client.fail();
    expect(states()).toEqual([
      ["opening", "closed", "connect", 0],
      ["open", "opening", "opened"],
      ["waiting", "open", "transport close", 1, 1000],
      ["opening", "waiting", "delayElapsed", 1],
      ["waiting", "opening", "unreachable", 2, 2000],
    ]);
  });

  it("comes before the events of the reference client, with manager.state as it says (STA-2)", async () => {
    const { client } = watched();
    client.manager.on("state", (state) => {
      client.log.push(`state ${state}`);
      expect(client.manager.state).toBe(state);
    });
    client.manager.open();
    client.shakeHands();
    await client.fail();
    client.manager._close();
    expect(client.told()).toEqual([
      "state opening",
      "state open",
      "open",
      "state waiting",
      "close transport error",
      "state closed",
      "close forced close",
    ]);
  });

  it("lets an app offer a button: connect() ends the waiting (STA-4)", async () => {
    const { client, states } = watched();
    client.manager.open();
    await client.fail();
    states();
    client.manager.connect();
    expect(states()).toEqual([["opening", "waiting", "connect", 1]]);
    expect(client.tries).toBe(2);
  });

  it("tells of a network that is gone, and why it tries again (STA-5)", async () => {
    const { client, network, states } = watched();
    client.manager.open();
    await client.fail();
    states();
    network.tell("offline");
    network.tell("wake");
    await client.fail();
    expect(states()).toEqual([
      ["offline", "waiting", "offline"],
      ["opening", "offline", "wake", 1],
      ["waiting", "opening", "unreachable", 2, 2000],
      ["offline", "waiting", "offline"],
    ]);
  });

  it("tells of a page that is put away (STA-5)", async () => {
    const { client, network, states } = watched();
    client.manager.open();
    client.shakeHands();
    states();
    network.tell("sleep");
    expect(states()).toEqual([["offline", "open", "sleep"]]);
  });

  it("tells when it gave up (STA-6)", async () => {
    const { client, states } = watched({ reconnectionAttempts: 1 });
    client.manager.open();
    await client.fail();
    await vi.advanceTimersByTimeAsync(1000);
    await client.fail();
    expect(states().at(-1)).toEqual(["failed", "opening", "unreachable"]);
    expect(client.manager.state).toBe("failed");
  });

  it("comes once for each change, and may be unsubscribed (STA-3)", async () => {
    const { client, network, states } = watched();
    client.manager.open();
    client.manager.open();
    network.tell("wake");
    network.tell("offline");
    expect(states()).toHaveLength(1);
    client.manager.off("state");
    await client.fail();
    expect(states()).toEqual([]);
  });
});

describe("The minimum uptime", () => {
  /** Connects of the first 2.5 s to a server that greets and then dies after `life` milliseconds. */
  async function connects(life: number, options = {}): Promise<number> {
    const { client } = watched({ reconnectionDelay: 100, reconnectionDelayMax: 5000, ...options });
    const until = Date.now() + 2500;
    client.manager.open();
    let seen = 0;
    while (Date.now() < until) {
      if (client.tries > seen) {
        seen = client.tries;
        client.shakeHands();
        await vi.advanceTimersByTimeAsync(life);
        await client.fail({ kind: "close" });
      } else await vi.advanceTimersByTimeAsync(1);
    }
    return client.tries;
  }

  it.each([0, 1, 20, 100])("spares a server that dies after %i ms (REC-7)", async (life) => {
    for (const chance of [0, 0.5, 0.9999]) {
      vi.spyOn(Math, "random").mockReturnValue(chance);
      expect(await connects(life, { randomizationFactor: 0.5 })).toBeLessThanOrEqual(6);
      vi.restoreAllMocks();
    }
  });

  it("doesn't stand in the way of a connection that lasted", async () => {
    expect(await connects(60, { minUptime: 50 })).toBeGreaterThan(10);
  });

  it("counts from the moment at which the connection is open (REC-5)", async () => {
    const { client, states } = watched({ minUptime: 1000 });
    client.manager.open();
    for (let round = 0; round < 2; round++) {
      await vi.advanceTimersByTimeAsync(4000);
      client.shakeHands();
      await vi.advanceTimersByTimeAsync(999);
      await client.fail();
      client.manager.open();
    }
    const delays = states().filter(([state]) => state === "waiting");
    expect(delays.map((args) => args.at(-1))).toEqual([1000, 2000]);
  });

  it("is five seconds by default (REC-6)", async () => {
    const { client, states } = watched();
    client.manager.open();
    for (const life of [4999, 5000]) {
      client.shakeHands();
      await vi.advanceTimersByTimeAsync(life);
      await client.fail();
      client.manager.open();
    }
    client.shakeHands();
    await client.fail();
    const delays = states().filter(([state]) => state === "waiting");
    expect(delays.map((args) => args.at(-1))).toEqual([1000, 1000, 2000]);
  });
});
