import { atLeastOnce, exactlyOnce, flush } from "../../src/delivery/index.js";
import { describe, expect, it } from "vitest";
import type { NetworkEvent, Socket } from "../../src/index.js";
import type { TautlineError } from "../../src/errors.js";
import { dedupe } from "../../src/server/index.js";
import { client, modes, next, proxyTo, serve } from "../support/harness.js";
import { seeded } from "../../src/test-kit/seeded.js";

const NUMBERS = 10_000;
const CUTS = 100;
const BURST = NUMBERS / CUTS;
/** One packet in so many wants an answer. */
const ASKING = 10;

/** Lets the event loop go round a few times, so that a cut strikes at any step of a connect, an upgrade or a flush. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

type DeliveryMode = "at-most-once" | "at-least-once" | "exactly-once";

const deliveries = {
  "at-most-once": undefined,
  "at-least-once": atLeastOnce(),
  "exactly-once": exactlyOnce(),
};

interface Conditions {
  delivery: DeliveryMode;
  mode: (typeof modes)[number];
  recovers: boolean;
  seed: number;
}

/** Emits numbers while the line is cut again and again; returns what the server's handler saw, in order. */
async function emitThroughCuts({ delivery, mode, recovers, seed }: Conditions) {
  const chance = seeded(seed);
  const below = (count: number): number => Math.floor(chance() * count);
  const server = await serve({
    ...mode.server,
    pingInterval: 300,
    pingTimeout: 300,
    ...(recovers && { connectionStateRecovery: {} }),
  });
  if (delivery === "exactly-once") dedupe(server.io);
  const received: number[] = [];
  server.io.on("connection", (far) => {
    far.on("n", (n: number, ...rest: unknown[]) => {
      received.push(n);
      const answer = rest.at(-1);
      if (typeof answer === "function") answer(n);
    });
    far.on("end", (reply: () => void) => reply());
    far.emit("offset");
  });
  const proxy = await proxyTo(server);
  let signal: (event: NetworkEvent) => void = () => {};
  const socket = client(proxy.url, {
    ...mode.options,
    delivery: deliveries[delivery],
    reconnectionDelay: 1,
    reconnectionDelayMax: 10,
    network: {
      subscribe: (listener) => {
        signal = listener;
        return () => {};
      },
    },
  });
  let deaths = 0;
  let upgrades = 0;
  socket.on("disconnect", () => deaths++);
  socket.io.on("open", () => {
    // or the transport that dies so often would be left alone
    signal("networkchange");
    socket.io.engine?.once("upgrade", () => upgrades++);
  });
  const asked: Promise<unknown>[] = [];
  let sent = 0;
  const emit = (count: number): void => {
    for (let i = 0; i < count && sent < NUMBERS; i++) {
      const n = sent++;
      if (n % ASKING === 0) asked.push(settled(socket.emitWithAck("n", n)));
      else if (n % ASKING === 1) socket.emit("n", n, Uint8Array.of(n));
      else socket.emit("n", n);
    }
  };
  while (deaths < CUTS) {
    emit(below(BURST));
    if (!socket.connected && chance() < 0.9) await next(socket, "connect");
    emit(BURST - below(BURST));
    // most cuts are early, in the middle of an upgrade too
    await turns(below(1 + below(60)));
    proxy.cut({ how: chance() < 0.5 ? "rst" : "fin", side: chance() < 0.95 ? "both" : "server" });
    await turns(below(20));
  }
  emit(NUMBERS);
  await flushed(socket);
  const answers = await Promise.all(asked);
  return { received, answers, deaths, upgrades };
}

/** The line isn't cut any more, but the last cut may still be heard of. */
async function flushed(socket: Socket): Promise<void> {
  for (;;)
    try {
      await flush(socket);
      // received is not handled
      return void (await socket.emitWithAck("end"));
    } catch (error) {
      if ((error as TautlineError).code !== "disconnected") throw error;
    }
}

/** The answer, or the code of the error. */
function settled(asked: Promise<unknown>): Promise<unknown> {
  return asked.catch((error: unknown) => (error as TautlineError).code);
}

const strictlyUp = (numbers: number[]): boolean =>
  numbers.every((n, i) => i === 0 || n > (numbers[i - 1] as number));

describe(`${NUMBERS} packets through ${CUTS} cuts`, () => {
  describe.each(modes)("over $name", (mode) => {
    describe.each([false, true])("with connection state recovery: %s", (recovers) => {
      it.each<[DeliveryMode, number]>([
        ["at-most-once", 1],
        ["at-least-once", 2],
        ["exactly-once", 3],
      ])("keep what %s promises (DLV-1, ONC-9)", async (delivery, seed) => {
        const { received, answers, deaths, upgrades } = await emitThroughCuts({
          delivery,
          mode,
          recovers,
          seed,
        });
        expect(deaths).toBeGreaterThanOrEqual(CUTS);
        if (mode.name.includes("then")) expect(upgrades).toBeGreaterThan(CUTS / 10);
        const first = [...new Set(received)];
        expect(strictlyUp(first), "in order").toBe(true);
        if (delivery !== "at-most-once") expect(first).toHaveLength(NUMBERS);
        if (delivery !== "at-least-once") expect(received).toHaveLength(first.length);
        answers.forEach((answer, i) => expect(["disconnected", i * ASKING]).toContain(answer));
      });
    });
  });
});
