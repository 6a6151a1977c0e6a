/** Reports of runs on the network, and what walks their states again. */
import { describe, expect, it } from "vitest";
import { record, type Report, statesOf, type States } from "../../../src/recorder/index.js";
import { seeded } from "../../../src/test-kit/seeded.js";
import { faultsOf, network, replay, type TestNetwork } from "../../../src/test-kit/index.js";

const ADDRESS = "https://chat.example";

/** Without times: a replay has its own. */
function ways({ connection, channels }: States): object {
  const way = ({ start, steps }: { start: string; steps: { event: string; state: string }[] }) => [
    start,
    ...steps.map(({ event, state }) => `${event} ${state}`),
  ];
  return {
    connection: way(connection),
    channels: Object.fromEntries(Object.entries(channels).map(([nsp, one]) => [nsp, way(one)])),
  };
}

/** What was recorded, as it comes out of a bug report. */
async function recorded(run: (net: TestNetwork) => Promise<Report>, seed = 1): Promise<Report> {
  const net = network({ seed });
  try {
    return JSON.parse(JSON.stringify(await run(net))) as Report;
  } finally {
    await net.close();
  }
}

/** Two namespaces, whose app and server come and go as the seed says. */
async function busy(net: TestNetwork, seed: number): Promise<Report> {
  const random = seeded(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const server = net.server(ADDRESS);
  server.of("/other");
  let refusedUntil = 0;
  let retryable = false;
  server.use((_socket, next) =>
    next(
      net.now < refusedUntil ? Object.assign(new Error("no"), { data: { retryable } }) : undefined,
    ),
  );
  const options = {
    transports: pick([["polling"], ["websocket"], ["polling", "websocket"]]),
    ...pick([{}, { auth: () => ({}) }, { auth: () => Promise.resolve({}) }]),
    ...pick([{}, { reconnectionAttempts: 2 }]),
  } as const;
  const socket = net.io(ADDRESS, options);
  const other = net.io(`${ADDRESS}/other`, options);
  const recording = record(socket);
  const refuse = (): void => {
    refusedUntil = net.now + 8000;
    retryable = random() < 0.5;
    net.cut();
  };
  const acts = [
    () => socket.disconnect(),
    () => socket.connect(),
    () => other.disconnect().connect(),
    () => server.disconnectSockets(random() < 0.5),
    refuse,
  ];
  for (let act = 0; act < 6; act++) net.later(Math.floor(random() * 40_000), pick(acts));
  for (const fault of faultsOf({ seed, maxFaults: 4 }))
    net.later(fault.at, () => net.strike(fault));
  net.later(30_000, () => net.heal());
  await net.advance(20_000 + Math.floor(random() * 40_000));
  return recording.report();
}

describe("replay()", () => {
  it("walks the states of a run with an outage, a sleep and a refusal (KIT-36)", async () => {
    const report = await recorded(async (net) => {
      const server = net.server(ADDRESS);
      let isFull = true;
      server.of("/room").use((_socket, next) => {
        next(isFull ? Object.assign(new Error("full"), { data: { retryable: true } }) : undefined);
        isFull = false;
      });
      const socket = net.io(ADDRESS, { reconnectionAttempts: 3 });
      const room = net.io(`${ADDRESS}/room`);
      const recording = record(socket);
      await net.until(() => room.connected);
      server.disconnectSockets();
      await net.until(() => !socket.connected);
      socket.connect();
      await net.until(() => socket.connected);
      net.halfOpen();
      await net.until(() => !socket.connected);
      net.offline();
      await net.advance(30_000);
      net.online();
      await net.until(() => socket.connected);
      net.kill();
      await net.advance(60_000);
      expect(socket.io.state).toBe("failed");
      return recording.report();
    });
    const { states, transcript } = await replay(report);
    expect(ways(states)).toEqual(ways(statesOf(report)));
    expect(transcript).toContain("! half-open");
    const events = states.connection.steps.map(({ event }) => event);
    expect(events).toContain("networkLost");
    expect(events.at(-1)).toBe("exhausted");
    expect(states.channels["/room"]?.steps.map(({ event }) => event)).toContain("retry");
  });

  it("begins where the recording begins (KIT-37)", async () => {
    const report = await recorded(async (net) => {
      net.server(ADDRESS);
      const socket = net.io(ADDRESS);
      await net.until(() => socket.connected);
      const recording = record(socket);
      net.cut();
      await net.until(() => !socket.connected);
      socket.disconnect();
      await net.advance(1000);
      return recording.report();
    });
    const { states } = await replay(report);
    expect(states.connection.start).toBe("open");
    expect(ways(states)).toEqual(ways(statesOf(report)));
  });

  it("walks whatever faults lead to (KIT-36)", { timeout: 60_000 }, async () => {
    for (let seed = 1; seed <= 60; seed++) {
      const report = await recorded(async (net) => {
        net.server(ADDRESS);
        for (const fault of faultsOf({ seed, maxFaults: 8 }))
          net.later(fault.at, () => net.strike(fault));
        net.later(10_000, () => net.heal());
        const socket = net.io(ADDRESS, { transports: ["polling", "websocket"] });
        net.io(`${ADDRESS}/other`);
        const recording = record(socket);
        await net.advance(8000 + 500 * seed);
        return recording.report();
      }, seed);
      const { states } = await replay(report);
      expect([seed, ways(states)]).toEqual([seed, ways(statesOf(report))]);
    }
  });

  it("walks what apps and servers do to namespaces (KIT-36)", { timeout: 60_000 }, async () => {
    const seen: Record<string, number> = {};
    for (let seed = 1; seed <= 40; seed++) {
      const report = await recorded((net) => busy(net, seed), seed);
      const { states } = await replay(report);
      expect([seed, ways(states)]).toEqual([seed, ways(statesOf(report))]);
      for (const { event } of states.channels["/"]?.steps ?? [])
        seen[event] = (seen[event] ?? 0) + 1;
    }
    const events = ["connect", "lineLost", "expelled", "disconnect", "toldServer", "retry"];
    expect(Object.keys(seen)).toEqual(expect.arrayContaining([...events, "refused", "exhausted"]));
  });

  it(
    "walks the rest of a report whose beginning is lost (KIT-56)",
    { timeout: 60_000 },
    async () => {
      for (let seed = 1; seed <= 40; seed++) {
        const report = await recorded(async (net) => {
          const server = net.server(ADDRESS, { pingInterval: 5000, pingTimeout: 4000 });
          server.of("/other");
          const options = {
            transports: seed % 2 ? ["websocket"] : ["polling", "websocket"],
          } as const;
          const socket = net.io(ADDRESS, options);
          net.io(`${ADDRESS}/other`, options);
          const recording = record(socket, { bytes: 8192 });
          for (const fault of faultsOf({ seed })) net.later(fault.at, () => net.strike(fault));
          net.later(10_000, () => net.heal());
          await net.advance(60_000);
          for (let cut = 0; cut < 10; cut++) {
            net.cut();
            await net.advance(7000 + 100 * seed);
          }
          return recording.report();
        }, seed);
        expect(report.lost.notes).toBeGreaterThan(0);
        const { from, states } = await replay(report);
        expect(from).toBeGreaterThan(0);
        const whole = statesOf(report);
        const rest = (steps: { at: number }[]) => steps.filter(({ at }) => at > from).length;
        expect(states.connection.start).toBe("open");
        expect(states.connection.steps).toHaveLength(rest(whole.connection.steps));
        expect(states.connection.steps.length).toBeGreaterThan(5);
        for (const nsp of ["/", "/other"]) {
          const { start, steps } = states.channels[nsp] as States["channels"][string];
          expect([seed, start]).toEqual([seed, "connected"]);
          expect(steps).toHaveLength(rest(whole.channels[nsp]?.steps ?? []));
        }
      }
    },
  );

  it("refuses a report whose beginning is lost and that has no calm moment (KIT-56)", async () => {
    const report = await recorded(async (net) => {
      const socket = net.io(ADDRESS);
      const recording = record(socket, { bytes: 1024 });
      net.server(ADDRESS);
      net.kill();
      await net.advance(300_000);
      return recording.report();
    });
    expect(report.lost.notes).toBeGreaterThan(0);
    await expect(replay(report)).rejects.toMatchObject({
      code: "invalid-option",
      message: expect.stringContaining("`bytes`"),
    });
  });

  it("walks a report during which the app changed `reconnection` (KIT-57)", async () => {
    const report = await recorded(async (net) => {
      net.server(ADDRESS);
      const socket = net.io(ADDRESS);
      const recording = record(socket);
      await net.until(() => socket.connected);
      net.cut();
      await net.until(() => socket.io.state === "waiting");
      await net.until(() => socket.connected);
      net.restart({ downFor: 5000 });
      await net.until(() => socket.io.state === "waiting");
      socket.io.reconnection(false);
      await net.advance(60_000);
      return recording.report();
    });
    const { states } = await replay(report);
    expect(ways(states)).toEqual(ways(statesOf(report)));
    expect(states.connection.steps.map(({ event }) => event)).toContain("exhausted");
  });

  it("says where its client goes another way (KIT-38)", async () => {
    const report = await recorded(async (net) => {
      net.server(ADDRESS);
      const socket = net.io(ADDRESS);
      const recording = record(socket);
      await net.until(() => socket.connected);
      return recording.report();
    });
    const wrong = report.entries.find(({ kind }) => kind === "channel") as { event: string };
    wrong.event = "accepted";
    await expect(replay(report)).rejects.toMatchObject({
      code: "run-failed",
      message: expect.stringMatching(/\/ went from "\w+" by "accepted" to .* this client went/),
    });
  });

  it("takes nothing but reports (KIT-39)", async () => {
    await expect(replay({ version: 0 } as never)).rejects.toMatchObject({ code: "invalid-option" });
  });
});
