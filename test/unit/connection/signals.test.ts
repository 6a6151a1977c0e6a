import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ManagerState, NetworkEvent } from "../../../src/index.js";
import {
  isolate,
  scriptedClient,
  type ScriptedClient,
  settle,
} from "../../support/scripted-client.js";
import { networkDouble, type NetworkDouble, networkEvents } from "../../support/network-double.js";

beforeEach(() => isolate());

interface Scene {
  client: ScriptedClient;
  network: NetworkDouble;
}

function scene(options = {}): Scene {
  const network = networkDouble();
  return { network, client: scriptedClient({ network, reconnectionDelay: 5000, ...options }) };
}

async function waiting(): Promise<Scene> {
  const { client, network } = scene();
  await client.fail();
  return { client, network };
}

/** The way into each state. */
const ways: Record<ManagerState, () => Scene | Promise<Scene>> = {
  closed: () => scene({ autoConnect: false }),
  opening: () => scene(),
  open: () => {
    const { client, network } = scene();
    client.shakeHands();
    return { client, network };
  },
  waiting,
  offline: async () => {
    const { client, network } = await waiting();
    network.tell("offline");
    return { client, network };
  },
  failed: async () => {
    const { client, network } = scene({ reconnection: false });
    await client.fail();
    return { client, network };
  },
};

const states = Object.keys(ways) as ManagerState[];

/** What a signal does: "probed", or the state that follows, at once or within the spread of the network's causes. */
type Effect = "nothing" | "probed" | "opening at once" | "opening soon" | "offline" | Raced;
/** Another try beside one that may hang. */
type Raced = "raced at once" | "raced soon";

const goesOn: Record<NetworkEvent, Effect> = {
  online: "nothing",
  offline: "nothing",
  wake: "nothing",
  sleep: "nothing",
  networkchange: "nothing",
};

const effects: Record<ManagerState, Record<NetworkEvent, Effect>> = {
  closed: goesOn,
  opening: {
    ...goesOn,
    online: "raced soon",
    wake: "raced at once",
    sleep: "offline",
    networkchange: "raced soon",
  },
  open: {
    online: "probed",
    offline: "probed",
    wake: "probed",
    sleep: "offline",
    networkchange: "probed",
  },
  waiting: {
    online: "opening soon",
    offline: "offline",
    wake: "opening at once",
    sleep: "offline",
    networkchange: "opening soon",
  },
  offline: {
    ...goesOn,
    online: "opening soon",
    wake: "opening at once",
    networkchange: "opening soon",
  },
  failed: goesOn,
};

const probesOf = ({ client }: Scene): number =>
  client.tries === 0
    ? 0
    : client.transport.sent.filter((frame) => String(frame).startsWith("40/tautline-probe-"))
        .length;

describe("Manager", () => {
  describe.each(states)("while %s", (state) => {
    it("is in the state that this test is about", async () => {
      expect((await ways[state]()).client.manager.state).toBe(state);
    });

    it.each(networkEvents.map((event) => ({ event, effect: effects[state][event] })))(
      "answers to $event: $effect (SIG-1)",
      async ({ event, effect }) => {
        vi.spyOn(Math, "random").mockReturnValue(0.999);
        const set = await ways[state]();
        const { client, network } = set;
        const { tries } = client;
        const probes = probesOf(set);
        network.leak(event);
        await settle();
        const soon = effect.endsWith(" soon");
        const atOnce = effect.endsWith(" at once");
        const now =
          effect === "offline" ? "offline" : effect === "opening at once" ? "opening" : state;
        expect(client.manager.state).toBe(now);
        expect(client.tries - tries).toBe(atOnce ? 1 : 0);
        if (!soon && !atOnce) expect(probesOf(set) - probes).toBe(effect === "probed" ? 1 : 0);
        if (effect === "offline")
          expect(client.Scripted.opened.every((one) => one.state === "closed")).toBe(true);
        await vi.advanceTimersByTimeAsync(250);
        expect(client.manager.state).toBe(soon ? "opening" : now);
        expect(client.tries - tries).toBe(soon || atOnce ? 1 : 0);
        vi.restoreAllMocks();
      },
    );

    it("listens to the signals only if it wants to be connected (SIG-11)", async () => {
      const { client, network } = await ways[state]();
      expect(network.subscribers).toBe(state === "closed" || state === "failed" ? 0 : 1);
      client.manager._close();
      expect(network.subscribers).toBe(0);
      client.manager.open();
      expect(network.subscribers).toBe(1);
    });

    it.each(networkEvents)(
      "stays closed after an explicit close, whatever follows %s (SIG-12)",
      async (event) => {
        const { client, network } = await ways[state]();
        network.tell(event);
        client.manager._close();
        await settle();
        const { tries } = client;
        for (const late of networkEvents) network.leak(late);
        await vi.advanceTimersByTimeAsync(3_600_000);
        expect(client.manager.state).toBe("closed");
        expect(client.tries).toBe(tries);
        expect(vi.getTimerCount()).toBe(0);
      },
    );

    it("stays closed after the last socket has disconnected (SIG-12)", async () => {
      const { client, network } = await ways[state]();
      const socket = client.manager.socket("/");
      socket.connect();
      network.tell("online");
      socket.disconnect();
      await settle();
      const { tries } = client;
      for (const late of networkEvents) network.leak(late);
      await vi.advanceTimersByTimeAsync(3_600_000);
      expect(client.manager.state).toBe("closed");
      expect(client.tries).toBe(tries);
    });
  });

  describe("while waiting", () => {
    it.each(["online", "networkchange"] as const)(
      "tries at a random moment within 250 ms after %s (SIG-2)",
      async (event) => {
        const moments = new Set<number>();
        for (const chance of [0, 0.25, 0.5, 0.75, 0.9999]) {
          const { client, network } = await waiting();
          vi.spyOn(Math, "random").mockReturnValue(chance);
          network.tell(event);
          const since = Date.now();
          while (client.tries === 1) await vi.advanceTimersToNextTimerAsync();
          moments.add(Date.now() - since);
          vi.restoreAllMocks();
        }
        expect(moments.size).toBe(5);
        expect(Math.max(...moments)).toBeLessThanOrEqual(250);
      },
    );

    it("tries once, and once beside that, however many signals say the same (SIG-3)", async () => {
      const { client, network } = await waiting();
      for (const event of ["online", "networkchange", "wake"] as const) network.tell(event);
      expect(client.tries).toBe(2);
      for (const event of ["online", "wake", "networkchange", "wake"] as const) network.tell(event);
      await vi.advanceTimersByTimeAsync(4000);
      expect(client.tries).toBe(3);
      expect(client.manager.state).toBe("opening");
    });

    it("takes back a try that the network's return announced, when it is gone again (SIG-4)", async () => {
      const { client, network } = await waiting();
      network.tell("online");
      network.tell("offline");
      await vi.advanceTimersByTimeAsync(20_000);
      expect(client.manager.state).toBe("offline");
      expect(client.tries).toBe(1);
    });

    it("doesn't begin the schedule again because of a signal (SIG-5)", async () => {
      const { client, network } = scene({ reconnectionDelay: 1000, reconnectionDelayMax: 60_000 });
      const delays: unknown[] = [];
      client.manager.on("state", (state, _old, _why, attempt, delay) => {
        if (state === "waiting") delays.push([attempt, delay]);
      });
      for (let round = 0; round < 4; round++) {
        await client.fail();
        network.tell("wake");
        await settle();
      }
      expect(delays).toEqual([
        [1, 1000],
        [2, 2000],
        [3, 4000],
        [4, 8000],
      ]);
    });
  });

  describe("while the host says that it is offline", () => {
    it("tries all the same every 30 seconds (SIG-6)", async () => {
      const { client } = await ways.offline();
      for (const tries of [2, 3]) {
        await vi.advanceTimersByTimeAsync(29_999);
        expect(client.tries).toBe(tries - 1);
        await vi.advanceTimersByTimeAsync(1);
        expect(client.tries).toBe(tries);
        await client.fail();
        expect(client.manager.state).toBe("offline");
      }
    });

    it("goes there too when a connect fails that was under way (SIG-7)", async () => {
      const { client, network } = scene();
      network.tell("offline");
      expect(client.manager.state).toBe("opening");
      await client.fail();
      expect(client.manager.state).toBe("offline");
    });

    it("hears it from a host that says so while it is subscribed to", async () => {
      const client = scriptedClient({ network: networkDouble("offline") });
      await client.fail();
      expect(client.manager.state).toBe("offline");
    });

    it("has forgotten it after it was closed", async () => {
      const { client } = await ways.offline();
      client.manager._close();
      client.manager.open();
      await client.fail();
      expect(client.manager.state).toBe("waiting");
    });

    it("connects at once when it is told to", async () => {
      const { client } = await ways.offline();
      client.manager.connect();
      expect(client.tries).toBe(2);
    });
  });

  describe("when the page is put away", () => {
    it("tells everybody who had the connection, closes it, and is back at once on wake (SIG-8)", async () => {
      const { client, network } = scene();
      client.socket();
      await client.enter();
      client.told();
      const first = client.transport;
      network.tell("sleep");
      expect(client.told()).toEqual(["disconnect transport close", "close transport close"]);
      expect(first.state).toBe("closed");
      network.tell("wake");
      await client.enter();
      expect(client.told()).toEqual(["reconnect_attempt 1", "open", "reconnect 1", "connect"]);
    });

    it("sends later what is emitted meanwhile (SIG-9)", async () => {
      const { client, network } = scene();
      const socket = client.socket();
      await client.enter();
      network.tell("sleep");
      socket.emit("meanwhile");
      network.tell("wake");
      await client.enter();
      await settle();
      expect(client.transport.sent).toContain('42["meanwhile"]');
    });

    it("ignores what comes of a connect that was under way", async () => {
      const { client, network } = scene();
      const { sink } = client.transport;
      network.tell("sleep");
      sink.opened();
      sink.closed({ kind: "error", message: "late" });
      await settle();
      expect(client.manager.state).toBe("offline");
      expect(client.told()).toEqual([]);
    });
  });

  describe("without signals (network: false)", () => {
    it("keeps to the timers (SIG-10)", async () => {
      const client = scriptedClient({ network: false, reconnectionDelay: 1000 });
      await client.fail();
      await vi.advanceTimersByTimeAsync(999);
      expect(client.tries).toBe(1);
      await vi.advanceTimersByTimeAsync(1);
      expect(client.tries).toBe(2);
    });
  });
});
