/** Reports of runs on the network, and what walks their states again. */
import { describe, expect, it } from "vitest";
import { record, type Report, statesOf, type States } from "../../../src/recorder/index.js";
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

describe("replay()", () => {
  it("walks the states of a run with an outage, a sleep and a refusal", async () => {
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

  it("begins where the recording begins", async () => {
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

  it("walks whatever faults lead to", { timeout: 60_000 }, async () => {
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

  it("says where its client goes another way", async () => {
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

  it("takes nothing but reports", async () => {
    await expect(replay({ version: 0 } as never)).rejects.toMatchObject({ code: "invalid-option" });
  });
});
