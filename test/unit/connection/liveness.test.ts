import { beforeEach, describe, expect, it, vi } from "vitest";
import type { NetworkEvent } from "../../../src/index.js";
import {
  isolate,
  scriptedClient,
  type ScriptedClient,
  settle,
} from "../../support/scripted-client.js";
import { elapse } from "../../support/clock.js";
import { networkDouble, type NetworkDouble } from "../../support/network-double.js";

beforeEach(() => isolate());

interface Scene {
  client: ScriptedClient;
  network: NetworkDouble;
  probes: () => string[];
}

function open(options = {}): Scene {
  const network = networkDouble();
  const client = scriptedClient({ network, reconnectionDelay: 5000, ...options }).shakeHands();
  const probes = (): string[] =>
    client.transport.sent.map(String).filter((frame) => frame.includes("/tautline-probe-"));
  return { client, network, probes };
}

const refusal = (nsp: string): string => `44${nsp},{"message":"Invalid namespace"}`;

/** What servers answer to a probe, each in its way. */
const answers = [
  { server: "refuses, as socket.io does", answer: refusal("/tautline-probe-1") },
  {
    server: "refuses with a text, as python-socketio does",
    answer: '44/tautline-probe-1,"Unable to connect"',
  },
  { server: "accepts, as a catch-all namespace does", answer: '40/tautline-probe-1,{"sid":"a"}' },
  { server: "says something else", answer: '42["news"]' },
  { server: "pings", answer: "2" },
];

const causes: NetworkEvent[] = ["wake", "online", "offline", "networkchange"];

describe("The liveness probe", () => {
  describe.each(causes)("after %s", (cause) => {
    it.each(answers)(
      "leaves the connection alone when the server $server (PRB-1)",
      async ({ answer }) => {
        const { client, network, probes } = open();
        network.tell(cause);
        expect(probes()).toEqual(["40/tautline-probe-1,"]);
        await vi.advanceTimersByTimeAsync(1999);
        client.transport.say(answer);
        await vi.advanceTimersByTimeAsync(20_000);
        expect(client.told()).toEqual(["open"]);
        expect(client.tries).toBe(1);
      },
    );

    it("closes a connection that says nothing with a ping timeout (PRB-2)", async () => {
      const { client, network } = open();
      const closed = vi.fn();
      client.manager.on("close", closed);
      network.tell(cause);
      await vi.advanceTimersByTimeAsync(1999);
      expect(closed).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(1);
      expect(closed.mock.calls).toEqual([
        ["ping timeout", { description: "the server did not answer a probe" }],
      ]);
    });
  });

  it.each(["wake", "online", "networkchange"] as const)(
    "reconnects at once when the line was found dead after %s (PRB-3)",
    async (cause) => {
      const { client, network } = open();
      network.tell(cause);
      // a delay of 0 that is asked for from inside a timer takes a fake millisecond
      await vi.advanceTimersByTimeAsync(2001);
      expect(client.told()).toEqual(["open", "close ping timeout", "reconnect_attempt 1"]);
      expect(client.tries).toBe(2);
    },
  );

  it("waits for the network when the line was found dead and the host is offline (PRB-4)", async () => {
    const { client, network } = open();
    network.tell("offline");
    await vi.advanceTimersByTimeAsync(10_000);
    expect(client.manager.state).toBe("offline");
    expect(client.tries).toBe(1);
    network.tell("online");
    await vi.advanceTimersByTimeAsync(250);
    expect(client.tries).toBe(2);
  });

  it("reconnects at once when the carrier says that it is dead before the probe could (PRB-5)", async () => {
    const { client, network } = open();
    network.tell("wake");
    await client.fail();
    expect(client.told()).toEqual(["open", "close transport error", "reconnect_attempt 1"]);
    await client.fail();
    await vi.advanceTimersByTimeAsync(4000);
    expect(client.tries).toBe(2);
  });

  it("is in a hurry once only: the next delay is one of the schedule", async () => {
    const { client, network } = open();
    network.tell("wake");
    await vi.advanceTimersByTimeAsync(2001);
    expect(client.tries).toBe(2);
    await client.fail();
    await vi.advanceTimersByTimeAsync(4000);
    expect(client.tries).toBe(2);
  });

  it("has the time of the option probeTimeout (PRB-6)", async () => {
    const { client, network } = open({ probeTimeout: 70 });
    network.tell("wake");
    await vi.advanceTimersByTimeAsync(69);
    expect(client.manager.state).toBe("open");
    await vi.advanceTimersByTimeAsync(1);
    expect(client.manager.state).not.toBe("open");
  });

  it("is one at a time, and uses a namespace again that was answered (PRB-7)", async () => {
    const { client, network, probes } = open();
    for (const cause of causes) network.tell(cause);
    expect(probes()).toEqual(["40/tautline-probe-1,"]);
    client.transport.say(refusal("/tautline-probe-1"));
    network.tell("wake");
    expect(probes()).toEqual(["40/tautline-probe-1,", "40/tautline-probe-1,"]);
  });

  it("leaves a catch-all namespace again that let it in, and no other (PRB-8)", async () => {
    const { client, network, probes } = open();
    network.tell("wake");
    client.transport.say('40/tautline-probe-1,{"sid":"a"}');
    client.transport.say('42/tautline-probe-1,["welcome"]');
    expect(probes()).toEqual(["40/tautline-probe-1,", "41/tautline-probe-1,"]);
  });

  it("asks again when the page was frozen before the answer was due (PRB-12)", async () => {
    const { client, network, probes } = open();
    network.tell("wake");
    // time goes on while timers stand still: the decision comes late
    elapse(60_000);
    await vi.advanceTimersByTimeAsync(2000);
    expect(probes()).toHaveLength(2);
    client.transport.say(refusal("/tautline-probe-2"));
    await vi.advanceTimersByTimeAsync(2000);
    expect([client.told(), client.manager.state]).toEqual([["open"], "open"]);
  });

  it("lets go of its timer with the connection", async () => {
    const { client, network } = open({ reconnection: false });
    network.tell("wake");
    await client.fail();
    expect(vi.getTimerCount()).toBe(0);
    expect(client.told()).toEqual(["open", "close transport error"]);
  });

  it("keeps no packet from the namespaces of the app (PRB-9)", async () => {
    const { client, network } = open();
    const socket = client.socket("/chat");
    await settle();
    client.transport.say('40/chat,{"sid":"a"}');
    const heard = vi.fn();
    socket.on("hello", heard);
    network.tell("wake");
    client.transport.say('42/chat,["hello"]').say(refusal("/tautline-probe-1"));
    expect(heard).toHaveBeenCalledOnce();
    expect(client.told()).toEqual(["open", "connect"]);
  });
});

describe("The heartbeat", () => {
  const beats = { pingInterval: 1000, pingTimeout: 500 };

  it("ends a connection whose pings stay away (PRB-17)", async () => {
    const client = scriptedClient({ reconnection: false, network: false }).shakeHands(beats);
    await vi.advanceTimersByTimeAsync(1500);
    expect(client.told()).toEqual(["open", "close ping timeout"]);
  });

  it("asks before it believes a timer that came too late (PRB-13)", async () => {
    const client = scriptedClient({ network: false }).shakeHands(beats);
    elapse(60_000);
    await vi.advanceTimersByTimeAsync(1500);
    expect(client.transport.sent).toEqual(["40/tautline-probe-1,"]);
    client.transport.say(refusal("/tautline-probe-1"));
    await vi.advanceTimersByTimeAsync(1400);
    expect(client.manager.state).toBe("open");
    await vi.advanceTimersByTimeAsync(200);
    expect(client.manager.state).not.toBe("open");
  });

  it("goes on when a ping was waiting behind the late timer (PRB-13)", async () => {
    const client = scriptedClient({ network: false }).shakeHands(beats);
    elapse(60_000);
    await vi.advanceTimersByTimeAsync(1500);
    client.transport.say("2");
    await vi.advanceTimersByTimeAsync(1400);
    client.transport.say("2");
    await vi.advanceTimersByTimeAsync(1400);
    expect(client.told()).toEqual(["open"]);
  });

  it("keeps what is emitted past the deadline until the line has proved itself (PRB-14)", async () => {
    const client = scriptedClient({ network: false });
    const socket = client.socket();
    client.shakeHands(beats);
    await settle();
    client.transport.say('40{"sid":"a"}');
    elapse(60_000);
    await settle();
    socket.emit("late");
    await settle();
    expect(client.transport.sent).toEqual(["40", "40/tautline-probe-1,"]);
    client.transport.say(refusal("/tautline-probe-1"));
    expect(client.transport.sent.slice(2)).toEqual(['42["late"]']);
  });

  it("sends what was emitted past the deadline over the next connection when the line was dead (PRB-15)", async () => {
    const client = scriptedClient({ network: false });
    const socket = client.socket();
    client.shakeHands(beats);
    await settle();
    client.transport.say('40{"sid":"a"}');
    elapse(60_000);
    await settle();
    socket.emit("late");
    await vi.advanceTimersByTimeAsync(2001);
    expect(client.tries).toBe(2);
    await client.enter();
    await settle();
    expect(client.transport.sent).toEqual(["40", '42["late"]']);
  });
});
